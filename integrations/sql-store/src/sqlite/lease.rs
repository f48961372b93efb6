//! Rows of leases.

use dogpile::Owner;

use super::{Sqlite, sql, text};
use crate::error::Done;

impl Sqlite {
    pub(super) async fn acquire(&self, name: &str, owner: Owner, life: i64) -> Done<bool> {
        let owner = owner.0.to_be_bytes();
        let query = sqlx::query(text(sql::acquire(&self.tables)));
        let query = query.bind(name.as_bytes()).bind(&owner[..]).bind(life);
        let mut writing = self.writing().await?;
        Ok(query.execute(&mut *writing.connection).await?.rows_affected() == 1)
    }

    pub(super) async fn renew(&self, name: &str, owner: Owner, life: i64) -> Done<bool> {
        let owner = owner.0.to_be_bytes();
        let query = sqlx::query(text(sql::renew(&self.tables)));
        let query = query.bind(life).bind(name.as_bytes()).bind(&owner[..]);
        let mut writing = self.writing().await?;
        Ok(query.execute(&mut *writing.connection).await?.rows_affected() == 1)
    }

    pub(super) async fn release(&self, name: &str, owner: Owner) -> Done<()> {
        let owner = owner.0.to_be_bytes();
        let query = sqlx::query(text(sql::release(&self.tables)));
        let query = query.bind(name.as_bytes()).bind(&owner[..]);
        let mut writing = self.writing().await?;
        query.execute(&mut *writing.connection).await?;
        Ok(())
    }
}
