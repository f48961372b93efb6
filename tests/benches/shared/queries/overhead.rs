//! What the wrapper adds to statements that it does not answer: the middle of many, one by one.
//!
//! Targets: at most 5 us for a query that is bypassed, and for the analysis of a write; at most
//! 15 % for the capture of a miss of 100 rows. What two pools without a cache differ by in the same
//! run says how much of a difference means nothing.

use std::future::Future;
use std::hint::black_box;

use dogpile_replay::Recorder;
use dogpile_sqlx::QueryCacheExt;
use futures_util::TryStreamExt;
use sqlx::{Executor, PgPool, Postgres};
use tokio::task::yield_now;
use tokio::time::Instant;

use super::server::Server;
use crate::support::stats::Spread;

const TURNS: usize = 4_000;

/// One row, and a function that makes its result different each time.
const VOLATILE: &str = "SELECT id, title FROM article0 WHERE id = $1 AND random() < 2";
const WRITE: &str = "UPDATE article0 SET price = price WHERE id = $1";
const HUNDRED: &str = "SELECT id, author, title, price::text FROM article0 WHERE author = $1";

/// In a task, as the statements of a service are: the main thread is woken by another.
pub(crate) async fn run() {
    tokio::spawn(all()).await.expect("the bench");
}

async fn all() {
    let server = Server::start().await;
    let (live, other, here) = (server.pool().await, server.pool().await, server.here().await);
    // Who the server is, is asked once.
    let known = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM article1").cached();
    known.fetch_one(&here).await.expect("a number");
    println!("\nthe middle of {TURNS} statements one by one, in turn, in us");
    let volatile = async |pool: &PgPool| {
        let query = sqlx::query_as::<_, (i64, String)>(VOLATILE).bind(7_i64);
        black_box(query.fetch_one(pool).await.expect("a row"));
    };
    turn_about(
        ["a volatile query, on a pool", "on another"],
        [&live, &other],
        async || volatile(&live).await,
        async || volatile(&other).await,
    )
    .await;
    turn_about(
        ["a volatile query, on the pool", "bypassed"],
        [&live, here.inner()],
        async || volatile(&live).await,
        async || {
            let query = sqlx::query_as::<_, (i64, String)>(VOLATILE).bind(7_i64).cached();
            black_box(query.fetch_one(&here).await.expect("a row"));
        },
    )
    .await;
    // Bumping is the region's own affair: what is measured is the analysis and the way to it.
    let loose = here.without_invalidation();
    turn_about(
        ["a write, on the pool", "analysed"],
        [&live, here.inner()],
        async || {
            black_box(sqlx::query(WRITE).bind(7_i64).execute(&live).await.expect("a write"));
        },
        async || {
            black_box(sqlx::query(WRITE).bind(7_i64).execute(&loose).await.expect("a write"));
        },
    )
    .await;
    turn_about(
        ["100 rows, on the pool", "captured"],
        [&live, &live],
        async || {
            let mut rows = (&live).fetch(sqlx::query(HUNDRED).bind(7_i64));
            let mut count = 0;
            while rows.try_next().await.expect("rows").is_some() {
                count += 1;
            }
            assert_eq!(count, 100);
        },
        async || {
            let mut rows = (&live).fetch(sqlx::query(HUNDRED).bind(7_i64));
            let mut recorder = Recorder::<Postgres>::new();
            while let Some(row) = rows.try_next().await.expect("rows") {
                recorder.push(&row).expect("a row that is fit");
            }
            black_box(recorder.finish().expect("a row set"));
        },
    )
    .await;
}

/// Prints the middles of both, and of what the second takes more in each turn.
async fn turn_about<A, B>(
    names: [&str; 2],
    pools: [&PgPool; 2],
    first: impl Fn() -> A,
    second: impl Fn() -> B,
) where
    A: Future<Output = ()>,
    B: Future<Output = ()>,
{
    let (mut one, mut other, mut more) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        at_rest(pools).await;
        let a = time(first()).await;
        at_rest(pools).await;
        let b = time(second()).await;
        one.push(a);
        other.push(b);
        more.push(b - a);
    }
    let [one, other, more] = [one, other, more].map(Spread::of);
    let [first, second] = names;
    println!(
        "{first:<32} {:>8.1}   {second:<12} {:>8.1}   {:+.1} us ({:+.1} to {:+.1}), {:.3}",
        one.median,
        other.median,
        more.median,
        more.low,
        more.high,
        other.median / one.median
    );
}

/// Waits until all connections are back: a pool asks the server about each that it is given back, and
/// whoever comes next would pay for it.
async fn at_rest(pools: [&PgPool; 2]) {
    for pool in pools {
        while usize::try_from(pool.size()) != Ok(pool.num_idle()) {
            yield_now().await;
        }
    }
}

async fn time(work: impl Future<Output = ()>) -> f64 {
    let began = Instant::now();
    work.await;
    began.elapsed().as_secs_f64() * 1e6
}
