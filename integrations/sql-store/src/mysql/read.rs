//! Reading entries and registers, in one statement.

use sqlx::Row as _;
use sqlx::mysql::MySqlRow;

use super::{Mysql, sql, text};
use crate::backend::dialect::{Found, Seen};
use crate::backend::named::{Reading, padded};
use crate::backend::register::whole;
use crate::error::{Done, Failure};

impl Mysql {
    pub(super) async fn read(&self, keys: &[&str], registers: &[&str]) -> Done<Seen> {
        let text = text(sql::read(&self.tables, self.lineage, keys.len(), registers.len()));
        let mut query = sqlx::query(text);
        for name in padded(keys).chain(padded(registers)).chain(padded(registers)) {
            query = query.bind(name);
        }
        let mut connection = self.pool.acquire().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        let mut reading = Reading::new(keys, registers);
        for row in &rows {
            match found(row)? {
                Some((name, found)) => reading.take(name, found)?,
                None => reading.server(row.try_get(2)?),
            }
        }
        reading.finish()
    }
}

/// What a row tells, and of which name; `None` where it is the one of the server.
fn found(row: &MySqlRow) -> Done<Option<(Vec<u8>, Found)>> {
    let found = match row.try_get(0)? {
        0_i64 => return Ok(None),
        1 => Found::Entry(row.try_get(2)?),
        2 => Found::register(row.try_get(3)?, row.try_get(4)?, row.try_get::<i64, _>(5)? != 0),
        3 => Found::Tokens(whole(row.try_get(3)?, row.try_get(4)?)),
        _ => return Err(Failure::unexpected()),
    };
    Ok(Some((row.try_get(1)?, found)))
}
