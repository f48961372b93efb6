//! Whole registers, compared and swapped.

use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::query::Query;
use sqlx::{MySqlConnection, Row as _};

use super::{Mysql, sql, text};
use crate::backend::dialect::Looked;
use crate::backend::named::{looked, padded};
use crate::backend::register::Row;
use crate::error::{Done, Failure};

impl Mysql {
    pub(super) async fn look(&self, registers: &[&str]) -> Done<Looked> {
        let mut query = sqlx::query(text(sql::look(&self.tables, registers.len())));
        for name in padded(registers) {
            query = query.bind(name);
        }
        let mut connection = self.pool.acquire().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        let now = rows.first().ok_or(Failure::unexpected())?.try_get(0)?;
        let rows = rows.iter().filter_map(|row| whole_row(row).ok()).collect();
        Ok(looked(registers, now, rows))
    }

    pub(super) async fn swap(&self, name: &str, from: Option<&Row>, to: &Row) -> Done<bool> {
        let mut connection = self.pool.acquire().await?;
        if let Some(from) = from {
            let query = bound(sqlx::query(text(sql::swap(&self.tables))), to);
            let query = bound(query.bind(name.as_bytes()), from);
            return is_written(query, &mut connection).await;
        }
        let insert = sqlx::query(text(sql::insert(&self.tables))).bind(name.as_bytes());
        if is_written(bound(insert, to), &mut connection).await? {
            return Ok(true);
        }
        let replace = bound(sqlx::query(text(sql::replace(&self.tables))), to);
        is_written(replace.bind(name.as_bytes()), &mut connection).await
    }
}

async fn is_written(query: Statement<'_>, connection: &mut MySqlConnection) -> Done<bool> {
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// The name and the row; an error where a value is missing, as none is in a row of ours.
fn whole_row(row: &MySqlRow) -> sqlx::Result<(Vec<u8>, Row)> {
    let (high, low) = (row.try_get(2)?, row.try_get(3)?);
    let (writers, ends, tainted) = (row.try_get(4)?, row.try_get(5)?, row.try_get(6)?);
    Ok((row.try_get(1)?, Row { high, low, writers, ends, tainted }))
}

type Statement<'q> = Query<'q, sqlx::MySql, MySqlArguments>;

fn bound<'q>(query: Statement<'q>, row: &'q Row) -> Statement<'q> {
    query.bind(row.high).bind(row.low).bind(&row.writers[..]).bind(row.ends).bind(row.tainted)
}
