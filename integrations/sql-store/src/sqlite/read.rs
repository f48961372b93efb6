//! Reading entries and registers, in one statement.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Sqlite, sql, text};
use crate::backend::dialect::{Found, Seen};
use crate::backend::named::{Reading, padded};
use crate::backend::register::whole;
use crate::error::{Done, Failure};

impl Sqlite {
    pub(super) async fn read(&self, keys: &[&str], registers: &[&str]) -> Done<Seen> {
        if keys.is_empty() && registers.is_empty() {
            return Ok(Seen::nothing(0, 0));
        }
        let mut query = sqlx::query(text(sql::read(&self.tables, keys.len(), registers.len())));
        for name in padded(keys).chain(padded(registers)).chain(padded(registers)) {
            query = query.bind(name);
        }
        let mut connection = self.reading().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        let mut reading = Reading::new(keys, registers);
        for row in &rows {
            let (name, found) = found(row)?;
            reading.take(name, found)?;
        }
        reading.finish()
    }
}

fn found(row: &SqliteRow) -> Done<(Vec<u8>, Found)> {
    let found = match row.try_get(0)? {
        1_i64 => Found::Entry(row.try_get(2)?),
        2 => Found::register(row.try_get(3)?, row.try_get(4)?, row.try_get::<i64, _>(5)? != 0),
        3 => Found::Tokens(whole(row.try_get(3)?, row.try_get(4)?)),
        _ => return Err(Failure::unexpected()),
    };
    Ok((row.try_get(1)?, found))
}
