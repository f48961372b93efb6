//! Series for every call.

use std::sync::Arc;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use super::watch::{Ended, Ending, Watched, Watcher};
use super::{Layer, series};
use crate::backend::Backend;

/// Counts and times every call through the `metrics` facade; the names are in [`series`].
///
/// Labels have few values: the kind of the backend, the operation, and how it ended (`ok`, `error`,
/// `dropped`).
///
/// ```
/// use dogpile::backend::layer::Metrics;
/// use dogpile::backend::{BackendExt, MemoryBackend};
///
/// let backend = MemoryBackend::new().layer(Metrics::new());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Metrics {
    _private: (),
}

impl Metrics {
    /// The layer.
    pub const fn new() -> Self {
        Self { _private: () }
    }
}

impl Layer for Metrics {
    fn wrap(self, inner: Arc<dyn Backend>) -> impl Backend {
        describe_counter!(series::CALLS, Unit::Count, "Calls of a backend, by how they ended");
        describe_histogram!(series::SECONDS, Unit::Seconds, "How long calls of a backend took");
        describe_counter!(series::BYTES, Unit::Bytes, "Bytes of entries sent and received");
        Watched::new(inner, self)
    }
}

impl Watcher for Metrics {
    fn ended(&self, call: &Ended) {
        let (backend, operation) = (call.kind, call.operation.name());
        let outcome = match call.outcome {
            Ending::Done => "ok",
            Ending::Failed(_) => "error",
            Ending::Dropped => "dropped",
        };
        counter!(series::CALLS, "backend" => backend, "operation" => operation, "outcome" => outcome)
            .increment(1);
        histogram!(series::SECONDS, "backend" => backend, "operation" => operation)
            .record(call.elapsed);
        for (direction, bytes) in [("sent", call.sent), ("received", call.received)] {
            if bytes > 0 {
                counter!(series::BYTES, "backend" => backend, "direction" => direction)
                    .increment(bytes as u64);
            }
        }
    }
}
