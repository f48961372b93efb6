//! How a case ends.

use crate::Error;

/// What a case returns; `?` works on it and on what a backend returns.
pub(super) type Outcome<T = ()> = Result<T, NotPassed>;

pub(super) enum NotPassed {
    NotApplicable(&'static str),
    Failed(String),
}

impl From<Error> for NotPassed {
    fn from(error: Error) -> Self {
        Self::Failed(format!("the backend returned an error: {error}"))
    }
}

impl From<tokio::task::JoinError> for NotPassed {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Failed(format!("a task did not come to its end: {error}"))
    }
}

/// The promise, or what is said instead.
macro_rules! ensure {
    ($promise:expr, $($said:tt)+) => {
        if !$promise {
            return Err($crate::testing::outcome::NotPassed::Failed(format!($($said)+)));
        }
    };
}

/// What the case needs of the backend, or why it does not apply.
macro_rules! requires {
    ($needed:expr, $why:literal) => {
        if !$needed {
            return Err($crate::testing::outcome::NotPassed::NotApplicable($why));
        }
    };
}

pub(super) use {ensure, requires};
