//! Configuration, from the outside.
#![cfg(feature = "config")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod connect;
mod environment;
mod errors;
mod precedence;
mod robust;
mod schemes;
mod secrets;
mod support;
mod url;
