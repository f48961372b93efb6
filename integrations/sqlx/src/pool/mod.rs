//! A pool whose writes invalidate and whose marked reads are cached.

mod invalidate;
mod known;
mod past;
mod stats;
mod transparent;
mod unacquired;
mod verify;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use dogpile::{Digest, Freshness, Region, Tags};
use dogpile_migrations::Migrations;
use dogpile_query::{Analyzer, Policy};
use quick_cache::sync::Cache;
use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::{Error, Pool};

use crate::catalog::Catalog;
use crate::connection::Carrier;
use crate::database::CacheDatabase;
use crate::left_behind::LeftBehind;
use crate::server::Server;
use crate::verify::Verifier;

pub use stats::PoolStats;
pub use unacquired::Unacquired;

/// A pool of connections with a region of the cache beside it.
///
/// Statements run on it as on the pool it wraps. Reads marked with
/// [`cached`](crate::QueryCacheExt::cached) are served from the region, others go to the database.
/// Writes, whatever method runs them, invalidate what read the tables they touch.
///
/// Cheap to clone; all clones are the same pool.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use dogpile::{Region, minutes};
/// use dogpile_sqlx::{CachedPool, QueryCacheExt};
/// use sqlx::SqlitePool;
///
/// let region = Region::builder("shop").ttl(minutes(5)).build()?;
/// let db = CachedPool::new(SqlitePool::connect("sqlite::memory:").await?, region);
///
/// sqlx::raw_sql("CREATE TABLE cake (id INTEGER PRIMARY KEY, name TEXT)").execute(&db).await?;
/// sqlx::query("INSERT INTO cake (name) VALUES (?)").bind("nut").execute(&db).await?;
///
/// for _ in 0..2 {
///     let cakes: Vec<(i64, String)> =
///         sqlx::query_as("SELECT id, name FROM cake").cached().fetch_all(&db).await?;
///     assert_eq!(cakes, [(1, String::from("nut"))]);
/// }
/// assert_eq!(db.region().stats().hits, 1);
/// # Ok(()) }
/// # #[cfg(not(feature = "sqlite"))] fn main() {}
/// ```
pub struct CachedPool<DB: CacheDatabase> {
    inner: Arc<Inner<DB>>,
}

struct Inner<DB: CacheDatabase> {
    pool: Pool<DB>,
    region: Region,
    analyzer: Analyzer,
    policy: Policy,
    /// Whether reads are cached that nobody has marked.
    is_transparent: bool,
    /// Whether the errors of taking a connection are marked as such.
    marks_unacquired: bool,
    /// What compares hits with the database, where somebody wants it.
    verifier: Option<Arc<Verifier>>,
    /// What the results are kept apart by, beside the server.
    scope: String,
    server: Arc<Server>,
    /// Whether a transaction was begun by SQL text on some connection of the pool, and not ended.
    text_transaction: Arc<AtomicBool>,
    left_behind: Arc<LeftBehind>,
    carrier: Arc<Carrier>,
    /// The same for the writes that are only noted.
    noter: Arc<Carrier>,
    catalog: Arc<Catalog>,
    /// Whether the names in a statement are all that is known of what it reads and writes.
    is_literal: bool,
    unfit: Arc<Unfit>,
    found_tags: Arc<Cache<Digest, Tags>>,
    /// What a write does, where it is not what the region says.
    freshness: Option<Freshness>,
}

/// The queries whose rows cannot be replayed.
type Unfit = Cache<String, ()>;

/// How many of them are remembered; those forgotten are tried once more.
const MOST_UNFIT: usize = 1_000;
/// Of how many queries the tags are remembered that only their rows tell.
const MOST_FOUND_TAGS: usize = 10_000;

impl<DB: CacheDatabase> CachedPool<DB> {
    /// Wraps `pool`; results are kept in `region`.
    pub fn new(pool: Pool<DB>, region: Region) -> Self {
        Self::with_analyzer(pool, region, Analyzer::new(DB::DIALECT))
    }

