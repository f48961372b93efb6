//! The store against real databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod conformance;
mod fences;
mod garbage;
mod pools;
mod statements;
mod support;
mod sweeps;
mod tokens;
