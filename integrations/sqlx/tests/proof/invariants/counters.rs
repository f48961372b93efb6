//! I11: every lookup ends in exactly one way, and is counted once.

use dogpile::{Stats, millis, secs};
use dogpile_sqlx::QueryCacheExt;
use futures_util::future::{join_all, poll_immediate};
use futures_util::{StreamExt, TryStreamExt};

use crate::support::{Cut, Fixture, READ, Result, Rows, within};

/// Hits, stale, misses, bypasses.
fn outcomes(stats: Stats) -> [u64; 4] {
    let outcomes = [stats.hits, stats.stale, stats.misses, stats.bypasses];
    assert_eq!(outcomes.iter().sum::<u64>(), stats.lookups, "{stats:?}");
    outcomes
}

async fn volatile(fixture: &Fixture) -> Result {
    let query = sqlx::query_scalar::<_, i64>("SELECT abs(random() % 10) FROM item");
    query.cached().fetch_one(&fixture.db).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i11_a_script_is_counted_exactly() -> Result {
    let fixture = Fixture::new(2).await?;
    let region = fixture.db.region();
    let counts = || outcomes(region.stats());
    fixture.cached().await?;
    assert_eq!(counts(), [0, 0, 1, 0]);
    fixture.cached().await?;
    assert_eq!(counts(), [1, 0, 1, 0]);
    fixture.write().await?;
    fixture.cached().await?;
    assert_eq!(counts(), [1, 0, 2, 0]);
    volatile(&fixture).await?;
    assert_eq!(counts(), [1, 0, 2, 1]);
    let mut tx = fixture.db.begin().await?;
    let _: Rows = sqlx::query_as(READ).cached().fetch_all(&mut *tx).await?;
    tx.rollback().await?;
    assert_eq!(counts(), [1, 0, 2, 2]);
    region.invalidate_all(dogpile::Invalidation::Soft).await?;
    let stale = sqlx::query_as::<_, (i64, i64)>(READ).cached().stale_for(secs(60));
    stale.fetch_all(&fixture.db).await?;
    assert_eq!(counts(), [1, 1, 2, 2]);
    region.set_reads(false);
    fixture.cached().await?;
    assert_eq!(counts(), [1, 1, 2, 3]);
    region.set_reads(true);
    assert!(poll_immediate(Box::pin(fixture.cached())).await.is_some());
    assert_eq!(counts(), [2, 1, 2, 3]);
    region.close().await;
    fixture.cached().await?;
    assert_eq!(counts(), [2, 1, 2, 4]);
    Ok(())
}

/// Small and good enough to draw what to do next.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

/// Something that a service does; now and then its client goes away in the middle.
async fn something(fixture: &Fixture, dice: &mut Dice) -> Result {
    let db = &fixture.db;
    let id = i64::from(dice.roll(5) > 2);
    let one = sqlx::query_scalar::<_, i64>("SELECT value FROM item WHERE id = ?").bind(id).cached();
    match dice.roll(40) {
        0 => fixture.write().await?,
        1 => drop(Cut::after(1).run(fixture.write()).await.transpose()?),
        2 => volatile(fixture).await?,
        3 => {
            let mut tx = db.begin().await?;
            one.fetch_optional(&mut *tx).await?;
            tx.commit().await?;
        }
        4 => drop(one.ttl(millis(1)).stale_for(secs(60)).fetch_all(db).await?),
        5 => drop(one.fetch(db).try_collect::<Vec<_>>().await?),
        6 => drop(one.fetch(db).take(1).try_collect::<Vec<_>>().await?),
        7..12 => drop(Cut::after(1).run(one.fetch_all(db)).await.transpose()?),
        12 => db.region().invalidate_all(dogpile::Invalidation::Soft).await?,
        13..20 => drop(fixture.cached().await?),
        _ => drop(one.fetch_all(db).await?),
    }
    Ok(())
}

async fn random_work(fixture: Fixture, mut dice: Dice) -> Result {
    for _ in 0..1_250 {
        within("an operation", Box::pin(something(&fixture, &mut dice))).await??;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i11_ten_thousand_random_operations_are_counted_exactly() -> Result {
    let fixture = Fixture::new(4).await?;
    let tasks = (0..8).map(|task| tokio::spawn(random_work(fixture.clone(), Dice(task))));
    for done in join_all(tasks).await {
        done??;
    }
    fixture.settle().await?;
    let counts = outcomes(fixture.db.region().stats());
    assert!(counts.iter().all(|count| *count > 0), "not everything happened: {counts:?}");
    fixture.check("after all that").await
}
