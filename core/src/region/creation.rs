//! A call that may create, before it is known whether it has to.

use std::sync::Arc;

use super::Region;
use super::keep::{Keep, Rule};
use super::request::Request;
use crate::codec::Wire;
use crate::key::Key;
use crate::value::{Value, serialized_size};

/// One call that may create: what is asked for, and what is done with the result.
pub(super) struct Creation<'r, P> {
    pub(super) region: &'r Region,
    pub(super) request: Request<'r>,
    pub(super) plan: P,
}

impl<P> Clone for Creation<'_, Arc<P>> {
    fn clone(&self) -> Self {
        let Self { region, request, plan } = self;
        Self { region, request: request.clone(), plan: Arc::clone(plan) }
    }
}

/// How values of type `T` are weighed, kept, and turned into bytes.
pub(super) trait Plan<T> {
    /// The weight of a value in bytes, without what the cache adds itself; `None` keeps it out.
    fn weigh(&self, value: &T) -> Option<usize>;

    /// Whether and how long the value is kept.
    fn keep(&self, key: &Key, value: &T) -> Keep;

    /// How a value becomes bytes; `None` where it never leaves the process.
    fn wire(&self) -> Option<Wire<T>>;
}

macro_rules! plan_behind {
    ($($pointer:ty)*) => {$(
        impl<T, P: Plan<T>> Plan<T> for $pointer {
            fn weigh(&self, value: &T) -> Option<usize> {
                (**self).weigh(value)
            }

            fn keep(&self, key: &Key, value: &T) -> Keep {
                (**self).keep(key, value)
            }

            fn wire(&self) -> Option<Wire<T>> {
                (**self).wire()
            }
        }
    )*};
}

plan_behind! { &P Arc<P> }

/// The plan for values that serde knows.
pub(super) struct Coded<R>(pub(super) R);

impl<T: Value, R: Rule<T>> Plan<T> for Coded<R> {
    fn weigh(&self, value: &T) -> Option<usize> {
        Some(serialized_size(value))
    }

    fn keep(&self, key: &Key, value: &T) -> Keep {
        self.0.judge(key, value)
    }

    fn wire(&self) -> Option<Wire<T>> {
        Some(Wire::new())
    }
}

/// The plan for values that stay in this process.
pub(super) struct Kept<W, R> {
    pub(super) weigh: W,
    pub(super) rule: R,
}

impl<T, W: Fn(&T) -> Option<usize>, R: Rule<T>> Plan<T> for Kept<W, R> {
    fn weigh(&self, value: &T) -> Option<usize> {
        (self.weigh)(value)
    }

    fn keep(&self, key: &Key, value: &T) -> Keep {
        self.rule.judge(key, value)
    }

    fn wire(&self) -> Option<Wire<T>> {
        None
    }
}
