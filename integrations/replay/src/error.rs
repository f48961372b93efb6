//! What can go wrong.

use thiserror::Error;

/// Why rows cannot be captured so that a replay would give the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unfit {
    /// The rows came over a protocol that carries text, and were not prepared.
    #[error("the statement was not prepared, so its cells are text")]
    NotPrepared,
    /// A column is of a type that the replay would not give back as it is.
    #[error("a column has a type that cannot be replayed")]
    Type,
    /// There are more columns, or longer names or cells, than a row set can hold.
    #[error("the rows are too large for a row set")]
    TooLarge,
    /// A cell is lent to somebody who read the row before it was recorded, and the driver reads it
    /// for nobody else.
    #[error("a cell of the row is lent already")]
    Lent,
    /// The rows of one result do not have the same columns.
    #[error("the rows do not have the same columns")]
    Columns,
}

/// Why bytes are not a row set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Malformed {
    /// They are in a format that this version does not know.
    #[error("the row set is in another format")]
    Format,
    /// They are rows of another database.
    #[error("the row set is of another database")]
    Database,
    /// They end too early, or do not end where they say, or say what cannot be.
    #[error("the row set is damaged")]
    Damaged,
}

/// Why a row set was not replayed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The endpoint inside of this process cannot be used.
    #[error("the replay endpoint cannot be used")]
    Endpoint(#[source] std::io::Error),
    /// The driver did not take the row set for rows, or for as many as there are.
    #[error("the driver did not accept the replayed rows")]
    Driver(#[source] sqlx::Error),
    /// No answer came in time.
    #[error("the replay took too long")]
    TimedOut,
}
