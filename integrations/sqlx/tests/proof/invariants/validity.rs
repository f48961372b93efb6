//! I1, I2, I4, I10: what is served is valid.

use std::sync::atomic::{AtomicU64, Ordering};

use dogpile::{Clock, TagSpace, Tags, Tick};
use dogpile_sqlx::QueryCacheExt;
use futures_util::TryStreamExt;
use futures_util::future::poll_immediate;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::support::{
    Fixture, READ, Result, at_first_row, cached_with_hooks, truth_with_hooks, within,
};

/// The write lands after the database gave the rows out and before they are all mapped.
#[tokio::test(flavor = "multi_thread")]
async fn i1_a_read_begun_before_a_write_is_never_served_after_it() -> Result {
    let fixture = Fixture::new(2).await?;
    let before = truth_with_hooks(&fixture).await?;
    let writer = fixture.clone();
    let write = move || {
        let written = block_in_place(|| Handle::current().block_on(writer.write()));
        assert!(written.is_ok());
        Ok(())
    };
    let read = at_first_row(write, cached_with_hooks(fixture.clone())).await?;
    assert_eq!(read, before);
    assert_ne!(truth_with_hooks(&fixture).await?, before);
    assert_eq!(fixture.db.region().stats().refused, 1);
    let after = cached_with_hooks(fixture.clone()).await?;
    assert_eq!(after, truth_with_hooks(&fixture).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_a_stream_begun_before_a_commit_is_never_served_after_it() -> Result {
    let fixture = Fixture::new(2).await?;
    let before = fixture.truth().await?;
    let mut rows = sqlx::query_as::<_, (i64, i64)>(READ).cached().fetch(&fixture.db);
    let mut read = vec![rows.try_next().await?];
    let mut tx = fixture.db.begin().await?;
    sqlx::query("UPDATE item SET value = value + 1").execute(&mut *tx).await?;
    tx.commit().await?;
    while let Some(row) = rows.try_next().await? {
        read.push(Some(row));
    }
    drop(rows);
    assert!(read.into_iter().flatten().eq(before));
    fixture.check("after a commit in the middle of a stream").await
}

/// Each invalidation by hand, in the middle of a read.
#[tokio::test(flavor = "multi_thread")]
async fn i1_a_read_begun_before_an_invalidation_by_hand_is_never_served_after_it() -> Result {
    let fixture = Fixture::new(2).await?;
    let db = &fixture.db;
    for how in 0..3 {
        let mut rows = sqlx::query_as::<_, (i64, i64)>(READ).cached().tag("mine").fetch(db);
        assert!(rows.try_next().await?.is_some());
        match how {
            0 => db.invalidate(["mine"]).await?,
            1 => db.invalidate_tables(["item"]).await?,
            _ => db.region().invalidate_all(dogpile::Invalidation::Hard).await?,
        }
        while rows.try_next().await?.is_some() {}
        assert_eq!(db.region().stats().stored, 0, "stored after invalidation {how}");
    }
    Ok(())
}

/// So many other tags that those in question are removed, and come back as new ones.
#[tokio::test(flavor = "multi_thread")]
async fn i2_a_tag_that_was_removed_is_a_miss_and_never_valid_again() -> Result {
    let fixture = Fixture::with(2, |region| region.tag_space(TagSpace::new(512))).await?;
    let region = fixture.db.region();
    // Which tags are removed is left to chance: of so many, one at least.
    let mine: Tags = (0..16).map(|i| format!("mine {i}")).collect();
    let read = || {
        let query = sqlx::query_as::<_, (i64, i64)>(READ).cached().tags(mine.iter());
        query.fetch_all(&fixture.db)
    };
    read().await?;
    let observed = region.entry("any").tags(&mine).observe().await;
    for other in 0..10_000_u32 {
        region.entry(other).tag(format!("other {other}")).set(other).await?;
    }
    assert!(!observed.is_current().await);
    let before = region.stats();
    assert_eq!(read().await?, fixture.truth().await?);
    assert_eq!(region.stats().misses, before.misses + 1, "served without a tag of its own");
    assert!(!observed.is_current().await, "the new tags revived what depended on the old ones");
    fixture.write().await?;
    assert_eq!(read().await?, fixture.truth().await?);
    Ok(())
}

/// The first reader leads a flight and holds its lease, and is not polled any more.
#[tokio::test(flavor = "multi_thread")]
async fn i4_a_reader_after_its_own_write_waits_for_no_earlier_flight() -> Result {
    let fixture = Fixture::new(4).await?;
    let occupied = fixture.occupy().await?;
    let mut earlier = Box::pin(fixture.cached());
    assert!(poll_immediate(&mut earlier).await.is_none());
    drop(occupied);
    assert_eq!((fixture.db.region().stats().flights, fixture.locks.held()), (1, 1));
    fixture.write().await?;
    let truth = fixture.truth().await?;
    assert_eq!(within("the reader after its own write", fixture.cached()).await??, truth);
    assert_eq!(fixture.db.region().stats().flights, 1, "the earlier flight is still there");
    within("the earlier reader", earlier).await??;
    fixture.check("after the earlier flight").await
}

/// Tells any time but the right one.
#[derive(Debug)]
struct WildClock(AtomicU64);

impl Clock for WildClock {
    fn now(&self) -> Tick {
        let turn = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        Tick::from_nanos(match turn % 4 {
            0 => 0,
            1 => u64::MAX,
            2 => turn % 1_000_000,
            _ => turn,
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_no_clock_decides_what_is_valid() -> Result {
    let clock = WildClock(AtomicU64::new(1));
    let fixture = Fixture::with(2, |region| region.clock(clock)).await?;
    for round in 0..200 {
        let written = round % 3 == 0;
        if written {
            fixture.write().await?;
        }
        let cached = within("a read", fixture.cached()).await??;
        assert_eq!(cached, fixture.truth().await?, "round {round}");
    }
    let stats = fixture.db.region().stats();
    assert!(stats.hits > 0 && stats.misses > 67, "the clock had no say in anything: {stats:?}");
    Ok(())
}
