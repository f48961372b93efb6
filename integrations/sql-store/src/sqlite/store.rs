//! Storing and removing entries, and extending what they depend on.

use dogpile::backend::Put;
use sqlx::SqliteConnection;

use super::{Sqlite, sql, text};
use crate::backend::dialect::Life;
use crate::backend::life::millis;
use crate::backend::named::padded;
use crate::error::Done;

impl Sqlite {
    pub(super) async fn store(
        &self,
        puts: &[&Put<'_>],
        extend: &[&str],
        life: Life,
    ) -> Done<Vec<bool>> {
        let mut writing = self.writing().await?;
        self.put(&mut writing.connection, puts).await?;
        let mut stored = Vec::with_capacity(puts.len());
        for put in puts {
            stored.push(self.put_fenced(&mut writing.connection, put).await?);
        }
        self.extend(&mut writing.connection, extend, life).await?;
        Ok(stored)
    }

    /// Stores all that have no fence, in one statement.
    async fn put(&self, connection: &mut SqliteConnection, puts: &[&Put<'_>]) -> Done<()> {
        let free: Vec<_> = puts.iter().filter(|put| put.fence.is_none()).collect();
        if free.is_empty() {
            return Ok(());
        }
        // A few statements are kept, not one for each length.
        let keep = free.len().is_power_of_two();
        let mut query = sqlx::query(text(sql::put(&self.tables, free.len()))).persistent(keep);
        for put in free {
            query = query.bind(put.key.as_bytes()).bind(&put.bytes[..]).bind(millis(put.life));
        }
        query.execute(connection).await?;
        Ok(())
    }

    /// Stores one that has; the others are stored.
    async fn put_fenced(&self, connection: &mut SqliteConnection, put: &Put<'_>) -> Done<bool> {
        let Some(fence) = put.fence else { return Ok(true) };
        let query = sqlx::query(text(sql::put_fenced(&self.tables)));
        let query = query.bind(put.key.as_bytes()).bind(&put.bytes[..]).bind(millis(put.life));
        let owner = fence.owner.0.to_be_bytes();
        let query = query.bind(fence.lease.as_bytes()).bind(&owner[..]);
        Ok(query.execute(connection).await?.rows_affected() == 1)
    }

    async fn extend(
        &self,
        connection: &mut SqliteConnection,
        registers: &[&str],
        life: Life,
    ) -> Done<()> {
        if registers.is_empty() {
            return Ok(());
        }
        let query = sqlx::query(text(sql::extend(&self.tables, registers.len())));
        let mut query = query.bind(life.generous);
        for name in padded(registers) {
            query = query.bind(name);
        }
        query.bind(life.least).execute(connection).await?;
        Ok(())
    }

    pub(super) async fn remove(&self, keys: &[&str]) -> Done<()> {
        let mut query = sqlx::query(text(sql::remove(&self.tables, keys.len())));
        for name in padded(keys) {
            query = query.bind(name);
        }
        let mut writing = self.writing().await?;
        query.execute(&mut *writing.connection).await?;
        Ok(())
    }
}
