//! Rows of a MariaDB server, captured and replayed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod boundaries;
mod cancel;
mod crafted;
mod runtimes;
mod support;
mod types;
