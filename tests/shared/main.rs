//! What several processes share: one cache server, that may be slow, full of garbage or gone.
//!
//! A test runs once for each backend in the tables of `support/backends.rs`, and is named after the
//! row of the table of faults, or the number of the scenario, that it is about.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod differential;
mod faults;
mod history;
mod logs;
mod scenarios;
mod stampede;
mod support;
