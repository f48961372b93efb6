//! A pool whose writes invalidate and whose marked reads are cached.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dogpile::{Region, Tag, Tags};
use dogpile_query::{Analysis, Analyzer, Policy};
use sqlx::pool::PoolConnection;
use sqlx::{Error, Pool};

use crate::connection::Carrier;
use crate::database::CacheDatabase;

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
    identity: String,
    /// Whether a transaction was begun by SQL text on some connection of the pool, and not ended.
    text_transaction: Arc<AtomicBool>,
    carrier: Arc<Carrier>,
}

impl<DB: CacheDatabase> CachedPool<DB> {
    /// Wraps `pool`; results are kept in `region`.
    pub fn new(pool: Pool<DB>, region: Region) -> Self {
        Self::with_analyzer(pool, region, Analyzer::new(DB::DIALECT))
    }

    /// [`new`](Self::new) with an analyzer that knows functions of your own.
    pub fn with_analyzer(pool: Pool<DB>, region: Region, analyzer: Analyzer) -> Self {
        let identity = DB::identity(&pool);
        let (policy, text_transaction) = (Policy::all(), Arc::default());
        let carrier = Arc::new(Carrier::of::<DB>(&region));
        let inner = Inner { pool, region, analyzer, policy, identity, text_transaction, carrier };
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
        let identity = format!("{} scope {scope}", self.inner.identity);
        Self { inner: Arc::new(Inner { identity, ..(*self.inner).clone() }) }
    }

    /// The same pool, whose marked reads are cached only where `policy` allows their tables.
    ///
    /// Default: [`Policy::all`].
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        Self { inner: Arc::new(Inner { policy, ..(*self.inner).clone() }) }
    }

    /// The tags that a read of the named tables depends on, each `name` or `schema.name`.
    ///
    /// For entries that are not queries but are made of them, or of views over these tables.
    pub fn tags_of(&self, tables: impl IntoIterator<Item = impl AsRef<str>>) -> Tags {
        self.tags_by("SELECT 1 FROM", tables, Analysis::read_tags)
    }

    /// The region that results are kept in.
    pub fn region(&self) -> &Region {
        &self.inner.region
    }

    /// The pool inside. What is written through it is not seen by the cache.
    pub fn inner(&self) -> &Pool<DB> {
        &self.inner.pool
    }

    /// Invalidates `tags` by hand, where the SQL cannot tell.
    ///
    /// # Errors
    ///
    /// Those of [`Region::invalidate`].
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the tags are then invalidated or not.
    pub async fn invalidate(
        &self,
        tags: impl IntoIterator<Item = impl Into<Tag>>,
    ) -> dogpile::Result<()> {
        self.region().invalidate(tags).await
    }

    /// Invalidates every read of the named tables, each `name` or `schema.name`.
    ///
    /// # Errors
    ///
    /// Those of [`Region::invalidate`].
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the tables are then invalidated or not.
    pub async fn invalidate_tables(
        &self,
        tables: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> dogpile::Result<()> {
        let tags = self.tags_by("DELETE FROM", tables, Analysis::write_tags);
        self.region().invalidate(tags.iter()).await
    }

    /// The tags of tables whose names are read as SQL reads them after `verb`: quoted, folded, with or
    /// without a schema.
    fn tags_by(
        &self,
        verb: &str,
        tables: impl IntoIterator<Item = impl AsRef<str>>,
        of: fn(&Analysis) -> &Tags,
    ) -> Tags {
        let mut tags = Tags::new();
        for table in tables {
            let statement = format!("{verb} {}", table.as_ref());
            tags.extend(of(&self.analyzer().analyze(&statement)).iter());
        }
        tags
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
        self.inner.pool.acquire().await
    }

    /// What carries invalidations in the pool's transactions.
    pub(crate) fn carrier(&self) -> &Arc<Carrier> {
        &self.inner.carrier
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    pub(crate) fn analyzer(&self) -> &Analyzer {
        &self.inner.analyzer
    }

    /// Whether a connection of the pool may be inside a transaction that was begun by SQL text: a
    /// read on it would see what is not committed.
    pub(crate) fn in_text_transaction(&self) -> bool {
        self.inner.text_transaction.load(Ordering::SeqCst)
    }

    /// Notes a transaction that was begun, or ended, by SQL text on some connection of the pool.
    ///
    /// Where there are several connections nobody can tell which of them it was: from the first BEGIN
    /// on, reads of such a pool stay away from the cache.
    pub(crate) fn set_text_transaction(&self, open: bool) {
        if open || self.inner.pool.options().get_max_connections() == 1 {
            self.inner.text_transaction.store(open, Ordering::SeqCst);
        }
    }

    /// Which database this is, as a part of every fingerprint.
    pub(crate) fn identity(&self) -> &str {
        &self.inner.identity
    }
}

impl<DB: CacheDatabase> Clone for Inner<DB> {
    fn clone(&self) -> Self {
        Self {
            pool: self.pool.clone(),
            region: self.region.clone(),
            analyzer: self.analyzer.clone(),
            policy: self.policy.clone(),
            identity: self.identity.clone(),
            text_transaction: Arc::clone(&self.text_transaction),
            carrier: Arc::clone(&self.carrier),
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
