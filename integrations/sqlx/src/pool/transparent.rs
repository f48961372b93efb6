//! Pools whose plain reads are cached.

use dogpile_query::Kind;

use super::CachedPool;
use crate::database::CacheDatabase;
use crate::statement::Statement;

#[cfg(feature = "transparent")]
impl<DB: CacheDatabase> CachedPool<DB> {
    /// The same pool, for code that was never written for a cache: plain reads on it are answered from
    /// the region where its [policy](Self::with_policy) allows all reads of their tables, or a comment
    /// says `dogpile: on`.
    ///
    /// A hit gives genuine rows of the driver, whatever fetches them: `query`, `query_as`,
    /// `query_scalar`, the macros, `QueryBuilder`, prepared statements, a `&mut CachedConnection`. So
    /// do streams: a result that the region has room for is read to its end before its first row is
    /// handed on, by one caller for all. One that is larger, or takes longer than the region's
    /// `hard_load_limit`, is streamed past the cache.
    ///
    /// To the database go, as ever: writes, and what a transaction reads; `execute`, which asks how many rows
    /// the database counts; `raw_sql` and plain strings, which are not prepared; what the SQL forbids,
    /// each with its reason. Of a stream that comes from the cache the counts at the end of
    /// `fetch_many` are none, and a column does not say which table it is from.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use dogpile::{Region, minutes};
    /// use dogpile_sqlx::{CachedPool, Policy};
    /// use sqlx::{Executor, Sqlite, SqlitePool};
    ///
    /// // Knows of no cache.
    /// async fn count<'e>(db: impl Executor<'e, Database = Sqlite>) -> sqlx::Result<i64> {
    ///     sqlx::query_scalar("SELECT count(*) FROM cake").fetch_one(db).await
    /// }
    ///
    /// let region = Region::builder("shop").ttl(minutes(5)).build()?;
    /// let db = CachedPool::new(SqlitePool::connect("sqlite::memory:").await?, region)
    ///     .with_policy(Policy::all().except(["session"]))
    ///     .transparent();
    /// # sqlx::raw_sql("CREATE TABLE cake (id INTEGER PRIMARY KEY)").execute(&db).await?;
    /// assert_eq!(count(&db).await?, 0);
    /// # Ok(()) }
    /// # #[cfg(not(feature = "sqlite"))] fn main() {}
    /// ```
    ///
    /// Default: only reads that are marked are cached.
    #[must_use]
    pub fn transparent(&self) -> Self {
        let inner = super::Inner { is_transparent: true, ..(*self.inner).clone() };
        Self { inner: std::sync::Arc::new(inner) }
    }
}

impl<DB: CacheDatabase> CachedPool<DB> {
    /// Whether a statement of which nobody said that it be cached is looked up: a prepared one that
    /// reads and does nothing else.
    pub(crate) fn may_answer(&self, statement: &Statement<DB>) -> bool {
        if !self.inner.is_transparent || statement.arguments.is_none() {
            return false;
        }
        let sql = statement.sql.as_str();
        let analysis = self.analyzer().analyze(sql);
        analysis.kind() == Kind::Read && !analysis.may_write() && self.looks_up_plain(sql)
    }
}
