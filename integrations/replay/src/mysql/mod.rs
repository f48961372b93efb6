//! MySQL and MariaDB: stored packets of the protocol, sent to the driver by an endpoint inside this
//! process.
//!
//! Columns and rows are stored as the very packets that a server sends, so that a replay copies
//! nothing. What a driver's row does not tell any more is not carried: the schema apart from the
//! table, the decimals of a column, the numbers of packets.
//!
//! What this depends on, beyond the protocol and the driver's public functions: that the type of a
//! column [can be serialized](shape) with all its parts, and that the driver, told to, asks for
//! nothing by itself when it connects. Other versions of the driver may differ in that; the tests
//! then fail, and a recording or a replay is refused.
//!
//! Of the family only MariaDB is tested against.

mod cells;
mod check;
mod columns;
mod connect;
mod endpoint;
mod kind;
mod listener;
mod message;
#[cfg(test)]
mod sample;
mod shape;
mod stream;

use std::time::Duration;

use futures_core::future::BoxFuture;
use sqlx::MySql;
use sqlx::mysql::MySqlRow;
use tokio::time::timeout;

use self::connect::Pair;
use crate::connections::Connections;
use crate::database::ReplayDatabase;
use crate::error::{Malformed, ReplayError, Unfit};
use crate::per_runtime::PerRuntime;
use crate::row_set::RowSet;

/// How long a replay may take: waiting for its turn, connecting and reading.
const LIMIT: Duration = Duration::from_secs(10);

static CONNECTIONS: PerRuntime<Connections<Pair>> = PerRuntime::new();

impl ReplayDatabase for MySql {
    const CODE: u8 = 2;

    fn write_columns(row: &MySqlRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
        columns::write(row, out)
    }

    fn write_row(row: &MySqlRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
        cells::write(row, out)
    }

    fn check(columns: &[u8], rows: &[u8], count: usize) -> Result<(), Malformed> {
        check::check(columns, rows, count)
    }

    fn replay(rows: &RowSet<Self>) -> BoxFuture<'_, Result<Vec<MySqlRow>, ReplayError>> {
        Box::pin(
            async move { timeout(LIMIT, replay(rows)).await.map_err(|_| ReplayError::TimedOut)? },
        )
    }
}

async fn replay(rows: &RowSet<MySql>) -> Result<Vec<MySqlRow>, ReplayError> {
    let connections = CONNECTIONS.current(|| Ok::<_, ReplayError>(Connections::new()))?;
    let mut held = connections.take(Pair::open).await?;
    let found = held.connection.replay(rows).await?;
    held.give_back();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use sqlx::MySql;
    use tokio::time;

    use super::sample::sample;
    use super::{CONNECTIONS, Connections, Pair, ReplayDatabase, ReplayError};
    use crate::row_set::RowSet;

    #[test]
    fn a_sample_is_a_row_set() {
        let written = sample(7);
        let read = RowSet::<MySql>::read(written.bytes().clone());
        assert!(read.is_ok_and(|read| read.bytes() == written.bytes()));
    }

    #[tokio::test]
    async fn a_replay_that_never_gets_its_turn_is_given_up() {
        let all = CONNECTIONS.current(|| Ok::<_, ReplayError>(Connections::new())).expect("made");
        let mut held = Vec::new();
        while let Ok(one) = time::timeout(time::Duration::from_secs(1), all.take(Pair::open)).await
        {
            held.push(one.expect("connected"));
        }
        time::pause();
        assert!(matches!(MySql::replay(&sample(1)).await, Err(ReplayError::TimedOut)));
        time::resume();
        held.pop().expect("some").give_back();
        assert_eq!(MySql::replay(&sample(1)).await.expect("replayed").len(), 1);
    }
}
