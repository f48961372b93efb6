//! MySQL and MariaDB: no transaction goes around these statements, and a named lock does.

use std::collections::BTreeMap;

use sqlx::mysql::{MySql, MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, Executor, Pool, Row, raw_sql};

use super::PATIENCE;
use super::database::{BoxFuture, Database, Engine, Held, literals};
use crate::script::Plan;
use crate::{Dialect, Error, Result};

/// The lock of migrations, of the whole server.
const LOCK: &str = "dogpile_migrations";

impl Database for MySql {
    const DIALECT: Dialect = Dialect::MySql;
}

impl Engine for MySql {
    fn tables<'a>(
        connection: &'a mut MySqlConnection,
        plan: Plan<'a>,
    ) -> BoxFuture<'a, sqlx::Result<BTreeMap<String, bool>>> {
        Box::pin(async move {
            let rows = connection.fetch_all(raw_sql(AssertSqlSafe(tables(plan)))).await?;
            let table = |row: MySqlRow| {
                let name: String = row.try_get(0)?;
                Ok((name.to_ascii_lowercase(), plan.settings.logged))
            };
            rows.into_iter().map(table).collect()
        })
    }

    fn pairs(
        connection: &mut MySqlConnection,
        text: String,
    ) -> BoxFuture<'_, sqlx::Result<BTreeMap<i64, i64>>> {
        Box::pin(async move {
            let rows = connection.fetch_all(raw_sql(AssertSqlSafe(text))).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
        })
    }

    fn names(
        connection: &mut MySqlConnection,
        text: String,
    ) -> BoxFuture<'_, sqlx::Result<Vec<(String, String)>>> {
        Box::pin(async move {
            let rows = connection.fetch_all(raw_sql(AssertSqlSafe(text))).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
        })
    }

    fn run(connection: &mut MySqlConnection, text: String) -> BoxFuture<'_, sqlx::Result<()>> {
        Box::pin(async move { connection.execute(raw_sql(AssertSqlSafe(text))).await.map(drop) })
    }

    fn lock(pool: &Pool<Self>) -> BoxFuture<'_, Result<Held<Self>>> {
        Box::pin(async move {
            let connected = pool.acquire().await;
            let mut connection = connected.map_err(Error::database("connect"))?;
            // The lock is the session's: it must not go back into the pool, whatever happens.
            connection.close_on_drop();
            let locked = lock(&mut connection).await;
            if locked.map_err(Error::database("lock the migrations"))? {
                return Ok(Held::Connection(connection));
            }
            Err(Error::Busy)
        })
    }
}

async fn lock(connection: &mut MySqlConnection) -> sqlx::Result<bool> {
    let seconds = PATIENCE.as_secs();
    // Tables that a transaction of another session has read.
    let bound = format!("set session lock_wait_timeout = {seconds}");
    connection.execute(raw_sql(AssertSqlSafe(bound))).await?;
    let lock = format!("select get_lock('{LOCK}', {seconds})");
    let locked: Option<i64> =
        connection.fetch_one(raw_sql(AssertSqlSafe(lock))).await?.try_get(0)?;
    Ok(locked == Some(1))
}

fn tables(plan: Plan<'_>) -> String {
    let names = literals(plan.tables().map(|(_, table)| plan.names().bare(table)));
    let schema = &plan.names().schema;
    let schema = schema.as_ref().map_or("database()".into(), |schema| format!("'{schema}'"));
    // Cast, because servers differ in whether these names are text or bytes.
    format!(
        "select cast(table_name as char(64)) from information_schema.tables \
         where table_schema = {schema} and table_name in ({names}) and table_type = 'BASE TABLE'"
    )
}
