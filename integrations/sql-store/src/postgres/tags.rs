//! Creating and bumping registers.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use super::{Postgres, listen};
use crate::backend::dialect::Lying;
use crate::error::Done;

impl Postgres {
    pub(super) async fn create(&self, lying: &[Lying<'_>], life: i64) -> Done<()> {
        let query = bound(sqlx::query(self.sql.create.clone()), lying, life);
        let mut connection = self.pool.acquire().await?;
        query.execute(&mut *connection).await?;
        Ok(())
    }

    pub(super) async fn bump(&self, lying: &[Lying<'_>], life: i64) -> Done<()> {
        let mut query = bound(sqlx::query(self.sql.bump.clone()), lying, life);
        if self.push {
            query = query.bind(listen::moved(lying.iter().map(|lying| lying.name)));
        }
        let mut connection = self.pool.acquire().await?;
        query.execute(&mut *connection).await?;
        Ok(())
    }
}

type Statement<'q> = Query<'q, sqlx::Postgres, PgArguments>;

fn bound<'q>(query: Statement<'q>, lying: &[Lying<'q>], life: i64) -> Statement<'q> {
    let names: Vec<&[u8]> = lying.iter().map(|lying| lying.name.as_bytes()).collect();
    let highs: Vec<i64> = lying.iter().map(|lying| lying.high).collect();
    let lows: Vec<i64> = lying.iter().map(|lying| lying.low).collect();
    query.bind(names).bind(highs).bind(lows).bind(life)
}
