//! Tokens: where they are, and folding them.

use sqlx::{Connection as _, Row as _};

use super::{Sqlite, sql, text};
use crate::backend::dialect::{Lying, Part};
use crate::error::Done;

/// So many tokens are folded at once: others who write wait for that long.
const PART: usize = 512;

impl Sqlite {
    /// An application that opens the file under another name reaches it otherwise, and is told so.
    pub(super) fn locate(&self) -> String {
        format!("\"main\".{}", self.tables.token)
    }

    pub(super) async fn token(&self, token: Lying<'_>) -> Done<()> {
        let query = sqlx::query(text(sql::token(&self.tables))).bind(token.name.as_bytes());
        let query = query.bind(token.high).bind(token.low);
        let mut writing = self.writing().await?;
        query.execute(&mut *writing.connection).await?;
        Ok(())
    }

    pub(super) async fn tokened(&self, after: &[u8]) -> Done<Vec<Vec<u8>>> {
        let query = sqlx::query(text(sql::tokened(&self.tables))).bind(after);
        let mut connection = self.reading().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<_>>()?)
    }

    /// With `FULL`: what replaces a bump that may not be lost may not be lost either.
    pub(super) async fn fold(&self, name: &[u8]) -> Done<Part> {
        let mut writing = self.writing_for_good().await?;
        let mut transaction = writing.connection.begin_with("BEGIN IMMEDIATE").await?;
        let take = sqlx::query(text(sql::take(&self.tables, PART))).bind(name);
        let rows = take.fetch_all(&mut *transaction).await?;
        if rows.is_empty() {
            transaction.rollback().await?;
            return Ok(Part { tokens: 0, more: false });
        }
        let (mut high, mut low): (i64, i64) = (0, 0);
        for row in &rows {
            let (h, l): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            (high, low) = (high ^ h, low ^ l);
            let remove = sqlx::query(text(sql::untoken(&self.tables))).bind(name).bind(h).bind(l);
            remove.execute(&mut *transaction).await?;
        }
        let turn = sqlx::query(text(sql::turn(&self.tables))).bind(high).bind(low).bind(name);
        turn.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Part { tokens: u64::try_from(rows.len()).unwrap_or(u64::MAX), more: rows.len() >= PART })
    }
}
