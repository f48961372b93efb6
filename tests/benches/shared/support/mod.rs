//! What the benches have in common.

pub(crate) mod contest;
pub(crate) mod meta;
pub(crate) mod shop;
pub(crate) mod stats;
pub(crate) mod tap;
