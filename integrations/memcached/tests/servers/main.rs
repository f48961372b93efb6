//! The backend on real servers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod conformance;
mod faults;
mod registers;
mod taints;