    /// Connects to the database at `url` with the options of `pool`; results are kept in `region`.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use dogpile::{Region, minutes};
    /// use dogpile_sqlx::CachedPool;
    /// use sqlx::sqlite::SqlitePoolOptions;
    ///
    /// let region = Region::builder("shop").ttl(minutes(5)).build()?;
    /// let pool = SqlitePoolOptions::new().max_connections(8);
    /// let db = CachedPool::connect("sqlite::memory:", pool, region).await?;
    /// assert_eq!(db.stats().most_connections, 8);
    /// # Ok(()) }
    /// # #[cfg(not(feature = "sqlite"))] fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`PoolOptions::connect`].
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn connect(url: &str, pool: PoolOptions<DB>, region: Region) -> Result<Self, Error> {
        Ok(Self::new(pool.connect(url).await?, region))
    }

    /// [`new`](Self::new) with an analyzer that knows functions of your own.
    pub fn with_analyzer(pool: Pool<DB>, region: Region, analyzer: Analyzer) -> Self {
        let (scope, server) = (String::new(), Arc::new(Server::new()));
        let (policy, text_transaction) = (Policy::all(), Arc::default());
        let carrier = Arc::new(Carrier::of::<DB>(&region));
        // The names of the default are fit to be used.
        let noter = Carrier::noting::<DB>(&Migrations::new()).unwrap_or_default();
        let unfit = Arc::new(Cache::new(MOST_UNFIT));
        let inner = Inner {
            pool,
            region,
            analyzer,
            policy,
            is_transparent: false,
            marks_unacquired: false,
            verifier: None,
            scope,
            server,
            text_transaction,
            left_behind: Arc::default(),
            carrier,
            noter: Arc::new(noter),
            catalog: Arc::new(Catalog::new()),
            is_literal: false,
            unfit,
            found_tags: Arc::new(Cache::new(MOST_FOUND_TAGS)),
            freshness: None,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The same pool, whose results are kept apart from those of other scopes.
    ///
    /// Whatever the pool's connections have in common that decides a result, and that the address of
    /// the database does not tell, belongs here: a role or `search_path` set in `after_connect`, an
    /// attached database, a tenant. It is a part of every key, beside the
    /// [scope of a query](crate::CachedQuery::scope).
    ///
    /// Default: none.
    #[must_use]
    pub fn with_scope(&self, scope: impl fmt::Display) -> Self {
        let scope = format!("{} scope {scope}", self.inner.scope);
        Self { inner: Arc::new(Inner { scope, ..(*self.inner).clone() }) }
    }

    /// The same pool, whose marked reads are cached as `policy` says.
    ///
    /// What a query says of itself wins over the policy's rules, and they win over the region. No query
    /// can allow a table that a rule denies: it bypasses the cache, with the reason `denied_table`. A
    /// read for which a rule wants a scope that there is not bypasses with `no_scope`.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # fn rules(db: dogpile_sqlx::CachedPool<sqlx::Sqlite>) {
    /// use dogpile::{minutes, secs};
    /// use dogpile_sqlx::{Policy, Rule};
    ///
    /// let db = db.with_policy(
    ///     Policy::all()
    ///         .except(["sessions"])
    ///         .rule("log_*", Rule::allow().ttl(secs(10)))
    ///         .rule("country", Rule::allow().ttl(minutes(60)).tag("geography")),
    /// );
    /// # }
    /// ```
    ///
    /// Default: [`Policy::all`].
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        Self { inner: Arc::new(Inner { policy, ..(*self.inner).clone() }) }
    }

    /// The same pool, whose writes invalidate as strictly as `freshness` says.
    ///
    /// [`Freshness::Transactional`] takes a region that was built with it: the writes of others are
    /// [`Freshness::Fenced`]. [`Freshness::Durable`] takes the log of the migrations in the database, a right
    /// to read it and to insert into it, and a [`Relay`](crate::Relay) that reads it.
    ///
    /// Default: the region's.
    #[must_use]
    pub fn with_freshness(&self, freshness: Freshness) -> Self {
        let freshness = Some(freshness);
        Self { inner: Arc::new(Inner { freshness, ..(*self.inner).clone() }) }
    }

    /// The same pool, whose writes of [`Freshness::Durable`] are noted in the log of `migrations`.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use dogpile::{Freshness, Region, minutes};
    /// use dogpile_migrations::Migrations;
    /// use dogpile_sqlx::{CachedPool, Relay};
    /// use sqlx::sqlite::SqlitePoolOptions;
    ///
    /// let region = Region::builder("shop").ttl(minutes(5)).freshness(Freshness::Durable).build()?;
    /// let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    /// let migrations = Migrations::new().prefix("cache_");
    /// migrations.up(&pool).await?;
    /// let db = CachedPool::new(pool, region).with_migrations(&migrations)?;
    /// let relay = Relay::of(&db).migrations(migrations).start().await?;
    /// # relay.stop().await;
    /// # Ok(()) }
    /// # #[cfg(not(feature = "sqlite"))] fn main() {}
    /// ```
    ///
    /// Default: that of [`Migrations::new`].
    ///
    /// # Errors
    ///
    /// [`Error::Setting`](dogpile_migrations::Error::Setting) for names that cannot be used.
    pub fn with_migrations(
        &self,
        migrations: &Migrations,
    ) -> Result<Self, dogpile_migrations::Error> {
        let noter = Arc::new(Carrier::noting::<DB>(migrations)?);
        Ok(Self { inner: Arc::new(Inner { noter, ..(*self.inner).clone() }) })
    }

    /// The same pool, whose writes invalidate nothing.
    ///
    /// For rows that no cached query reads, or that may be seen as late as their `ttl`. It is
    /// [`with_freshness`](Self::with_freshness) of [`Freshness::Ttl`].
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # async fn visit(db: dogpile_sqlx::CachedPool<sqlx::Sqlite>) -> sqlx::Result<()> {
    /// sqlx::query("UPDATE page SET visits = visits + 1").execute(&db.without_invalidation()).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn without_invalidation(&self) -> Self {
        self.with_freshness(Freshness::Ttl)
    }

