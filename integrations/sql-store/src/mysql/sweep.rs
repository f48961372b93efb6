//! Removing what has ended: a part of the names is looked at, and what has ended among them removed.
//! Looking holds no lock, so that writers wait only for a removal of few rows.

use sqlx::Row as _;

use super::{Mysql, sql, text};
use crate::backend::dialect::{Chunk, Place, Table};
use crate::backend::named::marks;
use crate::error::Done;

/// So many names are a part of a table.
const PART: i64 = 512;

impl Mysql {
    pub(super) async fn sweep(&self, table: Table, from: Place) -> Done<Chunk> {
        let (name, is_register) = (self.table(table), table == Table::Register);
        let part = sql::part(name, is_register, from == Place::default());
        let rows = {
            let mut connection = self.pool.acquire().await?;
            let query = sqlx::query(text(part)).bind(&from.0[..]).bind(PART);
            query.fetch_all(&mut *connection).await?
        };
        let mut ended = Vec::new();
        let mut next = None;
        for row in &rows {
            let name: Vec<u8> = row.try_get(0)?;
            if row.try_get::<i64, _>(1)? != 0 {
                ended.push(name.clone());
            }
            next = Some(Place(name));
        }
        let removed = self.delete(name, is_register, &ended).await?;
        let is_last = rows.len() < usize::try_from(PART).unwrap_or_default();
        Ok(Chunk { removed, next: next.filter(|_| !is_last) })
    }

    async fn delete(&self, table: &str, is_register: bool, ended: &[Vec<u8>]) -> Done<u64> {
        let Some(last) = ended.last() else { return Ok(0) };
        let delete = sql::delete(table, is_register, ended.len());
        let padding = marks(ended.len()).matches('?').count() - ended.len();
        let mut query = sqlx::query(text(delete));
        for name in ended.iter().chain(std::iter::repeat_n(last, padding)) {
            query = query.bind(&name[..]);
        }
        let mut connection = self.pool.acquire().await?;
        Ok(query.execute(&mut *connection).await?.rows_affected())
    }
}
