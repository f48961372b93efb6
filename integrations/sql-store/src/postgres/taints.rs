//! Whole registers, compared and swapped.

use sqlx::Row as _;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;

use super::Postgres;
use super::listen;
use super::read::bytes;
use crate::backend::dialect::Looked;
use crate::backend::register::Row;
use crate::error::{Done, Failure};

impl Postgres {
    pub(super) async fn look(&self, registers: &[&str]) -> Done<Looked> {
        let query = sqlx::query(self.sql.look.clone()).bind(bytes(registers));
        let mut connection = self.pool.acquire().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        let now = rows.first().ok_or(Failure::unexpected())?.try_get(0)?;
        Ok(Looked { now, rows: rows.iter().map(|row| whole_row(row).ok()).collect() })
    }

    pub(super) async fn swap(&self, name: &str, from: Option<&Row>, to: &Row) -> Done<bool> {
        // What only lasts longer is nothing new.
        let moves = from.is_none_or(|from| (from.high, from.low) != (to.high, to.low));
        let text = match (from, self.push && moves) {
            (Some(_), false) => &self.sql.swap,
            (None, false) => &self.sql.insert,
            (Some(_), true) => &self.sql.swap_told,
            (None, true) => &self.sql.insert_told,
        };
        let mut query = bound(sqlx::query(text.clone()).bind(name.as_bytes()), to);
        if let Some(from) = from {
            query = bound(query, from);
        }
        if self.push && moves {
            query = query.bind(listen::moved(std::iter::once(name)).concat());
        }
        let mut connection = self.pool.acquire().await?;
        Ok(query.execute(&mut *connection).await?.rows_affected() == 1)
    }
}

/// The row; an error where a value is missing, as all are where there is no row.
fn whole_row(row: &PgRow) -> sqlx::Result<Row> {
    let (high, low) = (row.try_get(1)?, row.try_get(2)?);
    let (writers, ends, tainted) = (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
    Ok(Row { high, low, writers, ends, tainted })
}

type Statement<'q> = Query<'q, sqlx::Postgres, PgArguments>;

fn bound<'q>(query: Statement<'q>, row: &'q Row) -> Statement<'q> {
    query.bind(row.high).bind(row.low).bind(&row.writers[..]).bind(row.ends).bind(row.tainted)
}
