//! How long a result lives when nothing writes.

use std::time::Duration;

use dogpile::{ManualClock, millis, minutes, secs};
use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{Db, assert_hit, assert_miss, rows_of};

const READ: &str = "SELECT * FROM post";

async fn s033_the_ttl_of_the_region() {
    let clock = ManualClock::new();
    let db = Db::with(|region| region.clock(clock.clone())).await;
    db.miss(READ).await;
    clock.advance(minutes(5) - millis(1));
    db.hit(READ).await;
    clock.advance(millis(1));
    db.miss(READ).await;
    db.hit(READ).await;
}

async fn s033_the_ttl_of_a_query() {
    let clock = ManualClock::new();
    let db = Db::with(|region| region.clock(clock.clone())).await;
    let read = |ttl: Duration| rows_of(READ).cached().ttl(ttl).fetch_all(&db.pool);
    for ttl in [secs(2), minutes(60)] {
        assert_miss!(db, read(ttl)).unwrap();
        clock.advance(ttl - millis(1));
        assert_hit!(db, read(ttl)).unwrap();
        clock.advance(millis(1));
        assert_miss!(db, read(ttl)).unwrap();
        db.execute("UPDATE post SET title = title").await;
    }
}

/// A tenth of five minutes may be taken off.
async fn s033_jitter_takes_off_and_never_adds() {
    let clock = ManualClock::new();
    let db = Db::with(|region| region.jitter(0.1).clock(clock.clone())).await;
    for id in 0..50 {
        let read = || rows_of("SELECT ?, id FROM post").bind(id).cached().fetch_all(&db.pool);
        assert_miss!(db, read()).unwrap();
        clock.advance(secs(270) - millis(1));
        assert_hit!(db, read()).unwrap();
        clock.advance(secs(30) + millis(1));
        assert_miss!(db, read()).unwrap();
    }
}

async fn s033_a_ttl_of_zero_keeps_nothing() {
    let db = Db::new().await;
    let read = || rows_of(READ).cached().ttl(Duration::ZERO).fetch_all(&db.pool);
    for _ in 0..3 {
        assert_miss!(db, read()).unwrap();
    }
}

scenarios! {
    s033_the_ttl_of_the_region,
    s033_the_ttl_of_a_query,
    s033_jitter_takes_off_and_never_adds,
    s033_a_ttl_of_zero_keeps_nothing,
}
