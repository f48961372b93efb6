//! Reading entries and registers, in one statement.

use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::Postgres;
use crate::backend::dialect::{Found, Seen};
use crate::error::{Done, Failure};

impl Postgres {
    pub(super) async fn read(&self, keys: &[&str], registers: &[&str]) -> Done<Seen> {
        let query = sqlx::query(self.sql.read.clone()).bind(bytes(keys)).bind(bytes(registers));
        let mut connection = self.pool.acquire().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        let mut seen = Seen::nothing(keys.len(), registers.len());
        rows.iter().try_for_each(|row| take(&mut seen, row))?;
        Ok(seen)
    }
}

/// Names, as an array of them is bound.
pub(super) fn bytes<'n>(names: &[&'n str]) -> Vec<&'n [u8]> {
    names.iter().map(|name| name.as_bytes()).collect()
}

fn take(seen: &mut Seen, row: &PgRow) -> Done<()> {
    let place: i64 = row.try_get(0)?;
    if place == 0 {
        seen.server = row.try_get(1)?;
        return Ok(());
    }
    let found = if place > 0 {
        Found::Entry(row.try_get(1)?)
    } else {
        Found::register(row.try_get(2)?, row.try_get(3)?, row.try_get(4)?)
    };
    let place = usize::try_from(place.unsigned_abs()).map_err(|_| Failure::unexpected())?;
    seen.take(found, std::iter::once(place - 1))
}
