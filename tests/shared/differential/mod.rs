//! The differential run: several processes read, write, roll back and change tables at random over
//! one backend, and what the cache says is compared with the database.
//!
//! # What is compared
//!
//! Beside the tables is one, `known`, that only this test sees: which version of each table was
//! acknowledged to its writer, and how many writers are under way. Around each cached read its
//! process looks there, and at the database.
//!
//! - Where all that is committed was acknowledged before the read began, and nothing was committed
//!   until it had ended, the read must be what the database says.
//! - Where others were writing, it must not be older than what was acknowledged before it began;
//!   and if it is of the version that the database shows a moment later, be the same.
//! - Every now and then all processes stand still, and each compares a corpus of reads, errors included.
//! - Two of the processes verify what they serve, too, and must find no mismatch.
//!
//! # Who writes
//!
//! Wrapped pools; others that invalidate by hand; and a pool in each process that knows nothing of the
//! cache. That one writes to a table that is watched, and its write is acknowledged when the relay has
//! passed it on.
//!
//! All this is done with queries of sqlx, and with entities of sea-orm in tests of their own.
//!
//! # Runs
//!
//! A run is told by its seed: what each task asks and writes. Which of them is first is up to the
//! machine. A long one, which shows how far it is:
//!
//! ```text
//! DOGPILE_DIFFERENTIAL_SECONDS=600 cargo nextest run -p dogpile-tests what_is_cached --no-capture
//! ```

mod client;
mod drops;
mod entities;
mod plan;
mod pools;
mod worker;

use std::fmt;
use std::io::Write as _;
use std::time::Duration;

use dogpile::secs;
use dogpile_tests::services::{Part, Postgres, Redis, Worker};
use tempfile::TempDir;
use tokio::time::Instant;

use self::client::Client;
use self::entities::Entities;
use self::pools::{MariaDbClient, PostgresClient, SqliteClient};
use self::worker::Assignment;
use crate::support::{MariaDbTables, PostgresTables, Service, Tables, run, tests_of};

tests_of! { postgres_over_redis, crate::differential::Apart<dogpile_tests::services::Redis>,
    what_is_cached_is_what_the_database_says
    writes_around_the_wrapper_are_found
    dropped_invalidations_are_found
    writes_outside_without_a_relay_are_found
}

tests_of! { postgres_over_memcached, crate::differential::Apart<dogpile_tests::services::Memcached>,
    what_is_cached_is_what_the_database_says
}

tests_of! { postgres_over_itself, crate::support::PostgresTables,
    what_is_cached_is_what_the_database_says
}

tests_of! { mariadb_over_itself, crate::support::MariaDbTables,
    what_is_cached_is_what_the_database_says
}

tests_of! { sqlite_over_redis, crate::differential::File,
    what_is_cached_is_what_the_database_says
}

tests_of! { entities_on_postgres_over_redis, crate::differential::WithEntities<
    crate::differential::Apart<dogpile_tests::services::Redis>>,
    what_is_cached_is_what_the_database_says
    writes_around_the_wrapper_are_found
    writes_outside_without_a_relay_are_found
}

tests_of! { entities_on_mariadb_over_itself, crate::differential::WithEntities<
    crate::support::MariaDbTables>,
    what_is_cached_is_what_the_database_says
}

tests_of! { entities_on_sqlite_over_redis, crate::differential::WithEntities<crate::differential::File>,
    what_is_cached_is_what_the_database_says
}

const PROCESSES: usize = 3;

/// What is between two comparisons at rest, in milliseconds.
const ROUND: u64 = 1_500;

/// How much longer a run takes on a machine that is too busy for it.
const PATIENCE: Duration = secs(60);

/// Where a run takes place: a database and a backend.
trait Stage: Sized {
    type Service: Service;
    type Client: Client;

    async fn set_up() -> Self;
    /// The URL of the database.
    fn database(&self) -> String;
    /// The URL of the backend.
    fn backend(&self) -> String;
}

/// PostgreSQL, and a backend elsewhere.
struct Apart<S> {
    _postgres: Postgres,
    database: String,
    service: S,
}

/// Deadlocks are a part of it, and nobody is to wait for them.
const SETTINGS: [&str; 2] = ["log_statement=none", "deadlock_timeout=100ms"];

impl<S: Service> Stage for Apart<S> {
    type Service = S;
    type Client = PostgresClient;

