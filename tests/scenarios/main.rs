//! What a query cache must do, case by case, through sqlx on SQLite, in one process.
//!
//! Every test is named after the number of its case in `tests/SCENARIOS.md`, which also says where
//! the cases are that are not here.

mod fixture;
mod reads;
mod probe;
