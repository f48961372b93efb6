//! How each thing is measured.

mod memory;
mod speed;
mod stampede;

pub use memory::memory;
pub use speed::{hits, hits_together, misses};
pub use stampede::{Stampede, stampede};

/// The first key that is asked for in a part of the contest, so that no two parts share one.
mod first_key {
    pub const HIT: u64 = 0;
    pub const MISS: u64 = 10_000;
    pub const STAMPEDE: u64 = 1_000_000;
    pub const MEMORY: u64 = 2_000_000;
}
