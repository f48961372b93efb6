//! Rows of PostgreSQL: recorded on a real server, carried as bytes, and read again by the driver.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod boundaries;
mod cancel;
mod crafted;
mod runtimes;
mod support;
mod types;
