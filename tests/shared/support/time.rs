//! A clock that jumps.

use dogpile::{Clock, ManualClock, Tick};

/// A clock that stands still, and shows a wall clock that is wrong by so many milliseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jumpy {
    pub(crate) steady: ManualClock,
    pub(crate) wrong_by: i64,
}

impl Clock for Jumpy {
    fn now(&self) -> Tick {
        self.steady.now()
    }

    fn wall_millis(&self) -> u64 {
        self.steady.wall_millis().saturating_add_signed(self.wrong_by)
    }
}
