//! Whether a replay is worth it.

use std::time::Duration;

use crate::database::ReplayDatabase;
use crate::row_set::RowSet;

/// About how long [`replay`](crate::replay()) takes for these rows, once its connection is open.
///
/// An estimate by a formula, so that the same rows always cost the same, on whichever machine:
///
/// - PostgreSQL and MySQL: a round trip inside the process, and a little for each byte;
/// - SQLite: a round trip to another thread, and so much for each cell that a simple query of many
///   rows is done sooner than its replay.
///
/// An adapter that has the choice replays where this is less than what the query took when it was
/// recorded, and asks the database otherwise.
///
/// ```
/// # use std::time::Duration;
/// # use dogpile_replay::{ReplayDatabase, RowSet, replay_cost};
/// fn worth_it<DB: ReplayDatabase>(rows: &RowSet<DB>, query_took: Duration) -> bool {
///     replay_cost(rows) < query_took
/// }
/// ```
pub fn replay_cost<DB: ReplayDatabase>(rows: &RowSet<DB>) -> Duration {
    if rows.is_empty() { Duration::ZERO } else { DB::replay_cost(rows) }
}
