//! I5: every wait has a bound with a name.

use std::future::{pending, ready};
use std::time::Duration;

use dogpile::{
    BoxFuture, Error, ErrorKind, Invalidation, Locks, Owner, RegionBuilder, millis, secs,
};
use dogpile_sqlx::QueryCacheExt;
use futures_util::future::poll_immediate;

use crate::support::{Fixture, READ, Result, within};

/// A lock store that is of no use.
#[derive(Debug, Clone, Copy)]
enum Broken {
    /// Somebody else has every lease, for ever.
    Taken,
    /// Every question is an error.
    Down,
    /// No question is answered.
    Silent,
    /// Leases are given out; giving one back is not answered.
    KeepsSilentOnRelease,
}

impl Broken {
    fn answer(self) -> dogpile::Result<bool> {
        match self {
            Self::Down => Err(Error::new(ErrorKind::Unavailable, "lock", "the store is down")),
            _ => Ok(false),
        }
    }
}

impl Locks for Broken {
    fn try_acquire<'a>(
        &'a self,
        _: &'a str,
        _: Owner,
        _: Duration,
    ) -> BoxFuture<'a, dogpile::Result<bool>> {
        match self {
            Self::Silent => Box::pin(pending()),
            Self::KeepsSilentOnRelease => Box::pin(ready(Ok(true))),
            _ => Box::pin(ready(self.answer())),
        }
    }

    fn renew<'a>(
        &'a self,
        _: &'a str,
        _: Owner,
        _: Duration,
    ) -> BoxFuture<'a, dogpile::Result<bool>> {
        Box::pin(ready(self.answer()))
    }

    fn release<'a>(&'a self, _: &'a str, _: Owner) -> BoxFuture<'a, dogpile::Result<()>> {
        match self {
            Self::KeepsSilentOnRelease => Box::pin(pending()),
            _ => Box::pin(ready(self.answer().map(|_| ()))),
        }
    }

    fn abandon(&self, _: &str, _: Owner) {}
}

fn impatient(region: RegionBuilder) -> RegionBuilder {
    region.max_load(millis(50)).lock_wait(millis(50))
}

async fn served_in_spite_of(locks: Broken) -> Result<Fixture> {
    let fixture = Fixture::with(2, |region| impatient(region).locks(locks)).await?;
    let rows = within(&format!("a caller whose locks are {locks:?}"), fixture.cached()).await??;
    assert_eq!(rows, fixture.truth().await?);
    Ok(fixture)
}

/// The leader does not move: its waiter goes on alone after `max_load`.
#[tokio::test(flavor = "multi_thread")]
async fn i5_a_waiter_waits_for_its_leader_up_to_max_load() -> Result {
    let fixture = Fixture::with(2, impatient).await?;
    let occupied = fixture.occupy().await?;
    let mut leader = Box::pin(fixture.cached());
    assert!(poll_immediate(&mut leader).await.is_none());
    drop(occupied);
    let rows = within("the waiter", fixture.cached()).await??;
    assert_eq!(rows, fixture.truth().await?);
    assert_eq!(fixture.db.region().stats().unlocked, 1);
    assert_eq!(within("the leader", leader).await??, rows);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_a_lease_that_another_has_is_waited_for_up_to_max_load() -> Result {
    let fixture = served_in_spite_of(Broken::Taken).await?;
    assert_eq!(fixture.db.region().stats().unlocked, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_a_lock_store_that_fails_is_tried_up_to_lock_wait() -> Result {
    let fixture = served_in_spite_of(Broken::Down).await?;
    assert_eq!(fixture.db.region().stats().unlocked, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_a_lock_store_that_does_not_answer_is_waited_for_up_to_lock_wait() -> Result {
    let fixture = served_in_spite_of(Broken::Silent).await?;
    assert_eq!(fixture.db.region().stats().unlocked, 1);
    Ok(())
}

/// A stale value is at hand: it is served, instead of waiting for the lease to refresh it.
#[tokio::test(flavor = "multi_thread")]
async fn i5_a_lock_store_that_does_not_answer_keeps_no_stale_value_back() -> Result {
    let fixture = served_in_spite_of(Broken::Silent).await?;
    let before = fixture.truth().await?;
    sqlx::query("UPDATE item SET value = 0").execute(&fixture.raw).await?;
    fixture.db.region().invalidate_all(Invalidation::Soft).await?;
    let stale = sqlx::query_as::<_, (i64, i64)>(READ).cached().stale_for(secs(60));
    let rows = within("a stale value", stale.fetch_all(&fixture.db)).await??;
    assert_eq!(rows, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_giving_a_lease_back_holds_nobody_up() -> Result {
    served_in_spite_of(Broken::KeepsSilentOnRelease).await.map(drop)
}
