//! The bounds and the clock of a store.

use std::sync::Arc;

use super::MemoryBackend;
use crate::clock::{Clock, CoarseClock};
use crate::units::megabytes;

/// Sets up a [`MemoryBackend`].
#[derive(Debug, Clone)]
#[must_use]
pub struct MemoryBackendBuilder {
    capacity: u64,
    max_registers: usize,
    clock: Arc<dyn Clock>,
}

impl MemoryBackendBuilder {
    /// What all entries together may weigh, in bytes; those used least make room for others.
    ///
    /// It also bounds one entry: see [`Capabilities::max_entry`](super::Capabilities::max_entry).
    ///
    /// Default: 64 MiB.
    pub const fn capacity(mut self, bytes: u64) -> Self {
        self.capacity = bytes;
        self
    }

    /// How many registers are kept; those used least make room for others.
    ///
    /// A register that is lost costs the entries that depend on its tag, and never brings an old
    /// version back.
    ///
    /// Default: 1,000,000.
    pub const fn max_registers(mut self, registers: usize) -> Self {
        self.max_registers = registers;
        self
    }

    /// The clock by which entries, registers and leases end.
    ///
    /// Default: [`CoarseClock`].
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The store.
    pub fn build(self) -> MemoryBackend {
        MemoryBackend::with(self.capacity, self.max_registers, self.clock)
    }
}

impl Default for MemoryBackendBuilder {
    fn default() -> Self {
        Self { capacity: megabytes(64), max_registers: 1_000_000, clock: Arc::new(CoarseClock) }
    }
}
