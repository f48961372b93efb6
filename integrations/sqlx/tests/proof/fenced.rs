//! `Freshness::Fenced`: while a COMMIT is under way, readers of what it changes go to the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use dogpile::backend::{Backend, MemoryBackend};
use dogpile::observe::ReasonKind;
use dogpile::{Freshness, Reason, Region, RegionBuilder};

use crate::support::{Fixture, Hold, Result, until, within};

fn bypasses(region: &Region) -> u64 {
    region.stats().count_of(ReasonKind::Bypass, Reason::TAINTED)
}

/// On two connections, in this process or over a backend.
async fn fenced(backend: Option<MemoryBackend>) -> Result<Fixture> {
    let settings = |region: RegionBuilder| match backend {
        Some(backend) => region.freshness(Freshness::Fenced).backend(backend),
        None => region.freshness(Freshness::Fenced),
    };
    Fixture::with(2, settings).await
}

/// Where a COMMIT is: SQLite asks before it takes effect.
#[derive(Clone, Default)]
struct Commit(Arc<AtomicU8>);

impl Commit {
    const ARMED: u8 = 1;
    const REACHED: u8 = 2;

    /// Stops the next COMMIT on any connection of the cached pool.
    async fn stopped(fixture: &Fixture) -> Result<Self> {
        let commit = Self::default();
        for mut connection in fixture.occupy().await? {
            let here = commit.clone();
            connection.lock_handle().await?.set_commit_hook(move || here.wait());
        }
        commit.0.store(Self::ARMED, Ordering::SeqCst);
        Ok(commit)
    }

    fn wait(&self) -> bool {
        let armed =
            self.0.compare_exchange(Self::ARMED, Self::REACHED, Ordering::SeqCst, Ordering::SeqCst);
        while armed.is_ok() && self.is_reached() {
            std::thread::yield_now();
        }
        true
    }

    fn is_reached(&self) -> bool {
        self.0.load(Ordering::SeqCst) == Self::REACHED
    }

    fn release(&self) {
        self.0.store(0, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_while_a_transaction_commits_readers_go_to_the_database() -> Result {
    for backend in [None, Some(MemoryBackend::new())] {
        let fixture = fenced(backend).await?;
        let region = fixture.db.region();
        let before = fixture.cached().await?;
        let mut tx = fixture.db.begin().await?;
        sqlx::query("UPDATE item SET value = value + 1").execute(&mut *tx).await?;
        assert_eq!(fixture.cached().await?, before);
        assert_eq!(bypasses(region), 0, "tainted before the COMMIT");

        drop(tx);
        let commit = Commit::stopped(&fixture).await?;
        let mut tx = fixture.db.begin().await?;
        sqlx::query("UPDATE item SET value = value + 1").execute(&mut *tx).await?;
        let committing = tokio::spawn(tx.commit());
        until("the COMMIT", || commit.is_reached()).await?;
        for _ in 0..2 {
            assert_eq!(fixture.cached().await?, before);
        }
        assert_eq!(bypasses(region), 2, "{:#}", region.stats());
        commit.release();
        within("the COMMIT", committing).await???;

        let after = fixture.cached().await?;
        assert_ne!(after, before);
        let hits = region.stats().hits;
        assert_eq!(fixture.cached().await?, after);
        assert_eq!((region.stats().hits, bypasses(region)), (hits + 1, 2));
        assert_eq!(region.stats().degraded, 0);
        fixture.check("after a fenced COMMIT").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_while_a_write_that_commits_by_itself_runs_readers_go_to_the_database() -> Result {
    for backend in [None, Some(MemoryBackend::new())] {
        let fixture = fenced(backend).await?;
        let region = fixture.db.region();
        let before = fixture.cached().await?;
        let hold = Hold::writers(&fixture.raw).await?;
        let writing = tokio::spawn({
            let fixture = fixture.clone();
            async move { fixture.write().await }
        });
        let tainted = async {
            while bypasses(region) == 0 {
                assert_eq!(fixture.cached().await?, before);
            }
            Result::<()>::Ok(())
        };
        within("the taint", tainted).await??;
        hold.release().await?;
        within("the write", writing).await???;
        assert_ne!(fixture.cached().await?, before);
        let bypassed = bypasses(region);
        fixture.check("after a fenced write").await?;
        assert_eq!(bypasses(region), bypassed);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_no_taint_is_left_behind_by_a_write_that_is_refused_or_rolled_back() -> Result {
    for backend in [None, Some(MemoryBackend::new())] {
        let fixture = fenced(backend.clone()).await?;
        let refused = sqlx::query("INSERT INTO item VALUES (1, 1)").execute(&fixture.db).await;
        assert!(refused.is_err());
        let mut tx = fixture.db.begin().await?;
        sqlx::query("UPDATE item SET value = value + 1").execute(&mut *tx).await?;
        tx.rollback().await?;
        assert_eq!(fixture.cached().await?, fixture.truth().await?);
        assert_eq!(bypasses(fixture.db.region()), 0);
        if let Some(backend) = backend {
            let answer = backend.read(&[], &["tag:table:item"]).await?;
            assert!(answer.tainted.is_empty() && answer.versions[0].is_some());
        }
        fixture.check("after a refused write and a rollback").await?;
    }
    Ok(())
}
