//! How a traced `Deserialize` ends when it does not end well.

use std::cell::Cell;
use std::fmt;

use serde::de;

thread_local! {
    static MADE: Cell<usize> = const { Cell::new(0) };
}

/// Why is in the trace.
///
/// Those that are made are counted: a type may swallow one and go on with something else, and what
/// it refused was then not seen to its end.
#[derive(Debug)]
pub(crate) struct Refusal(());

impl Refusal {
    pub(super) fn new() -> Self {
        MADE.set(MADE.get() + 1);
        Self(())
    }

    /// How many were made on this thread.
    pub(super) fn made() -> usize {
        MADE.get()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the invented data was refused")
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::new()
    }
}
