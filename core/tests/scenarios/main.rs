//! The scenarios that a region answers for, each in a test of its number.
//!
//! Some stand beside what they are about: `s028_s029_*` in `region/backend.rs`, `s172_*` in
//! `region/entries.rs`, `s177_*` and `s178_*` in `region/policies.rs`, `s208_*` with the metrics.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod creators;
mod life;
mod stored;
mod support;
mod told;
