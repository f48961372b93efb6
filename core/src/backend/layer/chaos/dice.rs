//! Where the faults come from.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rand::rngs::SmallRng;
use rand::{Rng, RngCore, SeedableRng};

pub(super) struct Dice {
    random: Mutex<SmallRng>,
    paused: AtomicBool,
    faults: AtomicU64,
    lost: AtomicU64,
}

impl Dice {
    /// The most bytes of made-up garbage.
    const GARBAGE: usize = 4096;

    pub(super) fn seeded(seed: u64) -> Self {
        Self {
            random: Mutex::new(SmallRng::seed_from_u64(seed)),
            paused: AtomicBool::new(false),
            faults: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        }
    }

    pub(super) fn set_paused(&self, paused: bool) {
        self.paused.store(paused, Ordering::SeqCst);
    }

    pub(super) fn faults(&self) -> u64 {
        self.faults.load(Ordering::SeqCst)
    }

    /// How often bumps were lost.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::SeqCst)
    }

    pub(super) fn lose(&self) {
        self.lost.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether a fault of this probability happens now; it is counted.
    pub(super) fn happens(&self, probability: f64) -> bool {
        // Neither a NaN nor a probability of nothing uses up a number.
        let possible = probability > 0.0 && !self.paused.load(Ordering::SeqCst);
        let happens = possible && self.with(|random| random.random_bool(probability.min(1.0)));
        if happens {
            self.faults.fetch_add(1, Ordering::SeqCst);
        }
        happens
    }

    pub(super) fn coin(&self) -> bool {
        self.with(Rng::random)
    }

    pub(super) fn up_to(&self, duration: Duration) -> Duration {
        duration.mul_f64(self.with(|random| random.random_range(0.0..=1.0)))
    }

    /// Something else than `entry`.
    pub(super) fn garbled(&self, entry: &Bytes) -> Bytes {
        self.with(|random| match random.random_range(0..3) {
            0 if !entry.is_empty() => entry.slice(..random.random_range(0..entry.len())),
            1 if !entry.is_empty() => {
                let mut changed = entry.to_vec();
                let at = random.random_range(0..changed.len());
                changed[at] ^= 1 << random.random_range(0..8);
                changed.into()
            }
            _ => {
                let mut garbage = vec![0; random.random_range(1..=Self::GARBAGE)];
                random.fill_bytes(&mut garbage);
                garbage.into()
            }
        })
    }

    fn with<T>(&self, draw: impl FnOnce(&mut SmallRng) -> T) -> T {
        draw(&mut self.random.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
