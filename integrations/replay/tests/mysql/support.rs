//! A server, and what it means that rows are the same.

use dogpile_replay::{Recorder, RowSet, Unfit, replay, replay_copies};
use dogpile_tests::services::MariaDb;
use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, Connection, Decode, MySql, Row, ValueRef};

/// A server that takes large statements, and an empty database.
pub(crate) struct Live {
    _server: MariaDb,
    pub(crate) connection: MySqlConnection,
}

impl Live {
    pub(crate) async fn start() -> Self {
        let server = MariaDb::start_with(&["--max-allowed-packet=256M"]).await.unwrap();
        let url = server.create_database().await.unwrap();
        let connection = MySqlConnection::connect(&url).await.unwrap();
        Self { _server: server, connection }
    }

    pub(crate) async fn run(&mut self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&mut self.connection).await.unwrap();
    }

    pub(crate) async fn rows(&mut self, sql: &str) -> Vec<MySqlRow> {
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::query(sql).fetch_all(&mut self.connection).await.unwrap()
    }

    /// The rows as text.
    pub(crate) async fn text_rows(&mut self, sql: &str) -> Vec<MySqlRow> {
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).fetch_all(&mut self.connection).await.unwrap()
    }

    /// Has the rows of a query captured, replayed and compared, and gives out what was captured.
    pub(crate) async fn round_trip(&mut self, sql: &str) -> RowSet<MySql> {
        let live = self.rows(sql).await;
        assert!(!live.is_empty(), "{sql}");
        let captured = capture(&live).unwrap();
        let read = RowSet::read(captured.bytes().clone()).unwrap();
        let mut all = replay_copies::<MySql>(&read, 3).await.unwrap();
        assert_eq!(all.len(), 3);
        all.push(replay(&read).await.unwrap());
        for replayed in all {
            assert_same(&live, &replayed);
            assert!(capture(&replayed).unwrap().bytes() == captured.bytes(), "{sql}");
        }
        captured
    }
}

pub(crate) fn capture(rows: &[MySqlRow]) -> Result<RowSet<MySql>, Unfit> {
    let mut recorder = Recorder::new();
    rows.iter().try_for_each(|row| recorder.push(row))?;
    recorder.finish()
}

/// A cell as it came.
pub(crate) fn raw(row: &MySqlRow, index: usize) -> Option<&[u8]> {
    <&[u8] as Decode<'_, MySql>>::decode(row.try_get_raw(index).unwrap()).ok()
}

/// The same columns with all that the driver knows of them, and the same cells.
pub(crate) fn assert_same(live: &[MySqlRow], replayed: &[MySqlRow]) {
    assert_eq!(live.len(), replayed.len());
    for (live, replayed) in live.iter().zip(replayed) {
        // Names, numbers, origins, types and flags; some of it is private.
        assert_eq!(format!("{:?}", live.columns()), format!("{:?}", replayed.columns()));
        for index in 0..live.len() {
            assert!(raw(live, index) == raw(replayed, index), "column {index}");
            let is_null = |row: &MySqlRow| row.try_get_raw(index).unwrap().is_null();
            assert_eq!(is_null(live), is_null(replayed));
        }
    }
}
