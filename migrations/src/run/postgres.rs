//! PostgreSQL: one transaction, and a lock that ends with it, so that poolers do not matter.

use std::collections::BTreeMap;

use sqlx::postgres::{PgConnection, PgRow, Postgres};
use sqlx::{AssertSqlSafe, Executor, Pool, Row, raw_sql};

use super::PATIENCE;
use super::database::{BoxFuture, Database, Engine, Held, literals};
use crate::script::{POSTGRES_LOCK, Plan};
use crate::{Dialect, Error, Result};

/// PostgreSQL's code for a lock that was not had in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

impl Database for Postgres {
    const DIALECT: Dialect = Dialect::Postgres;
}

impl Engine for Postgres {
    fn tables<'a>(
        connection: &'a mut PgConnection,
        plan: Plan<'a>,
    ) -> BoxFuture<'a, sqlx::Result<BTreeMap<String, bool>>> {
        Box::pin(async move {
            let rows = connection.fetch_all(raw_sql(AssertSqlSafe(tables(plan)))).await?;
            let table = |row: PgRow| Ok((row.try_get(0)?, row.try_get(1)?));
            rows.into_iter().map(table).collect()
        })
    }

    fn pairs(
        connection: &mut PgConnection,
        text: String,
    ) -> BoxFuture<'_, sqlx::Result<BTreeMap<i64, i64>>> {
        Box::pin(async move {
            let rows = connection.fetch_all(raw_sql(AssertSqlSafe(text))).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
        })
    }

    fn names(
        connection: &mut PgConnection,
        text: String,
    ) -> BoxFuture<'_, sqlx::Result<Vec<(String, String)>>> {
        Box::pin(async move {
            let rows = connection.fetch_all(raw_sql(AssertSqlSafe(text))).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
        })
    }

    fn run(connection: &mut PgConnection, text: String) -> BoxFuture<'_, sqlx::Result<()>> {
        Box::pin(async move { connection.execute(raw_sql(AssertSqlSafe(text))).await.map(drop) })
    }

    fn lock(pool: &Pool<Self>) -> BoxFuture<'_, Result<Held<Self>>> {
        Box::pin(async move {
            // Whatever the defaults are: what was committed while this one waited must be seen.
            let begin = "begin isolation level read committed read write";
            let begun = pool.begin_with(begin).await;
            let mut transaction = begun.map_err(Error::database("begin a transaction"))?;
            let lock =
                format!("set local lock_timeout = '{}s'; {POSTGRES_LOCK}", PATIENCE.as_secs());
            let locked = transaction.execute(raw_sql(AssertSqlSafe(lock))).await;
            locked.map_err(not_locked)?;
            Ok(Held::Transaction(transaction))
        })
    }
}

fn not_locked(error: sqlx::Error) -> Error {
    let code = error.as_database_error().and_then(|error| error.code());
    if code.as_deref() == Some(LOCK_NOT_AVAILABLE) {
        return Error::Busy;
    }
    Error::database("lock the migrations")(error)
}

/// Asks for the tables as the store will find them, in any schema of the search path.
fn tables(plan: Plan<'_>) -> String {
    let names = literals(plan.tables().map(|(_, table)| plan.names().table(plan.dialect, table)));
    format!(
        "select lower(c.relname), c.relpersistence = 'p' from unnest(array[{names}]) n(name) \
         join pg_class c on c.oid = to_regclass(n.name) where c.relkind in ('r', 'p')"
    )
}
