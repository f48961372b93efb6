//! Defects of names.

use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{Answer, Backend, MemoryBackend, Put, Stamp, Stored, TagVersion};
use dogpile::{BoxFuture, Locks, Owner, Result};

use super::defect::Defect;

/// Uses another name than the one it is given, for everything but leases.
#[derive(Debug)]
pub(super) struct Renames(pub(super) fn(&str) -> String);

pub(super) fn cut(name: &str) -> String {
    name.chars().take(1023).collect()
}

pub(super) fn fold(name: &str) -> String {
    name.to_lowercase()
}

pub(super) fn trim_name(name: &str) -> String {
    name.trim_end().to_owned()
}

pub(super) fn end_at_zero(name: &str) -> String {
    name.split('\0').next().unwrap().to_owned()
}

fn all(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

impl Renames {
    fn names(&self, names: &[&str]) -> Vec<String> {
        names.iter().map(|name| self.0(name)).collect()
    }

    fn stamped(&self, stamps: &[Stamp<'_>]) -> Vec<String> {
        stamps.iter().map(|stamp| self.0(stamp.register)).collect()
    }
}

fn restamp<'n>(names: &'n [String], stamps: &[Stamp<'_>]) -> Vec<Stamp<'n>> {
    let versions = stamps.iter().map(|stamp| stamp.version);
    names.iter().zip(versions).map(|(register, version)| Stamp { register, version }).collect()
}

impl Defect for Renames {
    fn read<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        let (keys, registers) = (self.names(keys), self.names(registers));
        Box::pin(async move { inner.read(&all(&keys), &all(&registers)).await })
    }

    fn create<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        let names = self.stamped(stamps);
        Box::pin(async move { inner.create(&restamp(&names, stamps), life).await })
    }

    fn bump<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<()>> {
        let names = self.stamped(stamps);
        Box::pin(async move { inner.bump(&restamp(&names, stamps), life).await })
    }

    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        let keys: Vec<_> = puts.iter().map(|put| self.0(put.key)).collect();
        let extend = self.names(extend);
        Box::pin(async move {
            let renamed = keys.iter().zip(puts);
            let puts: Vec<_> = renamed.map(|(key, put)| Put { key, ..put.clone() }).collect();
            inner.store(&puts, &all(&extend), life).await
        })
    }

    fn remove<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
    ) -> BoxFuture<'a, Result<()>> {
        let keys = self.names(keys);
        Box::pin(async move { inner.remove(&all(&keys)).await })
    }
}

/// One lease, whatever it is called.
#[derive(Debug)]
pub(super) struct OneLease;

impl Defect for OneLease {
    fn locks(self: Arc<Self>, inner: Arc<dyn Locks>) -> Arc<dyn Locks> {
        Arc::new(OneName(inner))
    }
}

#[derive(Debug)]
struct OneName(Arc<dyn Locks>);

impl Locks for OneName {
    fn try_acquire<'a>(
        &'a self,
        _: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        self.0.try_acquire("one", owner, lease)
    }

    fn renew<'a>(
        &'a self,
        _: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        self.0.renew("one", owner, lease)
    }

    fn release<'a>(&'a self, _: &'a str, owner: Owner) -> BoxFuture<'a, Result<()>> {
        self.0.release("one", owner)
    }

    fn abandon(&self, _: &str, owner: Owner) {
        self.0.abandon("one", owner);
    }
}
