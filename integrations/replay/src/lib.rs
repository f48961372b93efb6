//! Captures a driver's rows as bytes, and turns the bytes back into genuine rows of the driver.
//!
//! sqlx's rows have no constructor, and no copy of them that is made of decoded values is exact: one
//! type of the database becomes several of Rust, and which of them is known only to whoever reads
//! the row. So nothing is decoded here. A [`Recorder`] keeps the raw cells of the rows that pass, a
//! [`RowSet`] carries them as bytes to whichever process, and [`replay`] has the driver itself read
//! them again, from an endpoint inside this process:
//!
//! - PostgreSQL and MySQL: a socket whose other end speaks the server's side of the protocol and
//!   sends the stored cells as they are;
//! - SQLite: a database in memory that selects the stored cells from columns declared as the
//!   original ones were.
//!
//! What cannot be carried exactly is refused when it is recorded, with a [reason](Unfit).
//!
//! # PostgreSQL
//!
//! Every type that the driver can read from the server comes back as it was, by its number, its name
//! and its kind: enumerations, domains, composite types, ranges, and those of extensions. What the
//! driver would ask the server of them travels in the row set. Of two types that have the same number
//! in two databases each stays what it is.
//!
//! - Rows of a statement that was not prepared carry text: [`Unfit::NotPrepared`].
//! - A column says which table it is of, by the same numbers as before. The names of table and column
//!   (`Column::origin`) are known to the driver only where it was asked to prepare that statement
//!   itself, and are never known of replayed rows.
//! - A decoder that does not take what PostgreSQL may send, as that of `chrono` does not take
//!   `'infinity'::date`, does not take it replayed either.
//!
//! The socket is in a folder that none but this user can enter, and both are there only while one
//! connection is made; after it nobody else can reach the endpoint. Where there is no such folder it
//! is a port of the loopback interface, and the driver's secret, 128 random bits, opens it. A runtime
//! has at most 8 connections, and a replay ends after 5 seconds at the latest.
//!
//! # SQLite
//!
//! Every storage class comes back as it was in a column of any declared type: text that is not
//! UTF-8, infinities, numbers in a column of text. The driver knows ten declared types, and each
//! column keeps the one it had.
//!
//! - The table that a column was read from (`Column::origin`) is not carried: replayed rows name one
//!   of their own.
//! - A cell that was lent before its row was recorded may not be readable any more:
//!   [`Unfit::Lent`].
//! - A decoder that panics at a value, as that of `time::PrimitiveDateTime` does at an INTEGER that
//!   is no time, panics at it replayed too. SQLite allows any value in any column.
//! - A replay takes about as long as a simple query of the same rows does. [`replay_cost`]
//!   estimates it, so that adapters replay only what took the database longer.
//!
//! A runtime has at most 8 connections, each with a thread of its own, and a replay ends after 10
//! seconds at the latest.
//!
//! # MySQL and MariaDB
//!
//! Every type that the driver knows comes back as it was, with its flags, its collation and its size;
//! so do the names of columns, and of the tables that they are of. Of the family only MariaDB is
//! tested.
//!
//! - Rows of a statement that was not prepared carry text: [`Unfit::NotPrepared`].
//! - What `CALL` gives may be several results; recorded as one they are [`Unfit::Columns`], unless
//!   their columns are the same.
//!
//! The socket is in a folder that none but this user can enter, and both are there only while one
//! connection is made; after it nobody else can reach the endpoint. Where there is no such folder it
//! is a port of the loopback interface. Either way 128 random bits, known to the driver only, open
//! it. A runtime has at most 8 connections, and a replay ends after 10 seconds at the latest.
//!
//! # Untrusted bytes
//!
//! A row set may come from a store that others can write to. [`RowSet::read`] checks its whole
//! structure before anything is sent, and never reserves memory for a length that it has not seen
//! the bytes of. Bytes that are no row set are an [error](Malformed), never a panic and never a row.
//!
//! The check includes each cell, as far as a decoder of the driver trusts the server: its length, and
//! the parts of arrays, ranges, records and numbers. Of a type that is not the database's own, a row
//! set is believed what it says of it. It can lie about that, and about every value: encrypt or
//! sign what you keep in a store that others can write to.

#![cfg_attr(
    not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
    expect(dead_code, reason = "there is no database whose rows could be replayed")
)]

mod connections;
mod cost;
mod database;
mod error;
mod per_runtime;
mod recorder;
mod row_set;

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use cost::replay_cost;
pub use database::ReplayDatabase;
pub use error::{Malformed, ReplayError, Unfit};
pub use recorder::Recorder;
pub use row_set::RowSet;

/// Turns a row set back into rows of the driver.
///
/// The connections that the driver reads them from belong to the tokio runtime that this is awaited
/// in, are few, and are kept for the next call.
///
/// # Errors
///
/// The row set is of another database, or the driver did not take it for rows. Nothing else in the
/// process is affected.
///
/// # Cancel safety
///
/// May be dropped at any await; the connection it used is then closed.
///
/// # Panics
///
/// Outside of a tokio runtime, and in one without its drivers for input and output and for time.
pub async fn replay<DB: ReplayDatabase>(rows: &RowSet<DB>) -> Result<Vec<DB::Row>, ReplayError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    DB::replay(rows).await
}

/// Turns a row set back into rows of the driver so many times, on one way to the endpoint and back.
///
/// Rows have no copies: whoever will need the same ones again has them read ahead. Of a few rows the
/// way takes longer than the reading.
///
/// ```
/// # use dogpile_replay::{ReplayDatabase, ReplayError, RowSet, replay_copies};
/// # async fn read<DB: ReplayDatabase>(rows: &RowSet<DB>) -> Result<(), ReplayError> {
/// let copies = replay_copies(rows, 8).await?;
/// assert!(copies.iter().all(|copy| copy.len() == rows.len()));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Those of [`replay`].
///
/// # Cancel safety
///
/// May be dropped at any await; the connection it used is then closed.
///
/// # Panics
///
/// Where [`replay`] does.
pub async fn replay_copies<DB: ReplayDatabase>(
    rows: &RowSet<DB>,
    copies: usize,
) -> Result<Vec<Vec<DB::Row>>, ReplayError> {
    let Some(repeated) = rows.repeated(copies) else {
        return Ok(Vec::from([replay(rows).await?]));
    };
    let mut all = replay(&repeated).await?.into_iter();
    Ok((0..copies).map(|_| all.by_ref().take(rows.len()).collect()).collect())
}
