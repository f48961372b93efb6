//! A session with locks.

use std::sync::Arc;

use dogpile::backend::Put;
use sqlx::{Connection, PgConnection, Row as _};

use super::sql::{LOCK, PID, Sql};
use crate::backend::dialect::{Call, Life};
use crate::backend::life::millis;
use crate::backend::lock::Id;
use crate::backend::lock::session::{Sent, Session, Trouble};
use crate::error::{Done, Failure};
use crate::postgres::listen::freed;
use crate::postgres::read::bytes;

/// Which session of the server answers.
pub(super) async fn pid(connection: &mut PgConnection) -> Done<i32> {
    Ok(sqlx::raw_sql(PID).fetch_one(connection).await?.try_get(0)?)
}

/// The session that has the locks.
pub(super) struct LockSession {
    connection: PgConnection,
    pid: i32,
    sql: Arc<Sql>,
}

impl LockSession {
    pub(super) async fn new(mut connection: PgConnection, pid: i32, sql: Arc<Sql>) -> Done<Self> {
        sqlx::raw_sql(sql.begin.clone()).execute(&mut connection).await?;
        Ok(Self { connection, pid, sql })
    }

    fn is_ours(&self, pid: i32) -> Result<(), Trouble> {
        if pid == self.pid { Ok(()) } else { Err(Trouble::Pooled) }
    }

    async fn lock(&mut self, ids: &[Id]) -> Result<Vec<bool>, Trouble> {
        let query = sqlx::query(LOCK).bind(keys(ids));
        let rows = query.fetch_all(&mut self.connection).await?;
        let mut locked = vec![false; ids.len()];
        for row in rows {
            self.is_ours(row.try_get(0)?)?;
            let place: i64 = row.try_get(1)?;
            let place = usize::try_from(place - 1).ok().and_then(|place| locked.get_mut(place));
            *place.ok_or(Failure::unexpected())? = row.try_get(2)?;
        }
        Ok(locked)
    }

    async fn unlock(&mut self, ids: &[Id]) -> Result<(), Trouble> {
        let told: Vec<String> = ids.iter().map(|id| freed(&id.to_string())).collect();
        let query = sqlx::query(self.sql.unlock.clone()).bind(keys(ids)).bind(told);
        let rows = query.fetch_all(&mut self.connection).await?;
        rows.iter().try_for_each(|row| self.is_ours(row.try_get(0).map_err(Failure::from)?))
    }

    pub(super) async fn store(
        &mut self,
        puts: &[&Put<'_>],
        extend: &[&str],
        life: Life,
    ) -> Result<(), Trouble> {
        let names: Vec<&[u8]> = puts.iter().map(|put| put.key.as_bytes()).collect();
        let values: Vec<&[u8]> = puts.iter().map(|put| &put.bytes[..]).collect();
        let lives: Vec<i64> = puts.iter().map(|put| millis(put.life)).collect();
        let query = sqlx::query(self.sql.store.clone()).bind(names).bind(values).bind(lives);
        let query = query.bind(self.pid).bind(bytes(extend));
        let query = query.bind(life.least).bind(life.generous);
        let stored = query.fetch_all(&mut self.connection).await?;
        // Another session would have stored nothing.
        if stored.len() == puts.len() { Ok(()) } else { Err(Trouble::Pooled) }
    }

    async fn beat(&mut self) -> Result<(), Trouble> {
        let pid = pid(&mut self.connection).await?;
        self.is_ours(pid)
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
        Box::pin(self.beat())
    }

    fn end(self: Box<Self>) -> Call<'static, ()> {
        Box::pin(async move { Ok(self.connection.close().await?) })
    }
}

/// The keys of locks: the first half of the digests.
fn keys(ids: &[Id]) -> Vec<i64> {
    let half = |Id(id): &Id| {
        let mut half = [0; 8];
        half.iter_mut().zip(id.to_be_bytes()).for_each(|(to, from)| *to = from);
        i64::from_be_bytes(half)
    };
    ids.iter().map(half).collect()
}
