//! Rows of a server, and what is compared of them.

use bytes::Bytes;
use dogpile_replay::{Recorder, RowSet, Unfit, replay, replay_copies};
use dogpile_tests::services;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Column, Connection, Postgres, Row};

/// A server of a test's own, and a connection to it.
pub(crate) struct Server {
    pub(crate) connection: PgConnection,
    _server: services::Postgres,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let server = services::Postgres::start().await.unwrap();
        let connection = PgConnection::connect(&server.url("postgres")).await.unwrap();
        Self { connection, _server: server }
    }

    pub(crate) async fn run(&mut self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&mut self.connection).await.unwrap();
    }

    pub(crate) async fn rows(&mut self, sql: &str) -> Vec<PgRow> {
        rows(&mut self.connection, sql).await.unwrap()
    }

    pub(crate) async fn record(&mut self, sql: &str) -> RowSet<Postgres> {
        record(&self.rows(sql).await).unwrap()
    }
}

pub(crate) async fn rows(
    connection: &mut PgConnection,
    sql: &str,
) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await
}

pub(crate) fn record(rows: &[PgRow]) -> Result<RowSet<Postgres>, Unfit> {
    let mut recorder = Recorder::new();
    for row in rows {
        recorder.push(row)?;
    }
    recorder.finish()
}

/// All that a row tells of its columns.
pub(crate) fn columns(row: &PgRow) -> Vec<String> {
    let column = |column: &sqlx::postgres::PgColumn| {
        let by_name = row.try_column(column.name()).map(Column::ordinal);
        let origin = (column.relation_id(), column.relation_attribute_no());
        format!(
            "{} {} {by_name:?} {origin:?} {:?}",
            column.ordinal(),
            column.name(),
            column.type_info()
        )
    };
    row.columns().iter().map(column).collect()
}

/// Carries the rows as bytes, replays them twice and then in copies, and compares all that there is.
pub(crate) async fn same_again(live: &[PgRow]) {
    let set = record(live).unwrap();
    let carried = RowSet::<Postgres>::read(Bytes::copy_from_slice(set.bytes())).unwrap();
    let mut all = replay_copies(&carried, 3).await.unwrap();
    assert_eq!(all.len(), 3);
    all.extend([replay(&carried).await.unwrap(), replay(&carried).await.unwrap()]);
    for replayed in all {
        assert_eq!(replayed.len(), live.len());
        assert_eq!(record(&replayed).unwrap().bytes(), set.bytes());
        for (replayed, live) in replayed.iter().zip(live) {
            assert_eq!(columns(replayed), columns(live));
        }
    }
}
