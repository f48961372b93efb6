//! What a query cache must do, case by case, through sqlx on SQLite, in one process.
//!
//! Every test is named after the number of its case in `tests/SCENARIOS.md`, which also says where
//! the cases are that are not here.

mod broken_transactions;
mod ctes;
mod dependencies;
mod determinism;
mod differential;
mod expiry;
mod fixture;
mod flights;
mod keys;
mod locking;
mod names;
mod policies;
mod races;
mod reads;
mod savepoints;
mod schema_changes;
mod streams;
mod transactions;
mod unclear_writes;
mod values;
mod writes;
