#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without a database there is nothing to be a store in.
#![cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]

mod backend;
mod config;
mod error;
#[cfg(feature = "mysql")]
mod mysql;
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use backend::{Folded, SqlStore, Swept};
pub use config::{LockKind, SqlStoreBuilder, register};
