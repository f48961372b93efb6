//! Tokens: where they are, and folding them.

use sqlx::Row as _;

use super::Postgres;
use crate::backend::dialect::{Lying, Part};
use crate::error::{Done, Failure};

/// So many tokens are folded at once: some tens of milliseconds.
const PART: i64 = 8_192;

impl Postgres {
    pub(super) async fn locate(&self) -> Done<String> {
        let query = sqlx::query_scalar(self.sql.locate.clone());
        let mut connection = self.pool.acquire().await?;
        query.fetch_optional(&mut *connection).await?.ok_or(Failure::unexpected())
    }

    pub(super) async fn token(&self, token: Lying<'_>) -> Done<()> {
        let query = sqlx::query(self.sql.token.clone()).bind(token.name.as_bytes());
        let query = query.bind(token.high).bind(token.low);
        let mut connection = self.pool.acquire().await?;
        query.execute(&mut *connection).await?;
        Ok(())
    }

    pub(super) async fn tokened(&self, after: &[u8]) -> Done<Vec<Vec<u8>>> {
        let query = sqlx::query(self.sql.tokened.clone()).bind(after);
        let mut connection = self.pool.acquire().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<_>>()?)
    }

    pub(super) async fn fold(&self, name: &[u8]) -> Done<Part> {
        let query = sqlx::query_scalar(self.sql.fold.clone()).bind(name).bind(PART);
        let mut connection = self.pool.acquire().await?;
        let tokens: i64 = query.fetch_one(&mut *connection).await?;
        Ok(Part { tokens: tokens.unsigned_abs(), more: tokens >= PART })
    }
}
