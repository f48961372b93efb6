//! The store against real databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod conformance;
mod fences;
mod folds;
mod garbage;
mod pools;
mod regions;
mod statements;
mod support;
mod sweeps;
mod taints;
mod tokens;
mod transactional;
