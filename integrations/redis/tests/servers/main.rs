//! The backend against real servers, which every test starts for itself.

mod conformance;
mod faults;
mod garbage;
mod incarnation;
mod regions;
mod resharding;
mod support;
mod taints;
