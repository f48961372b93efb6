//! Regions from the outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backend;
mod coherence;
mod declared;
mod doubles;
mod drop_at_every_poll;
mod entries;
mod fairness;
mod fenced;
mod invariants;
mod lease_gap;
mod no_allocation;
mod policies;
mod refreshes;
mod support;
mod telemetry;
mod waking;
