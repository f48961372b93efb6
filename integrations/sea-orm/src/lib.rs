//! Cached sea-orm: wrap the connection, and nothing else changes.
//!
//! ```
//! # #[cfg(feature = "sqlx-sqlite")] mod doc {
//! # use sea_orm::entity::prelude::*;
//! # #[sea_orm::model]
//! # #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
//! # #[sea_orm(table_name = "cake")]
//! # pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub name: String }
//! # impl ActiveModelBehavior for ActiveModel {}
//! # #[tokio::main(flavor = "current_thread")]
//! # pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use crate::doc as cake;
//! use dogpile::{Region, minutes};
//! use dogpile_sea_orm::{CachedConnection, SelectCacheExt};
//! use sea_orm::{Database, Set, TransactionTrait};
//!
//! let region = Region::builder("shop").ttl(minutes(5)).build()?;
//! let db = CachedConnection::new(Database::connect("sqlite::memory:").await?, region)?;
//! db.execute_unprepared("CREATE TABLE cake (id INTEGER PRIMARY KEY, name TEXT NOT NULL)").await?;
//!
//! // Writes need no word about the cache.
//! let nut = cake::ActiveModel { name: Set("nut".into()), ..Default::default() };
//! let nut = nut.insert(&db).await?;
//!
//! // Marked reads are answered with the models themselves, from this process or another.
//! for _ in 0..2 {
//!     assert_eq!(cake::Entity::find().cached().ttl(minutes(1)).all(&db).await?, [nut.clone()]);
//! }
//! assert_eq!(db.region().stats().hits, 1);
//!
//! // Transactions invalidate when they commit, and not when they roll back.
//! let tx = db.begin().await?;
//! nut.delete(&tx).await?;
//! tx.commit().await?;
//! assert!(cake::Entity::find().cached().all(&db).await?.is_empty());
//! # Ok(()) } }
//! # #[cfg(feature = "sqlx-sqlite")] fn main() { doc::main().unwrap() }
//! # #[cfg(not(feature = "sqlx-sqlite"))] fn main() {}
//! ```
//!
//! # Recipe
//!
//! 1. Wrap the connection where it is made, and pass the [`CachedConnection`] on. Functions that take a
//!    `&DatabaseConnection` take `&impl ConnectionTrait` from then on; a type alias does where there are
//!    many.
//! 2. Reads need nothing. A plain read is kept as the raw cells of its rows, where reading those again
//!    is quicker than the query was; whatever maps rows, loaders and paginators included, runs on them.
//!    Mark what is read often with [`cached`](SelectCacheExt::cached): it is answered with the models as
//!    they are. [`explicit`](CachedConnection::explicit) leaves the others uncached. Streams are served
//!    by the same rules, and what they read to its end is kept where the region has room for it.
//! 3. Writes need nothing either: of an `ActiveModel`, of many rows, raw or unprepared.
//! 4. What SQL cannot know is said in a [hook](hooks), or by hand:
//!    [`invalidate`](CachedConnection::invalidate).
//! 5. Migrations run [`outside`](CachedConnection::outside); `SchemaBuilder::sync` takes a cached
//!    connection (feature `schema-sync`).
//!
//! # Rules
//!
//! Which reads are cached, and how, is said in three places; the nearer to the query wins, and no place
//! can allow a table that a rule denies:
//!
//! * for tables, in the [`Policy`] of the connection ([`with_policy`](CachedConnection::with_policy)), or
//!   by an entity itself ([`CachedEntity`](trait@CachedEntity), which can be derived);
//! * for all that reads through a connection: [`db.cached().ttl(..)`](CachedConnection::cached), which is
//!   what loaders and cursors are given, and [`uncached`](CachedConnection::uncached);
//! * for a select: [`cached`](SelectCacheExt::cached) and [`uncached`](SelectCacheExt::uncached).
//!
//! A [scope](CachedConnection::scope) is for whatever decides which rows a caller may see. A rule can
//! [demand one](Rule::needs_scope), or [ask for it](Rule::scope) at each read.
//!
//! # What is not seen
//!
//! Other programs, but for what they write to watched tables while a
//! [relay](CachedConnection::start_relay) runs; and what is written through [`CachedConnection::inner`],
//! except for what the [net](CachedConnection::with_metric_callback) catches. Whatever else decides which
//! rows a caller may see belongs in the [scope](CachedConnection::with_scope).

// Without a driver there is no connection to work with.
#![cfg(any(feature = "sqlx-postgres", feature = "sqlx-mysql", feature = "sqlx-sqlite"))]

mod connection;
mod driver;
mod entity;
mod error;
pub mod hooks;
mod metric;
mod query;
#[cfg(feature = "schema-sync")]
mod schema;
mod stream;
mod transaction;

pub use connection::CachedConnection;
/// Derives the trait of the same name, whose page lists the [options](trait@CachedEntity#options-of-the-derive).
pub use dogpile_macros::CachedEntity;
pub use dogpile_query::{Analyzer, Caching, Policy, Rule, TableName, TablePattern};
pub use dogpile_sqlx::{Explanation, Mode, Verify, VerifyCounts};
pub use entity::CachedEntity;
pub use query::{
    CachedPaginator, CachedSelect, Select, SelectCacheExt, SelectOne, SelectPaged, SelectStream,
    Source,
};
pub use transaction::CachedTransaction;
