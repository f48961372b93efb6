//! Backends and layers from the outside.
#![cfg(feature = "testing")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod conformance;
mod layers;
mod mutants;
mod suite;
mod support;
