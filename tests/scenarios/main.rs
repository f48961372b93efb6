//! What a query cache must do, case by case, through sqlx on SQLite, in one process.
//!
//! Every scenario is named after the number of its case in `tests/SCENARIOS.md`, which also says
//! where the cases are that are not here. Those that are written here once run on PostgreSQL and
//! MariaDB as well, in `postgres` and `mariadb`; what only SQLite has is in `sqlite`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "fixture/drivers/sqlite.rs"]
mod driver;
#[macro_use]
#[path = "fixture/each.rs"]
mod run;

mod analysed;
mod fixture;
mod sqlite;

mod broken_transactions;
mod ctes;
mod dependencies;
mod determinism;
mod expiry;
mod flights;
mod invariants;
mod keys;
mod names;
mod policies;
mod races;
mod reads;
mod relations;
mod savepoints;
mod schema_changes;
mod streams;
mod transactions;
mod unclear_writes;
mod values;
mod writes;
