//! Having the driver read the rows.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Error, Sqlite};

use super::statement::Shape;
use super::{arguments, columns, connect};
use crate::connections::Connections;
use crate::error::{Malformed, ReplayError};
use crate::per_runtime::PerRuntime;
use crate::row_set::RowSet;

/// A replay that takes longer is given up. There is nothing that it could wait for but its turn.
const LIMIT: Duration = Duration::from_secs(10);

static CONNECTIONS: PerRuntime<Connections<SqliteConnection>> = PerRuntime::new();

pub(super) async fn replay(rows: &RowSet<Sqlite>) -> Result<Vec<SqliteRow>, ReplayError> {
    let connections = CONNECTIONS.current(|| Ok::<_, ReplayError>(Connections::new()))?;
    let replayed = async {
        let mut held = connections.take(connect::open).await?;
        let replayed = select_all(&mut held.connection, rows).await?;
        held.give_back();
        Ok(replayed)
    };
    within_limit(replayed).await
}

async fn within_limit<T>(
    replay: impl Future<Output = Result<T, ReplayError>>,
) -> Result<T, ReplayError> {
    tokio::time::timeout(LIMIT, replay).await.map_err(|_| ReplayError::TimedOut)?
}

async fn select_all(
    connection: &mut SqliteConnection,
    rows: &RowSet<Sqlite>,
) -> Result<Vec<SqliteRow>, ReplayError> {
    let (described, cells) = (rows.columns(), rows.cells());
    let (described, mut cells) = (&described[..], &cells[..]);
    let columns = columns::count(&mut &*described).map_err(damaged)?;
    let mut replayed = Vec::with_capacity(rows.len());
    while replayed.len() < rows.len() {
        let left = rows.len() - replayed.len();
        let shape = Shape::of(columns, left);
        let taken = left.min(shape.room);
        let before = replayed.len();
        select(connection, described, &mut cells, shape, taken, &mut replayed).await?;
        if replayed.len() - before != taken {
            let message = "not as many rows as were bound".to_owned();
            return Err(ReplayError::Driver(Error::Protocol(message)));
        }
    }
    Ok(replayed)
}

async fn select(
    connection: &mut SqliteConnection,
    described: &[u8],
    cells: &mut &[u8],
    shape: Shape,
    rows: usize,
    replayed: &mut Vec<SqliteRow>,
) -> Result<(), ReplayError> {
    let bound = arguments::bind(cells, shape, rows)?;
    let sql = shape.sql(described, &bound.as_blobs).map_err(damaged)?;
    // One with text that is not UTF-8 is not worth a place among those that are kept.
    let keep = bound.as_blobs.is_empty();
    let query = sqlx::query_with(AssertSqlSafe(sql), bound.arguments).persistent(keep);
    let mut answer = query.fetch(connection);
    while let Some(row) = answer.try_next().await.map_err(ReplayError::Driver)? {
        replayed.push(row);
    }
    Ok(())
}

/// It was checked when it was read.
fn damaged(damaged: Malformed) -> ReplayError {
    ReplayError::Driver(Error::Decode(damaged.into()))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::{ReplayError, within_limit};

    #[tokio::test(start_paused = true)]
    async fn a_replay_that_gets_no_answer_is_given_up() {
        let given_up = within_limit(pending::<Result<(), _>>()).await;
        assert!(matches!(given_up, Err(ReplayError::TimedOut)));
    }
}
