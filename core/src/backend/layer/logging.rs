//! One debug event for every call.

use std::sync::Arc;

use tracing::debug;

use super::Layer;
use super::watch::{Ended, Ending, Watched, Watcher};
use crate::backend::Backend;

/// Says of every call what it was, how much it was about, how long it took and how it ended, as a
/// `tracing` event of level `debug` and target `dogpile::backend`.
///
/// Names, bytes and owners never appear. Outcomes are `ok`, `dropped` (the caller went away) and
/// the [kinds](crate::ErrorKind::name) of errors.
///
/// ```
/// use dogpile::backend::layer::Logging;
/// use dogpile::backend::{BackendExt, MemoryBackend};
///
/// let backend = MemoryBackend::new().layer(Logging::new());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Logging {
    _private: (),
}

impl Logging {
    /// The layer.
    pub const fn new() -> Self {
        Self { _private: () }
    }
}

impl Layer for Logging {
    fn wrap(self, inner: Arc<dyn Backend>) -> impl Backend {
        Watched::new(inner, self)
    }
}

impl Watcher for Logging {
    fn ended(&self, call: &Ended) {
        let outcome = match call.outcome {
            Ending::Done => "ok",
            Ending::Dropped => "dropped",
            Ending::Failed(kind) => kind.name(),
        };
        debug!(
            target: "dogpile::backend",
            backend = call.kind,
            operation = call.operation.name(),
            names = call.names,
            sent_bytes = call.sent,
            received_bytes = call.received,
            elapsed_us = u64::try_from(call.elapsed.as_micros()).unwrap_or(u64::MAX),
            outcome,
            "backend call"
        );
    }
}
