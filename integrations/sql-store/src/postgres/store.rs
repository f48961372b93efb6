//! Storing entries, and extending what they depend on, in one statement; and removing them.

use std::collections::HashSet;

use dogpile::backend::Put;
use sqlx::Row as _;

use super::Postgres;
use super::read::bytes;
use crate::backend::dialect::Life;
use crate::backend::life::millis;
use crate::error::Done;

impl Postgres {
    pub(super) async fn store(
        &self,
        puts: &[&Put<'_>],
        extend: &[&str],
        life: Life,
    ) -> Done<Vec<bool>> {
        let fenced = puts.iter().any(|put| put.fence.is_some());
        let text = if fenced { &self.sql.store_fenced } else { &self.sql.store };
        let names: Vec<&[u8]> = puts.iter().map(|put| put.key.as_bytes()).collect();
        let values: Vec<&[u8]> = puts.iter().map(|put| &put.bytes[..]).collect();
        let lives: Vec<i64> = puts.iter().map(|put| millis(put.life)).collect();
        let mut query = sqlx::query(text.clone()).bind(names).bind(values).bind(lives);
        if fenced {
            let fences = || puts.iter().map(|put| put.fence);
            let leases: Vec<Option<&[u8]>> =
                fences().map(|fence| fence.map(|fence| fence.lease.as_bytes())).collect();
            let owners: Vec<Option<[u8; 16]>> =
                fences().map(|fence| fence.map(|fence| fence.owner.0.to_be_bytes())).collect();
            query = query.bind(leases).bind(owners);
        }
        let query = query.bind(bytes(extend)).bind(life.least).bind(life.generous);
        let mut connection = self.pool.acquire().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        let stored = rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<_>>()?;
        let stored: HashSet<Vec<u8>> = stored;
        Ok(puts.iter().map(|put| stored.contains(put.key.as_bytes())).collect())
    }

    pub(super) async fn remove(&self, keys: &[&str]) -> Done<()> {
        let query = sqlx::query(self.sql.remove.clone()).bind(bytes(keys));
        let mut connection = self.pool.acquire().await?;
        query.execute(&mut *connection).await?;
        Ok(())
    }
}
