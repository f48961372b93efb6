#![doc = include_str!("docs.md")]

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

pub use backend::{SqlStore, Swept};
pub use config::{SqlStoreBuilder, register};
