//! The driver's end: connections to the endpoint, and rows read from them.

use std::convert::Infallible;
use std::time::Duration;

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Column, ConnectOptions, Connection, Postgres, Row, TypeInfo};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::job::{Desk, Job, Knows};
use super::socket::Waiting;
use crate::connections::Connections;
use crate::error::{Malformed, ReplayError};
use crate::per_runtime::PerRuntime;
use crate::row_set::RowSet;

/// A replay takes less, or fails: what takes longer is stuck.
const LIMIT: Duration = Duration::from_secs(5);

/// Prepared once a connection, for whatever rows: the endpoint describes them anew each time. The
/// only statement that the driver keeps.
const REPLAY: &str = "REPLAY";
/// The driver asks for types only when a statement is prepared, so this one is each time.
const LEARN: &str = "REPLAY AND TELL THE TYPES";
const KEPT: usize = 1;

/// From so many bytes on, a connection does not keep the buffers that it has read the rows into.
const LARGE: usize = 64 << 10;

static ALL: PerRuntime<Connections<Connected>> = PerRuntime::new();

/// Has the driver read the rows.
pub(super) async fn replay(rows: &RowSet<Postgres>) -> Result<Vec<PgRow>, ReplayError> {
    timeout(LIMIT, read(rows)).await.unwrap_or(Err(ReplayError::TimedOut))
}

async fn read(rows: &RowSet<Postgres>) -> Result<Vec<PgRow>, ReplayError> {
    let Ok(all) = ALL.current(|| Ok::<_, Infallible>(Connections::new()));
    let job = Job::of(rows).map_err(refused)?;
    let fits = |idle: &Connected| idle.desk.knows(&job.defined).is_ok_and(|it| it != Knows::Other);
    let mut held = all.take_fitting(fits, Connected::open).await?;
    let read = held.connection.replay(job, rows.len()).await?;
    held.give_back();
    Ok(read)
}

/// A connection to an endpoint of its own.
struct Connected {
    driver: PgConnection,
    desk: Desk,
    _endpoint: Endpoint,
}

/// The task that answers; it ends with the connection, wherever that is dropped.
struct Endpoint(AbortHandle);

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connected {
    async fn open() -> Result<Self, ReplayError> {
        let waiting = Waiting::new().await.map_err(ReplayError::Endpoint)?;
        let options = waiting.options().statement_cache_capacity(KEPT);
        let desk = Desk::default();
        let endpoint = Endpoint(tokio::spawn(waiting.serve(desk.clone())).abort_handle());
        let driver = options.disable_statement_logging().connect().await;
        Ok(Self { driver: driver.map_err(ReplayError::Driver)?, desk, _endpoint: endpoint })
    }

    async fn replay(&mut self, job: Job, count: usize) -> Result<Vec<PgRow>, ReplayError> {
        let knows = self.desk.knows(&job.defined).map_err(refused)?;
        let query = match knows {
            Knows::All => sqlx::query(REPLAY),
            Knows::Some | Knows::Other => sqlx::query(LEARN).persistent(false),
        };
        let large = job.rows.len() > LARGE;
        let _on_top = self.desk.put(job);
        let rows = query.fetch_all(&mut self.driver).await.map_err(ReplayError::Driver)?;
        if rows.len() != count || rows.first().is_some_and(has_unknown_type) {
            return Err(refused(Malformed::Damaged));
        }
        if large {
            self.driver.shrink_buffers();
        }
        Ok(rows)
    }
}

fn refused(why: Malformed) -> ReplayError {
    ReplayError::Driver(sqlx::Error::Decode(why.into()))
}

/// Whether the driver has only a number for the type of a column. Whoever reads such a row from the
/// database never sees that, and the driver panics when asked for more.
fn has_unknown_type(row: &PgRow) -> bool {
    row.columns().iter().any(|column| column.type_info().name() == "?")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::future::join_all;
    use sqlx::Postgres;

    use super::{ALL, Connected, read, replay};
    use crate::connections::{Connections, MOST};
    use crate::error::ReplayError;
    use crate::row_set::RowSet;

    /// A row of no columns.
    fn set() -> RowSet<Postgres> {
        let bytes = b"\x01\x01\x01\0\0\0\x07\0\0\0T\0\0\0\x06\0\0D\0\0\0\x06\0\0";
        RowSet::read(Bytes::from_static(bytes)).expect("a row set")
    }

    #[tokio::test]
    async fn a_replay_that_gets_no_turn_ends_in_time() {
        let set = set();
        assert_eq!(read(&set).await.expect("replayed").len(), 1);
        let all = ALL.current(|| Ok::<_, ()>(Connections::new())).expect("made before");
        let hold = || all.take_fitting(|_: &Connected| true, Connected::open);
        let held = join_all((0..MOST).map(|_| hold())).await;
        assert!(held.iter().all(Result::is_ok));
        tokio::time::pause();
        assert!(matches!(replay(&set).await, Err(ReplayError::TimedOut)));
        tokio::time::resume();
        drop(held);
        assert_eq!(replay(&set).await.expect("replayed").len(), 1);
    }
}
