//! The levels at which a driver reports, as marks of the pools that one process watches.

use std::collections::VecDeque;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::ConnectOptions;
use tracing::Level;

/// The levels that nobody has. That which was given back last comes last: a connection that is
/// still being closed may report once more. Those that a driver uses by itself are taken last.
static FREE: LazyLock<Mutex<VecDeque<Level>>> = LazyLock::new(|| {
    Mutex::new([Level::TRACE, Level::INFO, Level::ERROR, Level::WARN, Level::DEBUG].into())
});

/// A level that nobody else has; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Taken(Level);

impl Taken {
    pub(super) fn take() -> Self {
        let level = free().pop_front();
        Self(level.expect("five pools are watched already: statements could not be told apart"))
    }

    pub(super) fn level(&self) -> Level {
        self.0
    }

    /// Options whose connections report at this level, however long a statement takes.
    pub(super) fn mark<O: ConnectOptions>(&self, options: O) -> O {
        let name = self.0.as_str();
        let report = options.log_statements(name.parse().expect("a level"));
        report.log_slow_statements(name.parse().expect("a level"), Duration::MAX)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        free().push_back(self.0);
    }
}

fn free() -> MutexGuard<'static, VecDeque<Level>> {
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}
