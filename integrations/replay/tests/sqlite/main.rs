//! Rows of SQLite, captured and replayed, beside the rows that the database gave.
//!
//! * [`types`]: every declared type, every storage class, and names;
//! * [`boundaries`]: how many rows, how many columns, how large;
//! * [`crafted`]: bytes that nobody captured;
//! * [`cancel`]: replays that are dropped half-way;
//! * [`runtimes`]: whose the connections are, and how many;
//! * [`logs`]: what is logged of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod boundaries;
mod cancel;
mod crafted;
mod logs;
mod runtimes;
mod support;
mod types;
