//! How many tables and queries, and from which seed.

use std::env::var;
use std::mem::take;
use std::sync::Mutex;
use std::time::Duration;

use dogpile_sqlx::CacheDatabase;
use tokio::time::Instant;

use crate::case::Tally;
use crate::generator::{Dialect, Generator};
use crate::outcome::hush;

/// Tables of one seed, and queries of each of them.
const TABLES: usize = 3;
const QUERIES: usize = 2;

/// Of a hundred queries that the database takes, so many at most may go past the cache.
const BYPASSED: usize = 2;

/// What a database does with what was generated.
pub(crate) trait Subject {
    type Database: CacheDatabase;

    const DIALECT: &'static Dialect;

    /// Runs a statement that makes a table.
    async fn run(&self, sql: String);

    /// Reads a query in every way.
    async fn probe(&self, sql: String, tally: &Mutex<Tally>);
}

/// Asks random queries of random tables.
pub(crate) async fn run<S: Subject>(subject: S) {
    hush();
    let seconds = var("DOGPILE_EQUALITY_SECONDS").map_or(0, |it| it.parse().unwrap());
    let first = var("DOGPILE_EQUALITY_SEED").map_or(1, |it| it.parse().unwrap());
    let (begun, tally) = (Instant::now(), Mutex::<Tally>::default());
    for seed in first.. {
        let said = Said(seed);
        tables(&subject, seed, &tally).await;
        let differences = take(&mut tally.lock().unwrap().differences);
        assert!(differences.is_empty(), "{}: {}", differences.len(), differences.join("\n\n"));
        drop(said);
        if begun.elapsed() >= Duration::from_secs(seconds) {
            break;
        }
    }
    judge(&tally.into_inner().unwrap());
}

async fn tables<S: Subject>(subject: &S, seed: u64, tally: &Mutex<Tally>) {
    let mut generator = Generator::new(seed, S::DIALECT);
    for number in 0..TABLES {
        let table = generator.table(format!("t_{seed}_{number}"));
        for statement in &table.statements {
            subject.run(statement.clone()).await;
        }
        for _ in 0..QUERIES {
            subject.probe(generator.query(&table), tally).await;
        }
    }
}

/// The run was about what it should be about.
#[expect(clippy::print_stdout, reason = "what a run was about")]
fn judge(tally: &Tally) {
    println!("{tally:?}");
    let bypassed: usize = tally.bypassed.values().sum();
    let taken = tally.cached + bypassed;
    assert!(taken * 2 > tally.refused, "hardly a query is sound: {tally:?}");
    assert!(bypassed * 100 <= taken * BYPASSED, "too much goes past the cache: {tally:?}");
    assert!(tally.values > 0 && tally.errors > 0, "{tally:?}");
    assert!(tally.hits > tally.cached * 100, "hardly a hit: {tally:?}");
}

/// Names the seed if the test fails.
struct Said(u64);

impl Drop for Said {
    #[expect(clippy::print_stderr, reason = "so that the failure can be had again")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("DOGPILE_EQUALITY_SEED={}", self.0);
        }
    }
}
