//! Whole registers, compared and swapped.

use sqlx::Row as _;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};

use super::{Sqlite, sql, text};
use crate::backend::dialect::Looked;
use crate::backend::named::{looked, padded};
use crate::backend::register::Row;
use crate::error::{Done, Failure};

impl Sqlite {
    pub(super) async fn look(&self, registers: &[&str]) -> Done<Looked> {
        let mut query = sqlx::query(text(sql::look(&self.tables, registers.len())));
        for name in padded(registers) {
            query = query.bind(name);
        }
        let mut connection = self.reading().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        let now = rows.first().ok_or(Failure::unexpected())?.try_get(0)?;
        let rows = rows.iter().filter_map(|row| whole_row(row).ok()).collect();
        Ok(looked(registers, now, rows))
    }

    pub(super) async fn swap(&self, name: &str, from: Option<&Row>, to: &Row) -> Done<bool> {
        let query = match from {
            None => bound(sqlx::query(text(sql::insert(&self.tables))).bind(name.as_bytes()), to),
            Some(from) => {
                let query = bound(sqlx::query(text(sql::swap(&self.tables))), to);
                bound(query.bind(name.as_bytes()), from)
            }
        };
        let mut writing = self.writing_for_good().await?;
        let written = query.execute(&mut *writing.connection).await?;
        Ok(written.rows_affected() == 1)
    }
}

/// The name and the row; an error where a value is missing, as none is in a row of ours.
fn whole_row(row: &SqliteRow) -> sqlx::Result<(Vec<u8>, Row)> {
    let (high, low) = (row.try_get(2)?, row.try_get(3)?);
    let (writers, ends, tainted) = (row.try_get(4)?, row.try_get(5)?, row.try_get(6)?);
    Ok((row.try_get(1)?, Row { high, low, writers, ends, tainted }))
}

type Statement<'q> = Query<'q, sqlx::Sqlite, SqliteArguments>;

fn bound<'q>(query: Statement<'q>, row: &'q Row) -> Statement<'q> {
    query.bind(row.high).bind(row.low).bind(&row.writers[..]).bind(row.ends).bind(row.tainted)
}
