//! What the tests that span several crates of dogpile have in common: real servers, started from
//! the binaries of this machine ([`services`]), and an oracle that knows which statements the
//! driver really sent ([`statements`]).
//!
//! `tests/run` installs what is missing and runs everything. Nothing here skips: a server that is
//! not installed is an [error](services::Error) that says what to install.

pub mod services;
#[cfg(feature = "databases")]
pub mod statements;