    /// The same pool, which takes statements at their word: what they read and write is what they name,
    /// table by table, and the database's catalog is not asked.
    ///
    /// For a database without views, triggers, foreign keys with actions, partitions and functions of its
    /// own, or one whose catalog may not be read. Where there are some all the same, what they touch is not
    /// invalidated. All pools over one set of entries should agree on this.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use dogpile::{Region, minutes};
    /// # use dogpile_sqlx::CachedPool;
    /// # let region = Region::builder("shop").ttl(minutes(5)).build()?;
    /// # let pool = sqlx::SqlitePool::connect("sqlite::memory:").await?;
    /// let db = CachedPool::new(pool, region).without_catalog();
    /// # Ok(()) }
    /// # #[cfg(not(feature = "sqlite"))] fn main() {}
    /// ```
    ///
    /// Default: the catalog is asked.
    #[must_use]
    pub fn without_catalog(&self) -> Self {
        Self { inner: Arc::new(Inner { is_literal: true, ..(*self.inner).clone() }) }
    }

    /// The rules for the pool's reads.
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// The region that results are kept in.
    pub fn region(&self) -> &Region {
        &self.inner.region
    }

    /// The pool inside. What is written through it is not seen by the cache.
    pub fn inner(&self) -> &Pool<DB> {
        &self.inner.pool
    }

    /// Closes the pool after the region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub async fn close(&self) {
        self.region().close().await;
        self.inner.pool.close().await;
    }

    pub(crate) async fn acquire_raw(&self) -> Result<PoolConnection<DB>, Error> {
        let acquired = self.inner.pool.acquire().await;
        match self.inner.marks_unacquired {
            true => acquired.map_err(Unacquired::mark),
            false => acquired,
        }
    }
}

impl<DB: CacheDatabase> Clone for Inner<DB> {
    fn clone(&self) -> Self {
        Self {
            pool: self.pool.clone(),
            region: self.region.clone(),
            analyzer: self.analyzer.clone(),
            policy: self.policy.clone(),
            is_transparent: self.is_transparent,
            marks_unacquired: self.marks_unacquired,
            verifier: self.verifier.clone(),
            scope: self.scope.clone(),
            server: Arc::clone(&self.server),
            text_transaction: Arc::clone(&self.text_transaction),
            left_behind: Arc::clone(&self.left_behind),
            carrier: Arc::clone(&self.carrier),
            noter: Arc::clone(&self.noter),
            catalog: Arc::clone(&self.catalog),
            is_literal: self.is_literal,
            unfit: Arc::clone(&self.unfit),
            found_tags: Arc::clone(&self.found_tags),
            freshness: self.freshness,
        }
    }
}

impl<DB: CacheDatabase> Clone for CachedPool<DB> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<DB: CacheDatabase> fmt::Debug for CachedPool<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedPool")
            .field("database", &DB::NAME)
            .field("region", &self.inner.region)
            .finish_non_exhaustive()
    }
}
