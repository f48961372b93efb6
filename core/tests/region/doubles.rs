//! Backends that count and fail.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dogpile::backend::{
    Answer, Listener, Listening, MemoryBackend, Put, Stamp, Stored, TagVersion, Taints,
};
use dogpile::{Backend, BoxFuture, Capabilities, Error, ErrorKind, Locks, Result};

/// Says which calls were made.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    inner: MemoryBackend,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl Counted {
    pub(crate) fn new(inner: MemoryBackend) -> Self {
        Self { inner, calls: Arc::default() }
    }

    pub(crate) fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn call(&self, name: &'static str) -> Result<()> {
        self.calls.lock().unwrap().push(name);
        Ok(())
    }
}

/// Refuses bumps while it is told to.
#[derive(Debug, Clone)]
pub(crate) struct Faulty {
    inner: MemoryBackend,
    fails: Arc<AtomicBool>,
}

impl Faulty {
    pub(crate) fn new(inner: MemoryBackend) -> Self {
        Self { inner, fails: Arc::default() }
    }

    pub(crate) fn fail_bumps(&self, fail: bool) {
        self.fails.store(fail, Ordering::SeqCst);
    }

    fn call(&self, name: &'static str) -> Result<()> {
        if name == "bump" && self.fails.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Unavailable, "bump", "told to fail"));
        }
        Ok(())
    }
}

macro_rules! around_memory {
    ($($type:ty)*) => {$(
        impl Backend for $type {
            fn kind(&self) -> &'static str {
                "double"
            }

            fn identity(&self) -> String {
                format!("double of {}", self.inner.identity())
            }

            fn capabilities(&self) -> Capabilities {
                self.inner.capabilities()
            }

            fn incarnation(&self) -> u64 {
                self.inner.incarnation()
            }

            fn read<'a>(
                &'a self,
                keys: &'a [&'a str],
                registers: &'a [&'a str],
            ) -> BoxFuture<'a, Result<Answer>> {
                Box::pin(async move {
                    self.call("read")?;
                    self.inner.read(keys, registers).await
                })
            }

            fn create<'a>(
                &'a self,
                stamps: &'a [Stamp<'a>],
                life: Duration,
            ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
                Box::pin(async move {
                    self.call("create")?;
                    self.inner.create(stamps, life).await
                })
            }

            fn bump<'a>(
                &'a self,
                stamps: &'a [Stamp<'a>],
                life: Duration,
            ) -> BoxFuture<'a, Result<()>> {
                Box::pin(async move {
                    self.call("bump")?;
                    self.inner.bump(stamps, life).await
                })
            }

            fn store<'a>(
                &'a self,
                puts: &'a [Put<'a>],
                extend: &'a [&'a str],
                life: Duration,
            ) -> BoxFuture<'a, Result<Vec<Stored>>> {
                Box::pin(async move {
                    self.call("store")?;
                    self.inner.store(puts, extend, life).await
                })
            }

            fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
                Box::pin(async move {
                    self.call("remove")?;
                    self.inner.remove(keys).await
                })
            }

            fn locks(&self) -> Option<Arc<dyn Locks>> {
                self.inner.locks()
            }

            fn taints(&self) -> Option<Arc<dyn Taints>> {
                self.inner.taints()
            }

            fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
                self.inner.listen(listener)
            }
        }
    )*};
}

around_memory! { Counted Faulty }