    async fn set_up() -> Self {
        let postgres = Postgres::start_with(&SETTINGS).await.unwrap();
        let database = postgres.create_database().await.unwrap();
        Self { _postgres: postgres, database, service: S::start().await }
    }

    fn database(&self) -> String {
        self.database.clone()
    }

    fn backend(&self) -> String {
        self.service.url()
    }
}

/// The tables of the cache are beside those of the application.
macro_rules! itself {
    ($tables:ident, $client:ident) => {
        impl Stage for $tables {
            type Service = Self;
            type Client = $client;

            async fn set_up() -> Self {
                Self::create().await
            }

            fn database(&self) -> String {
                self.place()
            }

            fn backend(&self) -> String {
                self.url()
            }
        }
    };
}

itself!(PostgresTables, PostgresClient);
itself!(MariaDbTables, MariaDbClient);

/// The same place, where reads and writes are those of entities.
struct WithEntities<S>(S);

impl<S: Stage> Stage for WithEntities<S> {
    type Service = S::Service;
    type Client = Entities<S::Client>;

    async fn set_up() -> Self {
        Self(S::set_up().await)
    }

    fn database(&self) -> String {
        self.0.database()
    }

    fn backend(&self) -> String {
        self.0.backend()
    }
}

/// A file of SQLite, and Redis.
struct File {
    folder: TempDir,
    redis: Redis,
}

impl Stage for File {
    type Service = Redis;
    type Client = SqliteClient;

    async fn set_up() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), redis: Redis::start().await.unwrap() }
    }

    fn database(&self) -> String {
        format!("sqlite://{}/app.db?mode=rwc", self.folder.path().display())
    }

    fn backend(&self) -> String {
        self.redis.url()
    }
}

/// What is wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    None,
    WritesAround,
    DroppedInvalidations,
    NoRelay,
}

const DEFECTS: [(Defect, &str); 4] = [
    (Defect::None, "none"),
    (Defect::WritesAround, "writes around"),
    (Defect::DroppedInvalidations, "dropped invalidations"),
    (Defect::NoRelay, "no relay"),
];

impl Defect {
    fn name(self) -> &'static str {
        DEFECTS.iter().find(|(defect, _)| *defect == self).unwrap().1
    }

    fn named(name: &str) -> Self {
        DEFECTS.iter().find(|(_, known)| *known == name).unwrap().0
    }
}

/// What the processes did.
#[derive(Debug, Default)]
struct Report {
    seed: u64,
    findings: Vec<String>,
    reads: u64,
    exact: u64,
    failed: u64,
    writes: u64,
    outside: u64,
    ddl: u64,
    refused: u64,
    hits: u64,
    verified: u64,
    mismatches: u64,
    last_errors: Vec<String>,
}

impl Report {
    fn add(&mut self, account: &str) {
        let mut words = account.splitn(11, ' ');
        let counts = [
            &mut self.reads,
            &mut self.exact,
            &mut self.failed,
            &mut self.writes,
            &mut self.outside,
            &mut self.ddl,
            &mut self.refused,
            &mut self.hits,
            &mut self.verified,
            &mut self.mismatches,
        ];
        for count in counts {
            *count += words.next().unwrap().parse::<u64>().unwrap();
        }
        self.last_errors.extend(words.map(String::from).filter(|error| !error.is_empty()));
    }

    /// What a failure shows, and how it is tried again.
    fn told(&self) -> String {
        format!("with DOGPILE_DIFFERENTIAL_SEED={}: {self:#?}", self.seed)
    }

    /// Whether there is no need to look further.
    fn is_done<C: Client>(&self, defect: Defect) -> bool {
        // Each of the two ways to find it is to be shown.
        let also = defect != Defect::NoRelay || !C::VERIFIES || self.mismatches > 0;
        !self.findings.is_empty() && also
    }

    /// Whether there was something that could have been wrong, and most of it worked.
    fn is_busy<C: Client>(&self) -> bool {
        let much = self.reads > 100 && self.writes > 20 && self.ddl > 0 && self.hits > 50;
        let compared = self.exact * 10 > self.reads && self.outside > 0;
        let verified = !C::VERIFIES || self.verified > 20;
        much && compared && verified && self.failed * 10 < self.reads && self.refused < self.writes
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, reads, exact, failed, writes, outside, ddl, refused, hits, .. } = self;
        write!(
            f,
            "seed {seed}, {reads} reads ({exact} exact, {failed} failed), {hits} hits, \
             {} mismatches of {} verified, \
             {writes} writes ({outside} outside, {ddl} of DDL, {refused} more refused)",
            self.mismatches, self.verified
        )
    }
}

