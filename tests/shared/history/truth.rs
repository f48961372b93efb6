//! What is true: rows in a database, and the order of events.

use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};

/// How many rows there are: few, so that all want the same.
pub(super) const ROWS: i64 = 4;

#[derive(Debug, Clone)]
pub(super) struct Truth {
    url: String,
    pool: PgPool,
}

/// A moment: its place in the order of all events, and the time of the database in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) order: i64,
    pub(super) micros: i64,
}

impl Truth {
    pub(super) async fn create(url: &str) -> Self {
        let truth = Self::connect(url).await;
        let tables = "CREATE SEQUENCE clock CACHE 1;
            CREATE TABLE row (id BIGINT PRIMARY KEY, version BIGINT NOT NULL)";
        sqlx::raw_sql(tables).execute(&truth.pool).await.unwrap();
        let rows = format!("INSERT INTO row SELECT id, 0 FROM generate_series(0, {ROWS} - 1) id");
        sqlx::raw_sql(AssertSqlSafe(rows)).execute(&truth.pool).await.unwrap();
        truth
    }

    pub(super) async fn connect(url: &str) -> Self {
        let pool = PgPoolOptions::new().max_connections(8).connect(url).await.unwrap();
        Self { url: url.into(), pool }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// This moment.
    pub(super) async fn now(&self) -> Moment {
        let now = "SELECT nextval('clock'),
            (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT";
        let (order, micros) = sqlx::query_as(now).fetch_one(&self.pool).await.unwrap();
        Moment { order, micros }
    }

    pub(super) async fn version(&self, row: i64) -> i64 {
        let read = sqlx::query_scalar("SELECT version FROM row WHERE id = $1").bind(row);
        read.fetch_one(&self.pool).await.unwrap()
    }

    /// How many writes there were.
    pub(super) async fn writes(&self) -> i64 {
        let all = sqlx::query_scalar("SELECT sum(version)::BIGINT FROM row");
        all.fetch_one(&self.pool).await.unwrap()
    }

    /// Writes the next version, commits it and returns it.
    pub(super) async fn write(&self, row: i64) -> i64 {
        let write = "UPDATE row SET version = version + 1 WHERE id = $1 RETURNING version";
        sqlx::query_scalar(write).bind(row).fetch_one(&self.pool).await.unwrap()
    }
}
