//! An application whose writes carry their invalidations, on each database.

use std::time::Duration;

use dogpile::observe::ReasonKind;
use dogpile::{Coherence, Freshness, Reason, Region, RegionBuilder, minutes, secs};
use dogpile_sqlx::{CacheDatabase, CachedPool, CachedTransaction, QueryCacheExt};
use sqlx::pool::PoolOptions;
use sqlx::{AssertSqlSafe, Error, Executor, Pool};
use tokio::time::timeout;

use crate::support::{Database, File, MariaDbDatabase, PostgresDatabase, patient};

/// How many rows there are, from 1 on.
pub(super) const ITEMS: i64 = 8;

/// Longer than anything here takes.
const GUARD: Duration = secs(60);

pub(super) async fn within<F: Future>(what: &str, work: F) -> F::Output {
    timeout(GUARD, work).await.unwrap_or_else(|_| panic!("{what}: hangs"))
}

/// A database whose driver has an adapter.
pub(super) trait App: Database<Driver: CacheDatabase> {
    /// What a session is told so that its transactions have this isolation.
    fn isolation(level: &str) -> String;

    /// The version of one row, through the cache.
    fn cached(db: &CachedPool<Self::Driver>, id: i64) -> impl Future<Output = i64> + Send;

    /// And past it.
    fn truth(pool: &Pool<Self::Driver>, id: i64) -> impl Future<Output = i64> + Send;

    /// Another version for one row, committed by itself; how many rows that were.
    fn write(
        db: &CachedPool<Self::Driver>,
        id: i64,
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// A pool whose sessions are told something first.
    async fn told(&self, session: &str, connections: u32) -> Pool<Self::Driver>;
}

macro_rules! app {
    ($database:ty, $parameter:literal, $isolation:literal) => {
        impl App for $database {
            fn isolation(level: &str) -> String {
                $isolation.replace('@', level)
            }

            async fn cached(db: &CachedPool<Self::Driver>, id: i64) -> i64 {
                let read = concat!("SELECT version FROM item WHERE id = ", $parameter);
                sqlx::query_scalar(read).bind(id).cached().fetch_one(db).await.unwrap()
            }

            async fn truth(pool: &Pool<Self::Driver>, id: i64) -> i64 {
                let read = concat!("SELECT version FROM item WHERE id = ", $parameter);
                sqlx::query_scalar(read).bind(id).fetch_one(pool).await.unwrap()
            }

            async fn write(db: &CachedPool<Self::Driver>, id: i64) -> Result<u64, Error> {
                let write =
                    concat!("UPDATE item SET version = version + 1 WHERE id = ", $parameter);
                Ok(sqlx::query(write).bind(id).execute(db).await?.rows_affected())
            }

            async fn told(&self, session: &str, connections: u32) -> Pool<Self::Driver> {
                let session = session.to_owned();
                let options: PoolOptions<Self::Driver> = PoolOptions::new();
                let options = options.max_connections(connections).after_connect(move |c, _| {
                    let session = AssertSqlSafe(session.clone());
                    Box::pin(async move { c.execute(sqlx::raw_sql(session)).await.map(drop) })
                });
                options.acquire_timeout(GUARD).connect(&self.url()).await.unwrap()
            }
        }
    };
}

app!(File, "?", "SELECT '@'");
app!(PostgresDatabase, "$1", "SET default_transaction_isolation = '@'; SET enable_seqscan = off");
app!(MariaDbDatabase, "?", "SET SESSION TRANSACTION ISOLATION LEVEL @");

/// A pool with a cache, a pool of another process with the same cache, and one without.
pub(super) struct Fixture<D: App> {
    pub(super) db: CachedPool<D::Driver>,
    pub(super) other: CachedPool<D::Driver>,
    pub(super) raw: Pool<D::Driver>,
    pub(super) database: D,
}

impl<D: App> Fixture<D> {
    pub(super) async fn start() -> Self {
        Self::with(|region| region).await
    }

