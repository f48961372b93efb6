//! Regions from the outside.

mod drop_at_every_poll;
mod invariants;
mod no_allocation;
mod support;