/// A whole number from the environment.
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

/// How long a run takes: `DOGPILE_DIFFERENTIAL_SECONDS`, or 6.
fn length() -> Duration {
    secs(setting("DOGPILE_DIFFERENTIAL_SECONDS").unwrap_or(6))
}

/// What a run is drawn from: `DOGPILE_DIFFERENTIAL_SEED`, or another one each time.
fn seed() -> u64 {
    setting("DOGPILE_DIFFERENTIAL_SEED").unwrap_or_else(|| u64::from(rand::random::<u32>()))
}

/// Runs until the time is over or something is found.
async fn differ<S: Stage>(name: &str, defect: Defect, length: Duration) -> Report {
    let (stage, seed) = (S::set_up().await, seed());
    S::Client::create(&stage.database()).await;
    let mut workers: Vec<_> =
        (0..PROCESSES).map(|n| spawn(name, &stage, n, seed, defect)).collect();
    let mut report = Report { seed, ..Report::default() };
    let (begun, mut round) = (Instant::now(), 0);
    while begun.elapsed() < length
        || !report.is_busy::<S::Client>() && begun.elapsed() < length + PATIENCE
    {
        tell(&mut workers, &format!("go {ROUND}"));
        hear(&mut workers, "quiet");
        tell(&mut workers, "compare");
        let findings = hear(&mut workers, "found ");
        report = Report { seed, ..Report::default() };
        report.findings.extend(findings.into_iter().filter(|found| !found.is_empty()));
        hear(&mut workers, "did ").iter().for_each(|account| report.add(account));
        round += 1;
        if round % 10 == 0 {
            show(name, begun, &report);
        }
        if report.is_done::<S::Client>(defect) {
            break;
        }
    }
    tell(&mut workers, "stop");
    show(name, begun, &report);
    report
}

/// Past the harness, which shows what is printed when a test has ended.
fn show(name: &str, begun: Instant, report: &Report) {
    let text = format!("{name} after {} s: {report}\n", begun.elapsed().as_secs());
    std::io::stderr().write_all(text.as_bytes()).unwrap();
}

fn spawn<S: Stage>(name: &str, stage: &S, number: usize, seed: u64, defect: Defect) -> Worker {
    let number = u64::try_from(number).unwrap();
    let (database, backend) = (stage.database(), stage.backend());
    let arguments = Assignment { number, seed, defect, database, backend }.arguments();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut worker = Worker::spawn(name, "process", &arguments).unwrap();
    worker.expect("ready").unwrap();
    worker
}

fn tell(workers: &mut [Worker], line: &str) {
    workers.iter_mut().for_each(|worker| worker.send(line).unwrap());
}

/// What each of them says.
fn hear(workers: &mut [Worker], prefix: &str) -> Vec<String> {
    workers.iter_mut().map(|worker| worker.expect(prefix).unwrap()).collect()
}

fn what_is_cached_is_what_the_database_says<S: Stage>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    let report = run(differ::<S>(name, Defect::None, length()));
    assert!(report.findings.is_empty() && report.mismatches == 0, "{}", report.told());
    assert!(report.is_busy::<S::Client>(), "{}", report.told());
}

/// The canary: that a write of which nobody is told is found.
fn writes_around_the_wrapper_are_found<S: Stage>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    let report = run(differ::<S>(name, Defect::WritesAround, secs(30)));
    assert!(!report.findings.is_empty(), "{}", report.told());
}

/// And an invalidation that a backend has not done.
fn dropped_invalidations_are_found<S: Stage>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    let report = run(differ::<S>(name, Defect::DroppedInvalidations, secs(30)));
    assert!(!report.findings.is_empty(), "{}", report.told());
}

/// And a write outside of which no relay tells; by verify mode as well.
fn writes_outside_without_a_relay_are_found<S: Stage>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    let report = run(differ::<S>(name, Defect::NoRelay, secs(60)));
    assert!(report.is_done::<S::Client>(Defect::NoRelay), "{}", report.told());
}
