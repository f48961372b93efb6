//! Rows of leases.

use dogpile::Owner;

use super::{Mysql, sql, text};
use crate::error::Done;

impl Mysql {
    pub(super) async fn acquire(&self, name: &str, owner: Owner, life: i64) -> Done<bool> {
        let owner = owner.0.to_be_bytes();
        let insert = sqlx::query(text(sql::acquire(&self.tables)));
        let insert = insert.bind(name.as_bytes()).bind(&owner[..]).bind(life);
        let mut connection = self.pool.acquire().await?;
        if insert.execute(&mut *connection).await?.rows_affected() == 1 {
            return Ok(true);
        }
        let take = sqlx::query(text(sql::take_over(&self.tables)));
        let take = take.bind(&owner[..]).bind(life).bind(name.as_bytes());
        Ok(take.execute(&mut *connection).await?.rows_affected() == 1)
    }

    pub(super) async fn renew(&self, name: &str, owner: Owner, life: i64) -> Done<bool> {
        let owner = owner.0.to_be_bytes();
        let query = sqlx::query(text(sql::renew(&self.tables)));
        let query = query.bind(life).bind(name.as_bytes()).bind(&owner[..]);
        let mut connection = self.pool.acquire().await?;
        Ok(query.execute(&mut *connection).await?.rows_affected() == 1)
    }

    pub(super) async fn release(&self, name: &str, owner: Owner) -> Done<()> {
        let owner = owner.0.to_be_bytes();
        let query = sqlx::query(text(sql::release(&self.tables)));
        let query = query.bind(name.as_bytes()).bind(&owner[..]);
        let mut connection = self.pool.acquire().await?;
        query.execute(&mut *connection).await?;
        Ok(())
    }
}
