//! What differs between the drivers.

use std::time::Duration;

use futures_core::future::BoxFuture;
use sqlx::Database;

use crate::error::{Malformed, ReplayError, Unfit};
use crate::row_set::RowSet;

pub(crate) mod sealed {
    pub trait Sealed {}
    #[cfg(feature = "sqlite")]
    impl Sealed for sqlx::Sqlite {}
    #[cfg(feature = "postgres")]
    impl Sealed for sqlx::Postgres {}
    #[cfg(feature = "mysql")]
    impl Sealed for sqlx::MySql {}
}

/// A database whose rows can be captured and replayed: `Postgres`, `MySql` and `Sqlite`, each
/// behind the feature of its name.
///
/// Sealed: implemented by this crate only.
pub trait ReplayDatabase: Database + sealed::Sealed {
    /// The number of the database in a row set. Never renumber them: row sets outlive the process.
    #[doc(hidden)]
    const CODE: u8;

    /// Writes what tells these columns from any others: names, types, and what the driver has to
    /// know of the types.
    #[doc(hidden)]
    fn write_columns(row: &Self::Row, out: &mut Vec<u8>) -> Result<(), Unfit>;

    /// Writes the raw cells of a row, in a form that says itself where it ends.
    #[doc(hidden)]
    fn write_row(row: &Self::Row, out: &mut Vec<u8>) -> Result<(), Unfit>;

    /// Checks the structure of all columns and of exactly `count` rows.
    #[doc(hidden)]
    fn check(columns: &[u8], rows: &[u8], count: usize) -> Result<(), Malformed>;

    /// Has the driver read the rows again. There is at least one.
    #[doc(hidden)]
    fn replay(rows: &RowSet<Self>) -> BoxFuture<'_, Result<Vec<Self::Row>, ReplayError>>;

    /// About what a replay takes. What the databases share: a way to the endpoint and back, and the
    /// bytes.
    #[doc(hidden)]
    fn replay_cost(rows: &RowSet<Self>) -> Duration {
        let bytes = u64::try_from(rows.bytes().len()).unwrap_or(u64::MAX);
        Duration::from_micros(30).saturating_add(Duration::from_nanos(bytes.saturating_mul(5)))
    }
}
