#![doc = include_str!("../docs.md")]

mod backend;
mod client;
mod config;
mod error;
mod keys;
mod lease;
mod life;
mod register;
mod tags;
mod taints;
mod turns;

pub use backend::MemcachedBackend;
pub use config::{MemcachedBackendBuilder, register_schemes};
