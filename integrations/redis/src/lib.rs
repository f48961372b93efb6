#![doc = include_str!("docs.md")]

mod backend;
mod client;
mod config;
mod error;
mod keys;
mod lease;
mod push;
mod scripts;
mod tags;
mod taints;

pub use backend::RedisBackend;
pub use config::{RedisBackendBuilder, register};
