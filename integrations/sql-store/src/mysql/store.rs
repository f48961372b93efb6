//! Storing and removing entries, and extending what they depend on.

use dogpile::backend::Put;
use sqlx::MySqlConnection;

use super::{Mysql, sql, text};
use crate::backend::dialect::Life;
use crate::backend::life::millis;
use crate::backend::named::padded;
use crate::config::Tables;
use crate::error::Done;

impl Mysql {
    pub(super) async fn store(
        &self,
        puts: &[&Put<'_>],
        extend: &[&str],
        life: Life,
    ) -> Done<Vec<bool>> {
        let mut connection = self.pool.acquire().await?;
        Self::put(&self.tables, &mut connection, puts).await?;
        let mut stored = Vec::with_capacity(puts.len());
        for put in puts {
            stored.push(self.put_fenced(&mut connection, put).await?);
        }
        Self::extend(&self.tables, &mut connection, extend, life).await?;
        Ok(stored)
    }

    /// Stores all that have no fence, in one statement.
    pub(super) async fn put(
        tables: &Tables,
        connection: &mut MySqlConnection,
        puts: &[&Put<'_>],
    ) -> Done<()> {
        let free: Vec<_> = puts.iter().filter(|put| put.fence.is_none()).collect();
        if free.is_empty() {
            return Ok(());
        }
        // A few statements are kept, not one for each length.
        let keep = free.len().is_power_of_two();
        let mut query = sqlx::query(text(sql::put(tables, free.len()))).persistent(keep);
        for put in free {
            query = query.bind(put.key.as_bytes()).bind(&put.bytes[..]).bind(millis(put.life));
        }
        query.execute(connection).await?;
        Ok(())
    }

    /// Stores one that has; the others are stored.
    async fn put_fenced(&self, connection: &mut MySqlConnection, put: &Put<'_>) -> Done<bool> {
        let Some(fence) = put.fence else { return Ok(true) };
        let query = sqlx::query(text(sql::put_fenced(&self.tables)));
        let query = query.bind(put.key.as_bytes()).bind(&put.bytes[..]).bind(millis(put.life));
        let owner = fence.owner.0.to_be_bytes();
        let query = query.bind(fence.lease.as_bytes()).bind(&owner[..]);
        // One for a row that is new, two for one that was there.
        Ok(query.execute(connection).await?.rows_affected() > 0)
    }

    pub(super) async fn extend(
        tables: &Tables,
        connection: &mut MySqlConnection,
        registers: &[&str],
        life: Life,
    ) -> Done<()> {
        if registers.is_empty() {
            return Ok(());
        }
        let ending = sql::ending(tables, registers.len());
        let mut query = sqlx::query_scalar(text(ending)).bind(life.least);
        for name in padded(registers) {
            query = query.bind(name);
        }
        // Looked for first, because that locks nothing, and hardly ever finds one; and then one by one:
        // two calls that hold one and want the other's would wait in a circle.
        let ending: Vec<Vec<u8>> = query.fetch_all(&mut *connection).await?;
        for name in ending {
            let query = sqlx::query(text(sql::extend(tables))).bind(life.generous);
            query.bind(name).bind(life.least).execute(&mut *connection).await?;
        }
        Ok(())
    }

    pub(super) async fn remove(&self, keys: &[&str]) -> Done<()> {
        let mut query = sqlx::query(text(sql::remove(&self.tables, keys.len())));
        for name in padded(keys) {
            query = query.bind(name);
        }
        let mut connection = self.pool.acquire().await?;
        query.execute(&mut *connection).await?;
        Ok(())
    }
}
