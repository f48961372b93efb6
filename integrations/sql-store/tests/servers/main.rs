//! The store against real databases.

mod conformance;
mod garbage;
mod pools;
mod statements;
mod support;
mod sweeps;
mod tokens;
