//! Removing what has ended: so many blocks of a table at a time.

use super::Postgres;
use crate::backend::dialect::{Chunk, Place, Table};
use crate::error::Done;

/// So many blocks are a part of a table: 8 MiB, some milliseconds.
const PART: i64 = 1_000;

impl Postgres {
    pub(super) async fn sweep(&self, table: Table, from: Place) -> Done<Chunk> {
        let texts = self.sql.sweep(table);
        let first = from.0.try_into().map_or(0, i64::from_be_bytes);
        let behind = first + PART;
        let mut connection = self.pool.acquire().await?;
        let part = sqlx::query(texts.part.clone());
        let part = part.bind(format!("({first},0)")).bind(format!("({behind},0)"));
        let removed = part.execute(&mut *connection).await?.rows_affected();
        let blocks: i64 =
            sqlx::query_scalar(texts.blocks.clone()).fetch_one(&mut *connection).await?;
        let next = (behind < blocks).then(|| Place(behind.to_be_bytes().into()));
        Ok(Chunk { removed, next })
    }
}
