//! Regions: flights together with tags, leases and the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shuttle::future::{block_on, spawn};

use super::{any, explore, pause, poll_up_to};
use crate::{
    BoxFuture, Error, ErrorKind, Invalidation, LocalLocks, Locks, ManualClock, Owner, Region,
    Result, TagSpace, minutes,
};

/// A region, and the database that its creators read.
#[derive(Clone)]
struct Db {
    region: Region,
    clock: ManualClock,
    leases: Leases,
    row: Arc<AtomicUsize>,
    /// How many creators run at this moment.
    creating: Arc<AtomicUsize>,
}

impl Db {
    fn new() -> Self {
        let (clock, leases) = (ManualClock::new(), Leases::default());
        let region = Region::builder("test")
            .ttl(minutes(5))
            .stale_for(minutes(5))
            .jitter(0.0)
            .tag_space(TagSpace::new(64))
            .locks(leases.clone())
            .clock(clock.clone())
            .build()
            .unwrap();
        Self { region, clock, leases, row: Arc::default(), creating: Arc::default() }
    }

    /// Reads the row through the region.
    async fn read(&self) -> Result<usize> {
        let entry = self.region.entry("row").tag("rows");
        entry.get_or_create(async || Ok(self.create().await)).await.map(|row| *row)
    }

    async fn create(&self) -> usize {
        let row = self.row.load(Ordering::SeqCst);
        pause(1 + any(2)).await;
        row
    }

    /// Reads the row through the region, with a creator that ends in some way, or is dropped.
    async fn try_read(&self, fails: bool, patience: usize) -> Option<Result<usize>> {
        let create = async || {
            let running = Running::new(&self.creating);
            let row = self.create().await;
            drop(running);
            if fails { Err(failed()) } else { Ok(row) }
        };
        let entry = self.region.entry("row").tag("rows");
        let read = async { entry.get_or_create(create).await.map(|row| *row) };
        if patience == 0 { Some(read.await) } else { poll_up_to(read, patience).await }
    }

    async fn write(&self) {
        self.row.fetch_add(1, Ordering::SeqCst);
        self.region.invalidate(["rows"]).await.unwrap();
    }

    fn assert_at_rest(&self) {
        let stats = self.region.stats();
        assert_eq!(stats.flights, 0, "a flight was left behind");
        assert!(self.leases.0.is_empty(), "a lease was left behind");
        assert_eq!(stats.hits + stats.stale + stats.misses + stats.bypasses, stats.lookups);
    }
}

/// A creator that runs alone.
struct Running<'r>(&'r AtomicUsize);

impl<'r> Running<'r> {
    fn new(creating: &'r AtomicUsize) -> Self {
        assert_eq!(creating.fetch_add(1, Ordering::SeqCst), 0, "two create at once");
        Self(creating)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn failed() -> Error {
    Error::new(ErrorKind::Unavailable, "test", "no row")
}

/// Local leases that the test can look into.
#[derive(Debug, Clone, Default)]
struct Leases(Arc<LocalLocks>);

impl Locks for Leases {
    fn try_acquire<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        self.0.try_acquire(name, owner, lease)
    }

    fn renew<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        self.0.renew(name, owner, lease)
    }

    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> BoxFuture<'a, Result<()>> {
        self.0.release(name, owner)
    }

    fn abandon(&self, name: &str, owner: Owner) {
        self.0.abandon(name, owner);
    }

    fn freed(&self, name: &str) -> Option<BoxFuture<'static, ()>> {
        self.0.freed(name)
    }
}

#[test]
fn i3_one_creator_at_a_time_whoever_fails_or_goes_away() {
    explore(|| {
        let db = Db::new();
        block_on(async {
            let tasks: Vec<_> = [(false, 0), (any(2) == 0, 0), (false, 1 + any(4))]
                .map(|(fails, patience)| {
                    let db = db.clone();
                    spawn(async move { db.try_read(fails, patience).await })
                })
                .into();
            for task in tasks {
                if let Some(Ok(row)) = task.await.unwrap() {
                    assert_eq!(row, 0);
                }
            }
        });
        // A lease that is busy without a leader would be one that its holder kept for too long.
        assert_eq!(db.region.stats().unlocked, 0, "somebody created without a lease");
        db.assert_at_rest();
    });
}

#[test]
fn i1_i4_no_reader_gets_what_was_read_before_an_invalidation_that_it_came_after() {
    explore(|| {
        let db = Db::new();
        block_on(async {
            let readers: Vec<_> = (0..2)
                .map(|_| {
                    let db = db.clone();
                    spawn(async move {
                        let least = db.row.load(Ordering::SeqCst).saturating_sub(1);
                        assert!(db.read().await.unwrap() >= least);
                    })
                })
                .collect();
            for written in 1..3 {
                db.write().await;
                assert!(db.read().await.unwrap() >= written, "a row from before the write");
            }
            for reader in readers {
                reader.await.unwrap();
            }
            assert_eq!(db.read().await.unwrap(), 2);
        });
        db.assert_at_rest();
    });
}

#[test]
fn i1_a_refresh_never_brings_back_what_a_write_ended() {
    explore(|| {
        let db = Db::new();
        block_on(async {
            db.read().await.unwrap();
            if any(2) == 0 {
                db.clock.advance(minutes(6));
            } else {
                db.region.invalidate_with(Invalidation::Soft, ["rows"]).await.unwrap();
            }
            let refreshers: Vec<_> = (0..2)
                .map(|_| {
                    let db = db.clone();
                    spawn(async move { db.read().await.unwrap() })
                })
                .collect();
            db.write().await;
            assert_eq!(db.read().await.unwrap(), 1, "a row from before the write");
            for refresher in refreshers {
                refresher.await.unwrap();
            }
            assert_eq!(db.read().await.unwrap(), 1, "a row from before the write");
        });
        db.assert_at_rest();
    });
}
