//! Rows of an entry that were read ahead.
//!
//! Code that maps rows itself takes the driver's own, which have no copies: each hit reads the cells
//! again. The way to where they are read takes longer than the reading of a few rows, so an entry that
//! is hit again and again has several copies read on one way, twice as many as the last time. What was
//! read ahead goes with the entry.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dogpile_query::Dialect;
use dogpile_replay::{ReplayError, RowSet, replay_copies};
use sqlx::Database;

use crate::database::CacheDatabase;

/// How many copies are read on one way.
const MOST: usize = 16;
/// How many bytes of cells wait as the rows of one entry.
const BYTES: usize = 32 << 10;
/// The same of all entries of the process. Rows take some times as much as their cells.
const ALL_BYTES: usize = 4 << 20;

static WAITING: AtomicUsize = AtomicUsize::new(0);

/// The copies that wait.
pub(crate) struct Spare<DB: Database>(Mutex<Waiting<DB::Row>>);

struct Waiting<R> {
    copies: Vec<Vec<R>>,
    /// How many were read the last time.
    last: usize,
    /// What each counts for.
    bytes: usize,
}

impl<DB: CacheDatabase> Spare<DB> {
    /// The rows of `cells`, read ahead or read now.
    pub(crate) async fn rows(&self, cells: &RowSet<DB>) -> Result<Vec<DB::Row>, ReplayError> {
        let copies = {
            let mut waiting = self.lock();
            if let Some(rows) = waiting.take() {
                return Ok(rows);
            }
            match DB::DIALECT {
                // There it is the cells that take the time, and not the way.
                Dialect::Sqlite => 1,
                _ => waiting.next(cells.bytes().len()),
            }
        };
        let mut copies = replay_copies(cells, copies).await?;
        let mine = copies.pop().unwrap_or_default();
        let left = self.lock().keep(copies);
        drop(left);
        Ok(mine)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<DB::Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R> Waiting<R> {
    fn take(&mut self) -> Option<Vec<R>> {
        let rows = self.copies.pop()?;
        WAITING.fetch_sub(self.bytes, Ordering::Relaxed);
        Some(rows)
    }

    /// How many copies to read now: one the first time, for most entries are not read so again.
    fn next(&mut self, bytes: usize) -> usize {
        self.bytes = bytes.max(1);
        self.last = (self.last * 2).clamp(1, self.most().max(1));
        self.last
    }

    /// None before anything was read.
    fn most(&self) -> usize {
        BYTES.checked_div(self.bytes).unwrap_or(0).min(MOST)
    }

    /// Keeps copies for the next ones, and returns those for which there is no room.
    fn keep(&mut self, mut copies: Vec<Vec<R>>) -> Vec<Vec<R>> {
        while self.copies.len() < self.most() && !copies.is_empty() {
            let before = WAITING.fetch_add(self.bytes, Ordering::Relaxed);
            if before + self.bytes > ALL_BYTES {
                WAITING.fetch_sub(self.bytes, Ordering::Relaxed);
                break;
            }
            self.copies.extend(copies.pop());
        }
        copies
    }
}

impl<R> Drop for Waiting<R> {
    fn drop(&mut self) {
        WAITING.fetch_sub(self.bytes * self.copies.len(), Ordering::Relaxed);
    }
}

impl<DB: Database> Default for Spare<DB> {
    fn default() -> Self {
        Self(Mutex::new(Waiting { copies: Vec::new(), last: 0, bytes: 0 }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::{ALL_BYTES, BYTES, MOST, WAITING, Waiting};

    fn waiting() -> Waiting<u8> {
        Waiting { copies: Vec::new(), last: 0, bytes: 0 }
    }

    #[test]
    fn what_is_read_again_and_again_is_read_ahead_as_far_as_there_is_room() {
        let mut none = waiting();
        assert!(none.keep(Vec::new()).is_empty());
        let mut small = waiting();
        assert_eq!([(); 6].map(|()| small.next(100)), [1, 2, 4, 8, MOST, MOST]);
        let mut large = waiting();
        assert_eq!([(); 4].map(|()| large.next(BYTES / 3)), [1, 2, 3, 3]);
        assert_eq!([(); 2].map(|()| large.next(BYTES + 1)), [1, 1]);
        assert_eq!(large.keep(vec![vec![1]]).len(), 1, "larger than all that may wait");

        let left = small.keep(vec![vec![1]; MOST + 2]);
        assert_eq!((left.len(), small.copies.len()), (2, MOST));
        assert_eq!((small.take(), WAITING.load(Ordering::Relaxed)), (Some(vec![1]), 1_500));
        let mut all: Vec<_> = (0..ALL_BYTES / BYTES).map(|_| waiting()).collect();
        for one in &mut all {
            one.next(BYTES);
            one.keep(vec![vec![1]]);
        }
        assert!(WAITING.load(Ordering::Relaxed) <= ALL_BYTES);
        assert!(all.pop().is_some_and(|last| last.copies.is_empty()), "there is no room left");
        drop((small, all));
        assert_eq!(WAITING.load(Ordering::Relaxed), 0);
    }
}
