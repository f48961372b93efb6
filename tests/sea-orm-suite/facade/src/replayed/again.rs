//! Rows as bytes, and back.

use dogpile_replay::{Recorder, ReplayDatabase, RowSet, replay};
use real::{DbErr, QueryResult, RuntimeErr};
use sqlx::{MySql, Postgres, Sqlite};

use crate::tally::say;

/// The same rows, captured and replayed.
///
/// # Errors
///
/// They could be captured, and not be replayed.
pub(super) async fn again(rows: Vec<QueryResult>) -> Result<Vec<QueryResult>, DbErr> {
    let Some(first) = rows.first() else { return Ok(rows) };
    if first.try_as_sqlite_row().is_some() {
        of::<Sqlite>(rows, QueryResult::try_as_sqlite_row).await
    } else if first.try_as_pg_row().is_some() {
        of::<Postgres>(rows, QueryResult::try_as_pg_row).await
    } else {
        of::<MySql>(rows, QueryResult::try_as_mysql_row).await
    }
}

/// Tells `r` for a result that was replayed, and `u` for one that cannot be captured.
async fn of<DB: ReplayDatabase<Row: Into<QueryResult>>>(
    rows: Vec<QueryResult>,
    row: fn(&QueryResult) -> Option<&DB::Row>,
) -> Result<Vec<QueryResult>, DbErr> {
    let Some(captured) = captured::<DB>(&rows, row) else {
        say(b'u');
        return Ok(rows);
    };
    say(b'r');
    let stored = RowSet::<DB>::read(captured.bytes().clone()).map_err(internal)?;
    let replayed = replay(&stored).await.map_err(internal)?;
    if replayed.len() != rows.len() {
        return Err(internal(format!("{} rows became {}", rows.len(), replayed.len())));
    }
    Ok(replayed.into_iter().map(Into::into).collect())
}

/// The rows as bytes; nothing where they cannot be carried exactly, and the cache would keep none.
fn captured<DB: ReplayDatabase>(
    rows: &[QueryResult],
    row: fn(&QueryResult) -> Option<&DB::Row>,
) -> Option<RowSet<DB>> {
    let mut recorder = Recorder::<DB>::new();
    for result in rows {
        recorder.push(row(result)?).ok()?;
    }
    recorder.finish().ok()
}

fn internal(error: impl ToString) -> DbErr {
    DbErr::Query(RuntimeErr::Internal(error.to_string()))
}
