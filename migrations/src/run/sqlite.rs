//! SQLite: one transaction that is the only writer from its beginning.

use std::collections::BTreeMap;

use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Executor, Pool, Row, raw_sql};

use super::database::{BoxFuture, Database, Engine, Held, literals};
use crate::names::quote;
use crate::script::Plan;
use crate::{Dialect, Error, Result};

/// SQLite's primary codes for a file, or a table of a shared cache, that another connection holds.
const BUSY: [i32; 2] = [5, 6];

impl Database for Sqlite {
    const DIALECT: Dialect = Dialect::Sqlite;
}

impl Engine for Sqlite {
    fn tables<'a>(
        connection: &'a mut SqliteConnection,
        plan: Plan<'a>,
    ) -> BoxFuture<'a, sqlx::Result<BTreeMap<String, bool>>> {
        Box::pin(async move {
            let rows = connection.fetch_all(raw_sql(AssertSqlSafe(tables(plan)))).await?;
            let table = |row: SqliteRow| Ok((row.try_get(0)?, plan.settings.logged));
            rows.into_iter().map(table).collect()
        })
    }

    fn pairs(
        connection: &mut SqliteConnection,
        text: String,
    ) -> BoxFuture<'_, sqlx::Result<BTreeMap<i64, i64>>> {
        Box::pin(async move {
            let rows = connection.fetch_all(raw_sql(AssertSqlSafe(text))).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
        })
    }

    fn names(
        connection: &mut SqliteConnection,
        text: String,
    ) -> BoxFuture<'_, sqlx::Result<Vec<(String, String)>>> {
        Box::pin(async move {
            let rows = connection.fetch_all(raw_sql(AssertSqlSafe(text))).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
        })
    }

    fn run(connection: &mut SqliteConnection, text: String) -> BoxFuture<'_, sqlx::Result<()>> {
        Box::pin(async move { connection.execute(raw_sql(AssertSqlSafe(text))).await.map(drop) })
    }

    fn lock(pool: &Pool<Self>) -> BoxFuture<'_, Result<Held<Self>>> {
        Box::pin(async move {
            let begun = pool.begin_with("begin immediate").await;
            Ok(Held::Transaction(begun.map_err(Error::database("begin a transaction"))?))
        })
    }

    fn is_busy(error: &sqlx::Error) -> bool {
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
        code.is_some_and(|code| BUSY.contains(&(code & 0xff)))
    }
}

fn tables(plan: Plan<'_>) -> String {
    let names = plan.tables().map(|(_, table)| plan.names().bare(table).to_ascii_lowercase());
    let names = literals(names);
    let schema = plan.names().schema.as_deref().unwrap_or("main");
    format!(
        "select lower(name) from {}.sqlite_master where type = 'table' and lower(name) in ({names})",
        quote(plan.dialect, schema)
    )
}
