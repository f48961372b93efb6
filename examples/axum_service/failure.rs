//! Why the program ends early: one line that says what, and how to mend it.

use std::fmt;

/// Why the program ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something outside the program.
    Outside(String),
    /// The cache did not do what it promises.
    Promise(String),
    /// Ctrl-C.
    Interrupted,
    /// Nobody reads what is printed any more.
    NobodyListens,
}

impl Failure {
    pub(crate) fn outside(why: &dyn fmt::Display) -> Self {
        Self::Outside(why.to_string())
    }

    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Outside(_) | Self::Promise(_) => 1,
            Self::Interrupted => 130,
            Self::NobodyListens => 0,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(why) => f.write_str(why),
            Self::Promise(what) => write!(f, "a promise was broken: {what}"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::NobodyListens => f.write_str("nobody reads the output"),
        }
    }
}
