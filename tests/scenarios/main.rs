//! What a query cache must do, case by case, through sqlx on SQLite, in one process.
//!
//! Every test is named after the number of its case in `tests/SCENARIOS.md`, which also says where
//! the cases are that are not here.

mod dependencies;
mod determinism;
mod expiry;
mod fixture;
mod keys;
mod names;
mod reads;
mod schema_changes;
mod streams;
mod unclear_writes;
mod values;
mod writes;
