//! The shapes of queries that were not served as the database said.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Of how many shapes mismatches are counted; those of more are logged, and put nothing on bypass.
const MOST: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// Whether any is distrusted: nobody makes out a shape otherwise.
    any: AtomicBool,
    known: Mutex<HashMap<String, Count>>,
}

#[derive(Debug, Default)]
struct Count {
    mismatches: u32,
    is_distrusted: bool,
}

impl Shapes {
    /// Counts a mismatch; says how many there were of the shape, and whether it is distrusted from now
    /// on and was not before.
    pub(super) fn mismatch(&self, shape: &str, threshold: u32) -> (u32, bool) {
        let mut known = self.lock();
        if known.len() >= MOST && !known.contains_key(shape) {
            return (1, false);
        }
        let count = known.entry(shape.to_owned()).or_default();
        count.mismatches = count.mismatches.saturating_add(1);
        let is_too_much = threshold > 0 && count.mismatches >= threshold;
        let is_new = is_too_much && !count.is_distrusted;
        if is_new {
            count.is_distrusted = true;
            self.any.store(true, Ordering::Release);
        }
        (count.mismatches, is_new)
    }

    pub(super) fn distrust_any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    pub(super) fn distrust(&self, shape: &str) -> bool {
        self.lock().get(shape).is_some_and(|count| count.is_distrusted)
    }

    pub(super) fn forget(&self) {
        let mut known = self.lock();
        known.clear();
        self.any.store(false, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Count>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
