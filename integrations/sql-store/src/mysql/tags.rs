//! Creating and bumping registers.

use sqlx::mysql::MySqlArguments;
use sqlx::query::Query;

use super::{Mysql, sql, text};
use crate::backend::dialect::Lying;
use crate::error::Done;

impl Mysql {
    pub(super) async fn create(&self, lying: &[Lying<'_>], life: i64) -> Done<()> {
        let query = sqlx::query(text(sql::create(&self.tables, lying.len())));
        let mut connection = self.pool.acquire().await?;
        bound(query, lying, life).execute(&mut *connection).await?;
        Ok(())
    }

    pub(super) async fn bump(&self, lying: &[Lying<'_>], life: i64) -> Done<()> {
        let query = sqlx::query(text(sql::bump(&self.tables, lying.len())));
        let mut connection = self.pool.acquire().await?;
        bound(query, lying, life).execute(&mut *connection).await?;
        Ok(())
    }
}

type Statement<'q> = Query<'q, sqlx::MySql, MySqlArguments>;

fn bound<'q>(mut query: Statement<'q>, lying: &[Lying<'q>], life: i64) -> Statement<'q> {
    for Lying { name, high, low } in lying {
        query = query.bind(name.as_bytes()).bind(*high).bind(*low).bind(life);
    }
    query
}
