//! Layers: what can be put around a backend.
//!
//! A layer sees every call of the backend it wraps, its leases included, and is a backend itself.
//! Layers are put on with [`BackendExt::layer`](super::BackendExt::layer); the one given last is
//! the outermost.
//!
//! # Which order
//!
//! ```text
//! backend.layer(chaos)       next to the backend: what it makes up is seen by all others
//!        .layer(encrypt)     after compression: what is encrypted does not shrink any more
//!        .layer(compress)
//!        .layer(metrics)     around the rest: counts what the region asked for and got
//!        .layer(logging)
//! ```
//!
//! On its way to the store an entry passes them from the bottom up: it is compressed, then
//! encrypted. The other way round nothing is lost but time: encrypted bytes look random, and
//! `Compress` stores them as they are.

mod call;
mod chaos;
#[cfg(feature = "zstd")]
mod compress;
#[cfg(feature = "encrypt")]
mod encrypt;
mod logging;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "metrics")]
pub mod series;
#[cfg(any(feature = "zstd", feature = "encrypt"))]
mod transform;
mod watch;

use std::sync::Arc;

pub use call::Operation;
pub use chaos::Chaos;
#[cfg(feature = "zstd")]
pub use compress::Compress;
#[cfg(feature = "encrypt")]
pub use encrypt::{Encrypt, Keys};
pub use logging::Logging;
#[cfg(feature = "metrics")]
pub use metrics::Metrics;

use super::Backend;

/// Something to put around a backend.
///
/// What it makes is a backend and keeps the contract of [`Backend`]. Write the `impl Backend` under
/// `#[deny(clippy::missing_trait_methods)]`, so that a call which the trait gets later cannot slip
/// past it.
///
/// ```
/// use std::sync::Arc;
/// use dogpile::backend::{Backend, BackendExt, Layer, MemoryBackend, NullBackend};
///
/// /// Takes the place of the backend: a switch for the whole cache.
/// struct Off(bool);
///
/// impl Layer for Off {
///     fn wrap(self, inner: Arc<dyn Backend>) -> impl Backend {
///         if self.0 { NullBackend.shared() } else { inner }
///     }
/// }
///
/// assert_eq!(MemoryBackend::new().layer(Off(false)).kind(), "memory");
/// assert_eq!(MemoryBackend::new().layer(Off(true)).kind(), "null");
/// ```
pub trait Layer {
    /// The backend with this layer around it.
    fn wrap(self, inner: Arc<dyn Backend>) -> impl Backend;
}
