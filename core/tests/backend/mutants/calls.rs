//! Defects of calls as such.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use dogpile::backend::{Answer, Backend, BackendExt, Capabilities, MemoryBackend};
use dogpile::backend::{Put, Stamp, Stored, TagVersion};
use dogpile::{BoxFuture, Result};
use std::time::Duration;
use tokio::task::yield_now;

use super::defect::{Defect, unavailable};

type Reading<'a> = BoxFuture<'a, Result<Answer>>;

#[derive(Debug, Default)]
pub(super) struct ManyIdentities(AtomicU64);

impl Defect for ManyIdentities {
    fn identity(&self, _: &MemoryBackend) -> String {
        self.0.fetch_add(1, Ordering::SeqCst).to_string()
    }
}

#[derive(Debug)]
pub(super) struct FencesAlone;

impl Defect for FencesAlone {
    fn capabilities(&self, inner: &MemoryBackend) -> Capabilities {
        inner.capabilities().leases(false)
    }
}

#[derive(Debug)]
pub(super) struct SameIncarnation;

impl Defect for SameIncarnation {
    fn incarnation(&self, _: &MemoryBackend) -> u64 {
        7
    }
}

#[derive(Debug)]
pub(super) struct Backwards;

impl Defect for Backwards {
    fn read<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> Reading<'a> {
        Box::pin(async move {
            let mut answer = inner.read(keys, registers).await?;
            answer.entries.reverse();
            answer.versions.reverse();
            Ok(answer)
        })
    }
}

#[derive(Debug)]
pub(super) struct AnswersOnce;

impl Defect for AnswersOnce {
    fn read<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> Reading<'a> {
        Box::pin(async move {
            let mut once: Vec<&str> = Vec::new();
            keys.iter().for_each(|key| {
                if !once.contains(key) {
                    once.push(key);
                }
            });
            inner.read(&once, registers).await
        })
    }
}

#[derive(Debug)]
pub(super) struct CreatesBackwards;

impl Defect for CreatesBackwards {
    fn create<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        Box::pin(async move {
            let mut versions = inner.create(stamps, life).await?;
            versions.reverse();
            Ok(versions)
        })
    }
}

#[derive(Debug)]
pub(super) struct FailsOnNothing;

impl Defect for FailsOnNothing {
    fn remove<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if keys.is_empty() {
                return Err(unavailable("remove"));
            }
            inner.remove(keys).await
        })
    }
}

#[derive(Debug)]
pub(super) struct FailsOnAbsent;

impl Defect for FailsOnAbsent {
    fn remove<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for key in keys {
                inner.get(key).await?.ok_or_else(|| unavailable("remove"))?;
            }
            inner.remove(keys).await
        })
    }
}

/// One buffer for the answers of all calls.
#[derive(Debug, Default)]
pub(super) struct CrossTalk(Mutex<Answer>);

impl Defect for CrossTalk {
    fn read<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> Reading<'a> {
        Box::pin(async move {
            let answer = inner.read(keys, registers).await?;
            *self.0.lock().unwrap() = answer;
            yield_now().await;
            Ok(self.0.lock().unwrap().clone())
        })
    }
}

/// A pool that refuses instead of waiting.
#[derive(Debug, Default)]
pub(super) struct TooFew(AtomicUsize);

impl Defect for TooFew {
    fn read<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> Reading<'a> {
        Box::pin(async move {
            if self.0.fetch_add(1, Ordering::SeqCst) >= 8 {
                return Err(unavailable("read"));
            }
            yield_now().await;
            let answer = inner.read(keys, registers).await;
            self.0.fetch_sub(1, Ordering::SeqCst);
            answer
        })
    }
}

/// A connection that is marked as taken, and given back by whoever comes to the end.
#[derive(Debug, Default)]
pub(super) struct StaysBusy(AtomicBool);

impl Defect for StaysBusy {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async move {
            if self.0.swap(true, Ordering::SeqCst) {
                return Err(unavailable("store"));
            }
            yield_now().await;
            let stored = inner.store(puts, extend, life).await;
            self.0.store(false, Ordering::SeqCst);
            stored
        })
    }
}

/// The same, and whoever comes next waits for ever.
#[derive(Debug, Default)]
pub(super) struct StaysSilent(AtomicBool);

impl Defect for StaysSilent {
    fn read<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> Reading<'a> {
        Box::pin(async move {
            if self.0.swap(true, Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            yield_now().await;
            let answer = inner.read(keys, registers).await;
            self.0.store(false, Ordering::SeqCst);
            answer
        })
    }
}

#[derive(Debug)]
pub(super) struct Panics;

impl Defect for Panics {
    fn read<'a>(&'a self, _: &'a MemoryBackend, _: &'a [&'a str], _: &'a [&'a str]) -> Reading<'a> {
        Box::pin(async { panic!("the mutant panics") })
    }
}
