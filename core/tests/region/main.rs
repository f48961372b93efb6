//! Regions from the outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod drop_at_every_poll;
mod invariants;
mod no_allocation;
mod support;
mod telemetry;
