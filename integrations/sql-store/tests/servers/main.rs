//! The store against real databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod conformance;
mod elsewhere;
mod fences;
mod folds;
mod frozen;
mod garbage;
mod locks;
mod log;
mod lost;
mod pooler;
mod pools;
mod push;
mod regions;
mod statements;
mod support;
mod sweeps;
mod taints;
mod tokens;
mod transactional;
mod waking;
