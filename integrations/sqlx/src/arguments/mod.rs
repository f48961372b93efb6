//! What one argument of a statement is, where that can be told exactly.
//!
//! The drivers keep their arguments to themselves, but print them. What is printed is read strictly,
//! and only as far as it is known: a driver that prints another way is not understood, and then no row
//! is told from others. Nothing is ever guessed.

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod digested;
#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod printed;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(crate) use digested::digest;
