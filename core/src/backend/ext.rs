//! What can be composed of a backend's calls.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::layer::Layer;
use super::{Backend, Put, Stored, TagVersion};
use crate::error::Result;

/// Conveniences that every [`Backend`] has.
///
/// For tests, tools and authors of backends; regions use the calls of [`Backend`] itself.
pub trait BackendExt: Backend {
    /// Wraps this backend; the layer given last is the outermost.
    ///
    /// Each call wraps what stands before its dot, so an entry on its way to the store passes the
    /// layers from the last to the first, and on its way back from the first to the last:
    ///
    /// ```
    /// use dogpile::backend::layer::{Chaos, Logging};
    /// use dogpile::backend::{Backend, BackendExt, MemoryBackend};
    ///
    /// // `Logging` sees the errors that `Chaos` makes up: it is around it.
    /// let backend = MemoryBackend::new().layer(Chaos::seeded(7).fail(0.1)).layer(Logging::new());
    /// assert_eq!(backend.kind(), "memory");
    /// ```
    fn layer<L: Layer>(self, layer: L) -> impl Backend
    where
        Self: Sized,
    {
        layer.wrap(Arc::new(self))
    }

    /// This backend behind a pointer, without its type.
    fn shared(self) -> Arc<dyn Backend>
    where
        Self: Sized,
    {
        Arc::new(self)
    }

    /// Reads one entry.
    ///
    /// # Errors
    ///
    /// The backend could not be asked.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Bytes>>> + Send {
        async move { Ok(self.read(&[key], &[]).await?.entries.into_iter().next().flatten()) }
    }

    /// Reads one register.
    ///
    /// # Errors
    ///
    /// The backend could not be asked.
    fn version(&self, register: &str) -> impl Future<Output = Result<Option<TagVersion>>> + Send {
        async move { Ok(self.read(&[], &[register]).await?.versions.into_iter().next().flatten()) }
    }

    /// Stores one entry, without a fence.
    ///
    /// # Errors
    ///
    /// The backend could not be asked, or did not say what became of the entry.
    fn put(
        &self,
        key: &str,
        bytes: impl Into<Bytes> + Send,
        life: Duration,
    ) -> impl Future<Output = Result<Stored>> + Send {
        let put = Put { key, bytes: bytes.into(), life, fence: None };
        async move {
            let stored = self.store(std::slice::from_ref(&put), &[], life).await?;
            stored.into_iter().next().ok_or_else(|| super::incomplete("store"))
        }
    }
}

impl<B: Backend + ?Sized> BackendExt for B {}
