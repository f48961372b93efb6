//! The store against real databases.

mod conformance;
mod support;
