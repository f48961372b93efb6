//! A backend behind a pointer is a backend.

use std::sync::Arc;
use std::time::Duration;

use super::{
    Answer, Backend, Capabilities, Listener, Listening, Put, Stamp, Stored, TagVersion, Taints,
    Transactional,
};
use crate::error::Result;
use crate::lease::{BoxFuture, Locks};

#[deny(clippy::missing_trait_methods)]
impl<B: Backend + ?Sized> Backend for Arc<B> {
    fn kind(&self) -> &'static str {
        (**self).kind()
    }

    fn identity(&self) -> String {
        (**self).identity()
    }

    fn capabilities(&self) -> Capabilities {
        (**self).capabilities()
    }

    fn incarnation(&self) -> u64 {
        (**self).incarnation()
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        (**self).read(keys, registers)
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        (**self).create(stamps, life)
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        (**self).bump(stamps, life)
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        (**self).store(puts, extend, life)
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        (**self).remove(keys)
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        (**self).locks()
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        (**self).taints()
    }

    fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        (**self).transactional()
    }

    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        (**self).listen(listener)
    }
}
