//! A session with locks.

use std::sync::Arc;

use dogpile::backend::Put;
use sqlx::mysql::MySqlRow;
use sqlx::{Connection, MySqlConnection, Row as _, SqlStr};

use super::sql::{WHO, lock, unlock};
use crate::backend::dialect::{Call, Life};
use crate::backend::lock::Id;
use crate::backend::lock::session::{Sent, Session, Trouble};
use crate::config::Tables;
use crate::error::{Done, Failure};
use crate::mysql::Mysql;

/// So many columns are asked for at once.
const MOST_COLUMNS: usize = 256;

/// The session that has the locks.
pub(super) struct LockSession {
    connection: MySqlConnection,
    id: u64,
    tables: Arc<Tables>,
}

impl LockSession {
    pub(super) async fn new(
        mut connection: MySqlConnection,
        begin: SqlStr,
        tables: Arc<Tables>,
    ) -> Done<Self> {
        sqlx::raw_sql(begin).execute(&mut connection).await?;
        let id = sqlx::raw_sql(WHO).fetch_one(&mut connection).await?.try_get(0)?;
        Ok(Self { connection, id, tables })
    }

    /// The answer of this session, and of no other one.
    async fn ask(&mut self, text: SqlStr) -> Result<MySqlRow, Trouble> {
        let row = sqlx::raw_sql(text).fetch_one(&mut self.connection).await?;
        let id: u64 = row.try_get(0)?;
        if id == self.id { Ok(row) } else { Err(Trouble::Pooled) }
    }

    async fn lock(&mut self, ids: &[Id]) -> Result<Vec<bool>, Trouble> {
        let mut locked = Vec::with_capacity(ids.len());
        for ids in ids.chunks(MOST_COLUMNS) {
            let row = self.ask(lock(ids)).await?;
            for column in 1..=ids.len() {
                // Nothing: the server has no room for it, or ends the session.
                let one: Option<i64> = row.try_get(column)?;
                locked.push(one.ok_or(Failure::unexpected())? == 1);
            }
        }
        Ok(locked)
    }

    async fn unlock(&mut self, ids: &[Id]) -> Result<(), Trouble> {
        for ids in ids.chunks(MOST_COLUMNS) {
            self.ask(unlock(ids)).await?;
        }
        Ok(())
    }

    async fn store(
        &mut self,
        puts: &[&Put<'_>],
        extend: &[&str],
        life: Life,
    ) -> Result<(), Trouble> {
        Mysql::put(&self.tables, &mut self.connection, puts).await?;
        Ok(Mysql::extend(&self.tables, &mut self.connection, extend, life).await?)
    }
}

impl Session for LockSession {
    fn lock<'a>(&'a mut self, ids: &'a [Id]) -> Sent<'a, Vec<bool>> {
        Box::pin(self.lock(ids))
    }

    fn unlock<'a>(&'a mut self, ids: &'a [Id]) -> Sent<'a, ()> {
        Box::pin(self.unlock(ids))
    }

    fn store<'a>(
        &'a mut self,
        puts: &'a [&'a Put<'a>],
        extend: &'a [&'a str],
        life: Life,
    ) -> Sent<'a, ()> {
        Box::pin(self.store(puts, extend, life))
    }

    fn beat(&mut self) -> Sent<'_, ()> {
        Box::pin(async move { self.ask(unlock(&[])).await.map(drop) })
    }

    fn end(self: Box<Self>) -> Call<'static, ()> {
        Box::pin(async move { Ok(self.connection.close().await?) })
    }
}
