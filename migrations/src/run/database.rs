//! What each database does in its own way.

use std::collections::BTreeMap;
use std::pin::Pin;

use sqlx::pool::PoolConnection;
use sqlx::{Pool, Transaction};

use crate::script::Plan;
use crate::{Dialect, Error, Result};

/// A future on the heap.
pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The databases of sqlx whose tables can be migrated: `sqlx::Postgres`, `sqlx::MySql` and
/// `sqlx::Sqlite`, each with the feature of its name. Not for others to implement.
pub trait Database: Engine {
    /// Its kind of SQL.
    const DIALECT: Dialect;
}

/// The inside of [`Database`].
pub trait Engine: sqlx::Database {
    /// Which of the tables are there, in small letters and without schema, and whether each is logged.
    fn tables<'a>(
        connection: &'a mut Self::Connection,
        plan: Plan<'a>,
    ) -> BoxFuture<'a, sqlx::Result<BTreeMap<String, bool>>>;

    /// Runs a statement whose rows are pairs of numbers.
    fn pairs(
        connection: &mut Self::Connection,
        text: String,
    ) -> BoxFuture<'_, sqlx::Result<BTreeMap<i64, i64>>>;

    /// Runs a statement whose rows are pairs of names.
    fn names(
        connection: &mut Self::Connection,
        text: String,
    ) -> BoxFuture<'_, sqlx::Result<Vec<(String, String)>>>;

    /// Runs a text of several statements.
    fn run(connection: &mut Self::Connection, text: String) -> BoxFuture<'_, sqlx::Result<()>>;

    /// Waits until no other process migrates.
    fn lock(pool: &Pool<Self>) -> BoxFuture<'_, Result<Held<Self>>>;

    /// Whether the error says that another connection holds the database, and trying again helps.
    fn is_busy(_error: &sqlx::Error) -> bool {
        false
    }
}

/// A connection on which no other process migrates.
#[derive(Debug)]
pub enum Held<D: sqlx::Database> {
    /// The lock ends with the transaction, and what was done with it.
    Transaction(Transaction<'static, D>),
    /// The lock ends with the connection, which does not go back into its pool.
    Connection(PoolConnection<D>),
}

impl<D: Engine> Held<D> {
    pub(super) fn connection(&mut self) -> &mut D::Connection {
        match self {
            Self::Transaction(transaction) => transaction,
            Self::Connection(connection) => connection,
        }
    }

    pub(super) async fn commit(self) -> Result<()> {
        let done = match self {
            Self::Transaction(transaction) => transaction.commit().await,
            Self::Connection(connection) => connection.close().await,
        };
        done.map_err(Error::database("commit"))
    }
}

/// The names as a list of literals. They were validated, so nothing in them is to be escaped.
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub(super) fn literals(names: impl Iterator<Item = String>) -> String {
    let quoted: Vec<_> = names.map(|name| format!("'{name}'")).collect();
    quoted.join(", ")
}
