//! What a query cache must do, case by case, through sqlx on MariaDB, in one process.
//!
//! Every scenario is named after the number of its case in `tests/SCENARIOS.md`, which also says
//! where the cases are that are not here. One test a module, whose scenarios run one after the
//! other.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../fixture/drivers/mariadb.rs"]
mod driver;
#[path = "../fixture/mod.rs"]
mod fixture;
#[macro_use]
#[path = "../fixture/in_turn.rs"]
mod run;

#[path = "../broken_transactions.rs"]
mod broken_transactions;
#[path = "../ctes.rs"]
mod ctes;
#[path = "../dependencies.rs"]
mod dependencies;
#[path = "../determinism.rs"]
mod determinism;
#[path = "../expiry.rs"]
mod expiry;
#[path = "../flights.rs"]
mod flights;
#[path = "../invariants.rs"]
mod invariants;
#[path = "../keys.rs"]
mod keys;
#[path = "../names.rs"]
mod names;
#[path = "../policies.rs"]
mod policies;
#[path = "../races.rs"]
mod races;
#[path = "../reads.rs"]
mod reads;
#[path = "../relations.rs"]
mod relations;
#[path = "../savepoints.rs"]
mod savepoints;
#[path = "../schema_changes.rs"]
mod schema_changes;
#[path = "../streams.rs"]
mod streams;
#[path = "../transactions.rs"]
mod transactions;
#[path = "../unclear_writes.rs"]
mod unclear_writes;
#[path = "../values.rs"]
mod values;
#[path = "../writes.rs"]
mod writes;

#[path = "../servers/functions.rs"]
mod functions;
#[path = "../servers/locking.rs"]
mod locking;
#[path = "../servers/lost_connections.rs"]
mod lost_connections;
#[path = "../servers/statements.rs"]
mod statements;

mod catalog;
mod own;
