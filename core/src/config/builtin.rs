//! The schemes that are built in: `memory` and `null`.

use std::future::ready;
use std::sync::Arc;

use super::{BackendUrl, Schemes};
use crate::backend::{Backend, MemoryBackend, NullBackend};
use crate::error::{Error, ErrorKind, Result};

/// `schemes` with those that are built in.
pub(super) fn with_builtin(schemes: Schemes) -> Schemes {
    schemes
        .register("memory", |url| Box::pin(ready(memory(url))))
        .register("null", |url| Box::pin(ready(null(url))))
}

/// `memory://`, `memory://name`, `memory://?capacity=64MiB`.
fn memory(url: &BackendUrl) -> Result<Arc<dyn Backend>> {
    only_a_name(url)?;
    let mut builder = MemoryBackend::builder();
    if let Some(bytes) = url.size("capacity")? {
        builder = builder.capacity(bytes);
    }
    Ok(Arc::new(builder.build()))
}

/// `null://`.
fn null(url: &BackendUrl) -> Result<Arc<dyn Backend>> {
    only_a_name(url)?;
    Ok(Arc::new(NullBackend))
}

/// A host is a name here: regions that give different ones do not share a backend.
fn only_a_name(url: &BackendUrl) -> Result<()> {
    let hosts = url.hosts();
    let user = url.user().is_some() || url.password().is_some();
    if user || url.path().len() > 1 || hosts.len() > 1 || hosts.iter().any(|h| h.port().is_some()) {
        let message = "this backend is in the process: its URL has parameters and at most a name, \
                       such as memory://shared?capacity=64MiB";
        return Err(Error::new(ErrorKind::Config, "connect backend", message));
    }
    Ok(())
}
