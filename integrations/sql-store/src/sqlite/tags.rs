//! Creating and bumping registers.

use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::{Sqlite, sql, text};
use crate::backend::dialect::Lying;
use crate::error::Done;

impl Sqlite {
    pub(super) async fn create(&self, lying: &[Lying<'_>], life: i64) -> Done<()> {
        let query = sqlx::query(text(sql::create(&self.tables, lying.len())));
        let mut writing = self.writing().await?;
        bound(query, lying, life).execute(&mut *writing.connection).await?;
        Ok(())
    }

    pub(super) async fn bump(&self, lying: &[Lying<'_>], life: i64) -> Done<()> {
        let query = sqlx::query(text(sql::bump(&self.tables, lying.len())));
        let mut writing = self.writing_for_good().await?;
        bound(query, lying, life).execute(&mut *writing.connection).await?;
        Ok(())
    }
}

type Statement<'q> = Query<'q, sqlx::Sqlite, SqliteArguments>;

fn bound<'q>(mut query: Statement<'q>, lying: &[Lying<'q>], life: i64) -> Statement<'q> {
    for Lying { name, high, low } in lying {
        query = query.bind(name.as_bytes()).bind(*high).bind(*low).bind(life);
    }
    query
}
