//! The backend on real servers.

mod conformance;
mod faults;
mod registers;
mod support;
mod taints;
