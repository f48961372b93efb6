//! Many clients at once, for as long as they are let: what holds at every moment.

use std::env;
use std::time::Duration;

use dogpile::Freshness;
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::driver::Driver;
use crate::fixture::{Db, query};

type Pool = CachedPool<Driver>;

/// What the two accounts hold together.
const TOGETHER: i64 = 1_000;

const ACCOUNTS: &str = "SELECT rank, version FROM author WHERE id IN (1, 3) ORDER BY id";

/// How long the clients go on: two seconds, or as many as `SCENARIO_SECONDS` says.
fn duration() -> Duration {
    let seconds = env::var("SCENARIO_SECONDS").ok();
    Duration::from_secs(seconds.map_or(2, |seconds| seconds.parse().unwrap()))
}

/// Reads the two accounts, of which the sum is always the same, and says how often they changed.
async fn versions(pool: &Pool) -> [i64; 2] {
    let rows = sqlx::query_as::<_, (i64, i64)>(ACCOUNTS).cached().fetch_all(pool).await.unwrap();
    let [(one, first), (other, second)] = rows[..] else { panic!("{rows:?}") };
    assert_eq!(one + other, TOGETHER, "half of a transfer was read");
    [first, second]
}

/// Where writes are fenced no client sees an account as it was before it saw it last. Elsewhere it may,
/// between a COMMIT and its invalidation: another one may have had the newer rows from the database.
async fn read_on(pool: Pool, end: Instant, never_back: bool) {
    let mut last = [0; 2];
    while Instant::now() < end {
        let now = versions(&pool).await;
        let forth = now[0] >= last[0] && now[1] >= last[1];
        assert!(forth || !never_back, "{now:?} after {last:?}");
        last = now;
        tokio::task::yield_now().await;
    }
}

/// Moves money about, changes its mind, and sees what it has done.
async fn write_on(pool: Pool, end: Instant, mut random: SmallRng) {
    while Instant::now() < end {
        let amount = random.random_range(-50..50_i64);
        let mut tx = pool.begin().await.unwrap();
        for (id, amount) in [(1_i64, amount), (3, -amount)] {
            let update = "UPDATE author SET rank = rank + ?, version = version + 1 WHERE id = ?";
            query(update).bind(amount).bind(id).execute(&mut *tx).await.unwrap();
        }
        let own: Vec<(i64, i64)> =
            sqlx::query_as(ACCOUNTS).cached().fetch_all(&mut *tx).await.unwrap();
        match random.random_range(0..4) {
            0 => tx.rollback().await.unwrap(),
            1 => drop(tx),
            _ => {
                tx.commit().await.unwrap();
                let after = versions(&pool).await;
                assert!(after[0] >= own[0].1, "its own write is not there: {after:?}, {own:?}");
            }
        }
    }
}

async fn hold(freshness: Freshness) {
    let db = Db::with(|region| region.freshness(freshness)).await;
    let other = db.client().await;
    db.execute("UPDATE author SET rank = 500 WHERE id IN (1, 3)").await;
    let seed: u64 = rand::random();
    let end = Instant::now() + duration();
    let mut clients = JoinSet::new();
    for pool in [&db.pool, &other.pool] {
        for number in 0..2 {
            let never_back = freshness == Freshness::Fenced;
            clients.spawn(read_on(pool.clone(), end, never_back));
            let random = SmallRng::seed_from_u64(seed ^ number);
            clients.spawn(write_on(pool.clone(), end, random));
        }
    }
    while let Some(ended) = clients.join_next().await {
        ended.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    assert!(db.pool.region().stats().hits > 0, "nothing was cached");
    db.settle().await;
}

async fn s179_what_holds_at_every_moment() {
    hold(Freshness::AfterCommit).await;
}

async fn s179_nobody_goes_back_where_writes_are_fenced() {
    hold(Freshness::Fenced).await;
}

scenarios! {
    s179_what_holds_at_every_moment: threads,
    s179_nobody_goes_back_where_writes_are_fenced: threads,
}
