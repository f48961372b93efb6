//! Tokens: where they are, and folding them.

use sqlx::{Connection as _, Row as _, SqlSafeStr as _};

use super::{Mysql, sql, text};
use crate::backend::dialect::{Lying, Part};
use crate::error::{Done, Failure};

/// So many tokens are folded at once.
const PART: usize = 512;

impl Mysql {
    pub(super) async fn locate(&self) -> Done<String> {
        let token = &self.tables.token;
        if token.contains('.') {
            return Ok(token.clone());
        }
        let mut connection = self.pool.acquire().await?;
        let database = sqlx::query_scalar("SELECT DATABASE()").fetch_one(&mut *connection).await?;
        let database: Option<String> = database;
        let database = database.ok_or(Failure::unexpected())?.replace('`', "``");
        Ok(format!("`{database}`.{token}"))
    }

    pub(super) async fn token(&self, token: Lying<'_>) -> Done<()> {
        let query = sqlx::query(text(sql::token(&self.tables))).bind(token.name.as_bytes());
        let query = query.bind(token.high).bind(token.low);
        let mut connection = self.pool.acquire().await?;
        query.execute(&mut *connection).await?;
        Ok(())
    }

    pub(super) async fn tokened(&self, after: &[u8]) -> Done<Vec<Vec<u8>>> {
        let query = sqlx::query(text(sql::tokened(&self.tables))).bind(after);
        let mut connection = self.pool.acquire().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<_>>()?)
    }

    /// Those that a transaction is about to insert are left alone. The tokens are taken first, so that
    /// the register is held for a moment only.
    pub(super) async fn fold(&self, name: &[u8]) -> Done<Part> {
        let mut connection = self.pool.acquire().await?;
        // An application's pool may have another level: it would lock the gaps that writers insert into.
        let committed =
            sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED".into_sql_str());
        committed.execute(&mut *connection).await?;
        let mut transaction = connection.begin().await?;
        let take = sqlx::query(text(sql::take(&self.tables, PART))).bind(name);
        let rows = take.fetch_all(&mut *transaction).await?;
        if rows.is_empty() {
            transaction.rollback().await?;
            return Ok(Part { tokens: 0, more: false });
        }
        let mut tokens = Vec::with_capacity(rows.len());
        for row in &rows {
            tokens.push((row.try_get(0)?, row.try_get(1)?));
        }
        let (high, low) = tokens.iter().fold((0, 0), |(h, l), (high, low)| (h ^ high, l ^ low));
        let mut remove = sqlx::query(text(sql::untoken(&self.tables, tokens.len())));
        for (high, low) in &tokens {
            let (high, low): (i64, i64) = (*high, *low);
            remove = remove.bind(high).bind(low);
        }
        remove.bind(name).execute(&mut *transaction).await?;
        let turn = sqlx::query(text(sql::turn(&self.tables))).bind(high).bind(low).bind(name);
        turn.execute(&mut *transaction).await?;
        transaction.commit().await?;
        let more = tokens.len() >= PART;
        Ok(Part { tokens: u64::try_from(tokens.len()).unwrap_or(u64::MAX), more })
    }
}
