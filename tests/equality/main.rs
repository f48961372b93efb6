//! I13 for random tables of every column type, random queries of them and many ways to read the
//! rows: a live row, a miss and a hit give the same value, or the same error, or the same panic.
//!
//! What is random follows from a seed, which a failure names: `DOGPILE_EQUALITY_SEED=7` runs it
//! again. `DOGPILE_EQUALITY_SECONDS=60` goes on for as long with one seed after the other.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::future_not_send, clippy::large_futures, reason = "each test drives its own")]

mod case;
mod generator;
mod mariadb;
mod outcome;
mod pools;
mod postgres;
mod probes;
mod read;
mod run;
mod shapes;
mod sqlite;
