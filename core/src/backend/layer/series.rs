//! The names of the series of [`Metrics`](super::Metrics).

/// Counter: calls, by `backend`, `operation` and `outcome`.
pub const CALLS: &str = "dogpile_backend_calls_total";
/// Histogram: seconds a call took, by `backend` and `operation`.
pub const SECONDS: &str = "dogpile_backend_call_seconds";
/// Counter: bytes of entries, by `backend` and `direction` (`sent`, `received`).
pub const BYTES: &str = "dogpile_backend_bytes_total";
/// All of them.
pub const ALL: [&str; 3] = [CALLS, SECONDS, BYTES];
