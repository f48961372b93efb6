//! Making writes late.

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqlitePool};

use super::Result;

/// Holds SQLite's lock for writing: writes that are sent meanwhile happen when it is released.
/// Readers go on.
pub(crate) struct Hold(PoolConnection<Sqlite>);

impl Hold {
    pub(crate) async fn writers(raw: &SqlitePool) -> Result<Self> {
        let mut connection = raw.acquire().await?;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
        Ok(Self(connection))
    }

    pub(crate) async fn release(mut self) -> Result {
        sqlx::query("ROLLBACK").execute(&mut *self.0).await?;
        Ok(())
    }
}
