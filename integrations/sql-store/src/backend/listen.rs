//! Hearing of what others do: invalidate, and give leases back.

use std::sync::Arc;

use dogpile::BoxFuture;
use dogpile::backend::{Listener, Listening};
use tokio::runtime::Handle;

use super::Inner;

impl Inner {
    /// Tells `listener` of what is invalidated; `None` where nothing is told, or where no runtime keeps
    /// a connection.
    pub(super) fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        self.dialect.listen(&self.some_runtime()?, listener)
    }

    /// Resolves when a lease is given back; `None` where nobody tells.
    pub(super) fn freed(&self, name: &str) -> Option<BoxFuture<'static, ()>> {
        self.dialect.freed(&self.some_runtime()?, name)
    }

    /// This one, or that of earlier calls.
    fn some_runtime(&self) -> Option<Handle> {
        Handle::try_current().ok().or_else(|| self.runtime())
    }
}
