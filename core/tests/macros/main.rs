//! The attributes `#[cached]` and `#[cached_multi]`.
#![cfg(feature = "macros")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod helpers;
mod keys;
mod methods;
mod multi;
mod options;
mod returns;
mod shapes;
mod support;
mod ui;
mod unconfigured;
