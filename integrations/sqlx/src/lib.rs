//! Cached sqlx queries: wrap the pool, mark the query, and writes invalidate what they touched.
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use dogpile::{Region, minutes};
//! use dogpile_sqlx::{CachedPool, QueryCacheExt};
//! use sqlx::SqlitePool;
//!
//! let region = Region::builder("shop").ttl(minutes(5)).build()?;
//! let db = CachedPool::new(SqlitePool::connect("sqlite::memory:").await?, region);
//! # sqlx::raw_sql("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT)").execute(&db).await?;
//!
//! // Reads say that they may be cached. Tables are found in the SQL.
//! let open: i64 = sqlx::query_scalar("SELECT count(*) FROM orders WHERE status = ?")
//!     .bind("open")
//!     .cached()
//!     .fetch_one(&db)
//!     .await?;
//!
//! // Writes need no word about the cache, and transactions invalidate when they commit.
//! let mut tx = db.begin().await?;
//! sqlx::query("INSERT INTO orders (status) VALUES ('open')").execute(&mut *tx).await?;
//! tx.commit().await?;
//! # assert_eq!(open, 0);
//! # Ok(()) }
//! # #[cfg(not(feature = "sqlite"))] fn main() {}
//! ```
//!
//! # Scope
//!
//! Whatever else decides a result, beside the SQL and its parameters, belongs in the
//! [`scope`](CachedQuery::scope): the tenant of a row-level policy, the role, the `search_path`, the
//! time zone. Two callers that must not see each other's rows must not share a scope.

mod connection;
mod database;
mod executor;
mod pool;
mod query;
mod statement;
mod transaction;

pub use connection::CachedConnection;
pub use dogpile_query::{Analyzer, Policy};

pub use database::{CacheDatabase, Describe, Step};
pub use pool::CachedPool;
pub use query::{CachedQuery, Explanation, QueryCacheExt, Target, TypedQuery};
pub use transaction::CachedTransaction;

/// The example on the project's first page compiles.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../../README.md")]
mod readme {}
