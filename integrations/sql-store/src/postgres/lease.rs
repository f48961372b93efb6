//! Rows of leases.

use dogpile::Owner;

use super::{Postgres, listen};
use crate::error::Done;

impl Postgres {
    pub(super) async fn acquire(&self, name: &str, owner: Owner, life: i64) -> Done<bool> {
        let owner = owner.0.to_be_bytes();
        let query = sqlx::query(self.sql.acquire.clone());
        let query = query.bind(name.as_bytes()).bind(&owner[..]).bind(life);
        let mut connection = self.pool.acquire().await?;
        Ok(query.execute(&mut *connection).await?.rows_affected() == 1)
    }

    pub(super) async fn renew(&self, name: &str, owner: Owner, life: i64) -> Done<bool> {
        let owner = owner.0.to_be_bytes();
        let query = sqlx::query(self.sql.renew.clone());
        let query = query.bind(name.as_bytes()).bind(&owner[..]).bind(life);
        let mut connection = self.pool.acquire().await?;
        Ok(query.execute(&mut *connection).await?.rows_affected() == 1)
    }

    pub(super) async fn release(&self, name: &str, owner: Owner) -> Done<()> {
        let owner = owner.0.to_be_bytes();
        let query = sqlx::query(self.sql.release.clone());
        let query = query.bind(name.as_bytes()).bind(&owner[..]).bind(listen::freed(name));
        let mut connection = self.pool.acquire().await?;
        query.execute(&mut *connection).await?;
        Ok(())
    }
}
