//! Writes to `orders` and `lineitem`, and reads that must never be older than them.
//!
//! One writer writes and, after each write, reads ten times or more: every read through the cache must
//! equal what a connection without a cache sees. Beside it readers keep asking for the version that
//! the writer counts up: none may get one that is older than a write that had returned before.

mod readers;
mod reads;
mod writes;

use crate::cache::Db;
use crate::failure::Failure;
use readers::{Floors, Readers};
use reads::Truth;
use writes::Writer;

const WRITES: i64 = 64;

/// What was checked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Invalidation {
    pub(crate) writes: u64,
    pub(crate) checks: u64,
    pub(crate) stale_reads: u64,
}

impl Invalidation {
    fn check(&mut self, fresh: bool) {
        self.checks += 1;
        self.stale_reads += u64::from(!fresh);
    }

    /// Checked last, so that the figures are seen whatever they are.
    pub(crate) fn kept_its_promise(&self) -> Result<(), Failure> {
        if self.stale_reads == 0 {
            return Ok(());
        }
        let seen = format!("{} of {} reads were stale", self.stale_reads, self.checks);
        Err(Failure::Promise(seen))
    }

    fn add(&mut self, other: Self) {
        self.writes += other.writes;
        self.checks += other.checks;
        self.stale_reads += other.stale_reads;
    }
}

/// Writes beside readers, and counts the reads that were stale.
pub(crate) async fn run(db: &Db) -> Result<Invalidation, Failure> {
    let mut truth = Truth::connect(db).await?;
    let order = truth.first_order().await?;
    let floors = Floors::at(truth.versions(order).await?);
    let readers = Readers::start(db, order, &floors);
    let mut tally = write_and_check(db, order, &mut truth, &floors).await?;
    tally.add(readers.stop().await?);
    Ok(tally)
}

async fn write_and_check(
    db: &Db,
    order: i64,
    truth: &mut Truth,
    floors: &Floors,
) -> Result<Invalidation, Failure> {
    let writer = Writer { db, order };
    let mut tally = Invalidation::default();
    for turn in 0..WRITES {
        let open = writer.write(turn).await?;
        if let Some(open) = open {
            // Not committed yet: nobody else may see it.
            truth.check(db, order, &mut tally).await?;
            open.end().await?;
        }
        tally.writes += 1;
        // The first read after a write is a miss, the second a hit: neither may be old.
        truth.check(db, order, &mut tally).await?;
        floors.raise(truth.versions(order).await?);
        truth.check(db, order, &mut tally).await?;
    }
    Ok(tally)
}
