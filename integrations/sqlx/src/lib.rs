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
//! # What the SQL does not show
//!
//! Views, partitions, foreign keys, triggers and functions are what the database's catalog says of them: it is
//! asked before the first read or write, again when the schema changes, and once a minute. A user who may not
//! see all of it caches less; a warning says so once.
//! [`without_catalog`](CachedPool::without_catalog) takes statements at their word.
//!
//! # Scope
//!
//! Whatever else decides a result, beside the SQL and its parameters, belongs in the
//! [`scope`](CachedQuery::scope): the tenant of a row-level policy, the role, the `search_path`, the
//! time zone. Two callers that must not see each other's rows must not share a scope.
//!
//! What a session is told by SQL is seen: a read on a [`CachedConnection`] has the settings of its
//! session in its key, from `SET`, `USE`, `PRAGMA` or `set_config`. Where they cannot be told it
//! bypasses, with the reason `session_state`, until they are reset or set again. A connection that
//! goes back to its pool with a setting that is not reset, or a `SET` sent through the pool, leaves
//! the pool with a connection nobody knows: from then on reads through the pool bypass for that
//! reason, and reads on a connection until it has set the same setting itself. A pool of one
//! connection can be put right by a reset. Settings that no row depends on, such as
//! `statement_timeout`, count for nothing.
//!
//! Three things are not seen: what [`CachedPool::inner`] is told, what `after_connect` does (a
//! [`with_scope`](CachedPool::with_scope) tells of it), and what a procedure or a function of your own
//! leaves set on a connection that goes back to its pool.
//!
//! # Rules
//!
//! What goes for whole tables is said once, in the [`Policy`] of a pool: which tables are cached, how long
//! results are fresh, and what they depend on besides. [`with_policy`](CachedPool::with_policy) has an
//! example.
//!
//! # Code that knows of no cache
//!
//! With the feature `transparent` plain reads are served as well, on a pool that says
//! `CachedPool::transparent`. One word is different from plain sqlx: a connection that
//! [`acquire`](CachedPool::acquire) gave is lent as `&mut connection`.
//!
//! # Hints
//!
//! A comment before or after a statement that says `dogpile: off` keeps its result from the cache:
//! `/* dogpile: off */ SELECT ..`, or `-- dogpile: off` on a line of its own. Comments that hold a
//! hint are not part of the key.
//!
//! # Writers outside
//!
//! What another program writes, or `psql`, no wrapper sees. Triggers note it in the database where a table is
//! watched, and a [`Relay`] invalidates what they note.

mod arguments;
mod catalog;
mod connection;
mod database;
mod executor;
#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
    expect(dead_code, reason = "nothing is sent without a driver")
)]
mod hearing;
mod left_behind;
mod out_of_step;
mod pool;
mod query;
mod relay;
mod row_tags;
mod rows;
mod server;
mod statement;
mod transaction;
mod verify;

pub use connection::CachedConnection;
pub use dogpile_query::{Analyzer, Caching, Policy, Rule, TableName, TablePattern};

pub use database::{CacheDatabase, Describe, Step};
#[doc(hidden)]
pub use hearing::Ear;
#[doc(hidden)]
pub use pool::Unacquired;
pub use pool::{CachedPool, PoolStats};
#[doc(hidden)]
pub use query::Gate;
pub use query::{CachedQuery, Explanation, Mode, QueryCacheExt, Target, TypedQuery, way};
pub use relay::{Relay, RelayBuilder, RelayDatabase, RelayStats};
#[doc(hidden)]
pub use statement::Statement;
pub use transaction::CachedTransaction;
pub use verify::{Verify, VerifyCounts};

/// The example on the project's first page compiles.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../../README.md")]
mod readme {}
