//! The backend against real servers, which every test starts for itself.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod conformance;
mod faults;
mod garbage;
mod incarnation;
mod push;
mod regions;
mod resharding;
mod support;
mod taints;
