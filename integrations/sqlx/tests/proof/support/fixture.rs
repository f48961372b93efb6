//! A database file, a cached pool on it, and a pool beside it that tells the truth.

use std::sync::Arc;

use dogpile::{Region, RegionBuilder, TagSpace, minutes};
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool};
use tempfile::TempDir;

use super::statements::Statements;
use super::{CountedLocks, GUARD, Result, until, within};

pub(crate) type Rows = Vec<(i64, i64)>;

/// What is read again and again.
pub(crate) const READ: &str = "SELECT id, value FROM item ORDER BY id";

/// A write that changes what [`READ`] returns.
const UPDATE: &str = "UPDATE item SET value = value + 1";

const SCHEMA: &str = "CREATE TABLE item (id INTEGER PRIMARY KEY, value INTEGER NOT NULL);
    CREATE TABLE other (id INTEGER PRIMARY KEY, value INTEGER NOT NULL);
    INSERT INTO item VALUES (1, 10), (2, 20), (3, 30);
    INSERT INTO other VALUES (1, 100)";

/// Cheap to clone; all clones are the same.
#[derive(Clone)]
pub(crate) struct Fixture {
    /// What is tested.
    pub(crate) db: CachedPool<Sqlite>,
    /// The same database, and no cache.
    pub(crate) raw: SqlitePool,
    /// The leases of the region, unless it was given other locks.
    pub(crate) locks: CountedLocks,
    /// What the cached pool has sent.
    statements: Statements,
    most_connections: u32,
    folder: Arc<TempDir>,
}

impl Fixture {
    /// On a pool of up to `connections`.
    pub(crate) async fn new(connections: u32) -> Result<Self> {
        Self::with(connections, |region| region).await
    }

    /// With settings of one's own for the region.
    pub(crate) async fn with(
        connections: u32,
        settings: impl FnOnce(RegionBuilder) -> RegionBuilder,
    ) -> Result<Self> {
        let folder = Arc::new(TempDir::new()?);
        let raw = pool(2).connect_with(options(&folder)).await?;
        sqlx::raw_sql(SCHEMA).execute(&raw).await?;
        Self::on(folder, raw, connections, settings).await
    }

    /// On the same database, as another process would be.
    pub(crate) async fn beside(
        &self,
        settings: impl FnOnce(RegionBuilder) -> RegionBuilder,
    ) -> Result<Self> {
        let (folder, raw) = (Arc::clone(&self.folder), self.raw.clone());
        Self::on(folder, raw, self.most_connections, settings).await
    }

    async fn on(
        folder: Arc<TempDir>,
        raw: SqlitePool,
        connections: u32,
        settings: impl FnOnce(RegionBuilder) -> RegionBuilder,
    ) -> Result<Self> {
        let (statements, watched) = Statements::of(options(&folder));
        let locks = CountedLocks::default();
        let region = Region::builder("proof")
            .ttl(minutes(5))
            .tag_space(TagSpace::new(10_000))
            .locks(locks.clone());
        let db = pool(connections).connect_with(watched).await?;
        let db = CachedPool::new(db, settings(region).build()?);
        // Whoever asks first asks the catalog: that takes a connection.
        drop(sqlx::query_as::<_, (i64, i64)>(READ).cached().explain(&db).await);
        Ok(Self { db, raw, locks, statements, most_connections: connections, folder })
    }

    /// What the cache says.
    pub(crate) async fn cached(&self) -> Result<Rows> {
        Ok(sqlx::query_as(READ).cached().fetch_all(&self.db).await?)
    }

    /// What the database says.
    pub(crate) async fn truth(&self) -> Result<Rows> {
        Ok(sqlx::query_as(READ).fetch_all(&self.raw).await?)
    }

    /// Writes.
    pub(crate) async fn write(&self) -> Result {
        sqlx::query(UPDATE).execute(&self.db).await?;
        Ok(())
    }

    /// Every connection of the cached pool: until they are dropped, whoever needs one waits.
    pub(crate) async fn occupy(&self) -> Result<Vec<PoolConnection<Sqlite>>> {
        let pool = self.db.inner();
        let mut all = Vec::new();
        for _ in 0..self.most_connections {
            all.push(within("a connection", pool.acquire()).await??);
        }
        Ok(all)
    }

    /// Waits until nothing runs any more: every map is empty, every connection back.
    pub(crate) async fn settle(&self) -> Result {
        let pool = self.db.inner();
        until("flights", || self.db.region().stats().flights == 0).await?;
        until("leases", || self.locks.held() == 0).await?;
        until("connections", || pool.num_idle() == pool.size() as usize).await
    }

    /// How many reads reached the database. The driver may report one a moment after it has answered,
    /// but before its connection is back.
    pub(crate) async fn reads_sent(&self) -> Result<usize> {
        self.settle().await?;
        Ok(self.statements.count("SELECT"))
    }

    /// Nothing is left behind: the next caller is served, what it gets is true, all connections that
    /// there may be can be had at once, and none of them is in a transaction that nobody ends.
    pub(crate) async fn check(&self, when: &str) -> Result {
        let truth = self.truth().await?;
        let cached = within("the next caller", self.cached()).await??;
        assert_eq!(cached, truth, "a stale row, {when}");
        self.settle().await?;
        let all = self.occupy().await?;
        let size = self.db.inner().size();
        assert!(size <= self.most_connections, "{size} connections, {when}");
        for mut connection in all {
            let write = sqlx::query(UPDATE).execute(&mut *connection);
            within("the next writer", write).await??;
        }
        self.db.invalidate_tables(["item"]).await?;
        let written = self.truth().await?;
        let more = i64::from(self.most_connections);
        let expected: Rows = truth.iter().map(|(id, value)| (*id, value + more)).collect();
        assert_eq!(written, expected, "a write was not committed, {when}");
        assert_eq!(self.cached().await?, written, "stale after the next write, {when}");
        self.settle().await
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections).acquire_timeout(GUARD)
}

/// Readers and a writer do not wait for each other; writers do, for as long as it takes.
fn options(folder: &TempDir) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(folder.path().join("proof.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Off)
        .busy_timeout(GUARD)
}
