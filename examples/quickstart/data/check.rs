//! Is the kept database what was loaded?

use std::path::Path;

use sqlx::SqlitePool;

use super::connect;
use crate::failure::{Failure, said};

/// The `user_version` that the schema sets.
const SCHEMA: i64 = 1;

/// Why a copy cannot be worked on.
#[derive(Debug)]
pub(super) enum Fault {
    Sqlite(sqlx::Error),
    Differs(String),
}

impl Fault {
    /// Names the kept file: the copy is gone when this is read.
    pub(super) fn blame(self, kept: &Path) -> Failure {
        match self {
            Self::Differs(how) => Failure::damaged(kept, how),
            Self::Sqlite(error) if is_full(&error) => Failure::Database(error).about(kept),
            Self::Sqlite(error) => Failure::damaged(kept, said(&error)),
        }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn is_full(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|said| said.code()).is_some_and(|code| code == "13")
}

/// Opens a copy and counts its rows.
pub(super) async fn open(copy: &Path) -> Result<(SqlitePool, u64), Fault> {
    let pool = connect(copy).await?;
    let rows = sound(&pool).await?;
    Ok((pool, rows))
}

async fn sound(pool: &SqlitePool) -> Result<u64, Fault> {
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(pool).await?;
    if found != "ok" {
        return Err(Fault::Differs(found));
    }
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(pool).await?;
    if version != SCHEMA {
        return Err(Fault::Differs(format!("its tables are of version {version}, not {SCHEMA}")));
    }
    let tables: Vec<(String, i64)> =
        sqlx::query_as("select table_name, row_count from loaded").fetch_all(pool).await?;
    if tables.len() != 8 {
        return Err(Fault::Differs(format!("{} tables were loaded, not 8", tables.len())));
    }
    let mut sum = 0;
    for (table, loaded) in tables {
        sum += counted(pool, &table, loaded).await?;
    }
    Ok(sum)
}

async fn counted(pool: &SqlitePool, table: &str, loaded: i64) -> Result<u64, Fault> {
    let sql = sqlx::AssertSqlSafe(format!("select count(*) from \"{table}\""));
    let rows: i64 = sqlx::query_scalar(sql).fetch_one(pool).await?;
    if rows != loaded {
        return Err(Fault::Differs(format!("{table} has {rows} rows, not {loaded}")));
    }
    u64::try_from(rows).map_err(|e| Fault::Differs(e.to_string()))
}