    /// With a store that waits for a connection, or for other writers, no longer than that.
    pub(super) async fn with_limit(limit: Duration) -> Self {
        let mut fixture = Self::start().await;
        let store = patient(&fixture.database.url()).acquire_timeout(limit).open().unwrap();
        let region = region(&fixture.database).backend(store).build().unwrap();
        fixture.db = CachedPool::new(fixture.database.pool(4).await, region);
        fixture
    }

    /// With settings of one's own for the region that writes.
    pub(super) async fn with(settings: impl FnOnce(RegionBuilder) -> RegionBuilder) -> Self {
        let database = items::<D>().await;
        let mine = settings(region(&database)).build().unwrap();
        let theirs = region(&database).build().unwrap();
        Self {
            db: CachedPool::new(database.pool(4).await, mine),
            other: CachedPool::new(database.pool(4).await, theirs),
            raw: database.pool(2).await,
            database,
        }
    }

    /// How many bumps of transactions are not folded.
    pub(super) async fn tokens(&self) -> i64 {
        let count =
            format!("SELECT count(*) FROM dogpile_token WHERE name <> {}", D::bytes(b"\0asked"));
        self.database.number(&count).await
    }

    /// Notes what the registers hold by themselves.
    pub(super) async fn note_registers(&self) {
        self.database
            .run("CREATE TABLE noted AS SELECT name, high, low FROM dogpile_register")
            .await;
    }

    /// How many of them hold something else by now.
    pub(super) async fn written_registers(&self) -> i64 {
        let written = "SELECT count(*) FROM dogpile_register AS r JOIN noted AS n ON n.name = r.name \
                       WHERE n.high <> r.high OR n.low <> r.low";
        self.database.number(written).await
    }

    pub(super) async fn is_true_for_all(&self, when: &str) {
        for id in 1..=ITEMS {
            let truth = D::truth(&self.raw, id).await;
            assert_eq!(D::cached(&self.db, id).await, truth, "{id} {when}");
            assert_eq!(D::cached(&self.other, id).await, truth, "{id} elsewhere, {when}");
        }
    }

    pub(super) fn nothing_degraded(&self) {
        assert_eq!(self.db.region().stats().degraded, 0, "{:#}", self.db.region().stats());
    }
}

/// A database with rows in it.
pub(super) async fn items<D: Database>() -> D {
    let database = D::start().await;
    let with = if D::bytes(b"").starts_with('\'') { "WITH (fillfactor = 20)" } else { "" };
    let rows: Vec<String> = (1..=ITEMS).map(|id| format!("({id}, 0)")).collect();
    let table = "CREATE TABLE item (id BIGINT PRIMARY KEY, version BIGINT NOT NULL)";
    database.run(&format!("{table} {with}")).await;
    database.run(&format!("INSERT INTO item VALUES {}", rows.join(","))).await;
    database
}

/// A region as each process has one.
pub(super) fn region<D: Database>(database: &D) -> RegionBuilder {
    let store = patient(&database.url()).open().unwrap();
    Region::builder("shop")
        .ttl(minutes(5))
        .op_timeout(secs(30))
        .coherence(Coherence::Strict)
        .freshness(Freshness::Transactional)
        .backend(store)
}

pub(super) fn degraded(region: &Region, reason: Reason) -> u64 {
    region.stats().count_of(ReasonKind::Degraded, reason)
}

/// Runs a text in a transaction.
pub(super) async fn run<DB: CacheDatabase>(
    transaction: &mut CachedTransaction<'_, DB>,
    sql: &str,
) -> Result<(), Error> {
    (&mut **transaction).execute(AssertSqlSafe(sql.to_owned())).await.map(drop)
}

pub(super) fn update(id: i64) -> String {
    format!("UPDATE item SET version = version + 1 WHERE id = {id}")
}
