//! Defects of entries.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use dogpile::backend::{
    Answer, Backend, Capabilities, MemoryBackend, Put, Stamp, Stored, TagVersion,
};
use dogpile::{BoxFuture, Result, hours};

use super::defect::Defect;

type Storing<'a> = BoxFuture<'a, Result<Vec<Stored>>>;

pub(super) const DAY: Duration = hours(24);

#[derive(Debug)]
pub(super) struct StoresNothing;

impl Defect for StoresNothing {
    fn store<'a>(
        &'a self,
        _: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        _: &'a [&'a str],
        _: Duration,
    ) -> Storing<'a> {
        Box::pin(async { Ok(vec![Stored::Yes; puts.len()]) })
    }
}

#[derive(Debug)]
pub(super) struct KeepsAfterAll;

impl Defect for KeepsAfterAll {
    fn capabilities(&self, inner: &MemoryBackend) -> Capabilities {
        inner.capabilities().keeps(false)
    }
}

#[derive(Debug)]
pub(super) struct OneSpace;

impl Defect for OneSpace {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            for put in puts {
                let stamp = Stamp { register: put.key, version: TagVersion::random() };
                inner.bump(&[stamp], life).await?;
            }
            inner.store(puts, extend, life).await
        })
    }
}

/// Stores something else than it is given.
#[derive(Debug)]
pub(super) struct Changes(pub(super) fn(&[u8]) -> Vec<u8>);

pub(super) fn drop_zeros(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes[..end].to_vec()
}

pub(super) fn as_text(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).into_owned().into_bytes()
}

pub(super) fn trim(bytes: &[u8]) -> Vec<u8> {
    bytes.trim_ascii().to_vec()
}

impl Defect for Changes {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            let change = |put: &Put<'a>| Put { bytes: self.0(&put.bytes).into(), ..put.clone() };
            inner.store(&puts.iter().map(change).collect::<Vec<_>>(), extend, life).await
        })
    }
}

#[derive(Debug)]
pub(super) struct EmptyIsAbsent;

impl Defect for EmptyIsAbsent {
    fn read<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let mut answer = inner.read(keys, registers).await?;
            for entry in &mut answer.entries {
                *entry = entry.take().filter(|bytes: &Bytes| !bytes.is_empty());
            }
            Ok(answer)
        })
    }
}

#[derive(Debug)]
pub(super) struct CutsLarge;

impl Defect for CutsLarge {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            let largest = usize::try_from(inner.capabilities().max_entry.unwrap()).unwrap();
            let cut = |put: &Put<'a>| {
                let bytes = put.bytes.slice(..put.bytes.len().min(largest));
                Put { bytes, ..put.clone() }
            };
            inner.store(&puts.iter().map(cut).collect::<Vec<_>>(), extend, life).await
        })
    }
}

#[derive(Debug)]
pub(super) struct RefusesAll;

impl Defect for RefusesAll {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            let stored = inner.store(puts, extend, life).await?;
            let refused = stored.contains(&Stored::TooLarge);
            Ok(if refused { vec![Stored::TooLarge; puts.len()] } else { stored })
        })
    }
}

#[derive(Debug)]
pub(super) struct RemovesFirst;

impl Defect for RemovesFirst {
    fn remove<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
    ) -> BoxFuture<'a, Result<()>> {
        inner.remove(&keys[..keys.len().min(1)])
    }
}

/// Takes a life for another one.
#[derive(Debug)]
pub(super) struct Lives(pub(super) fn(Duration) -> Duration);

pub(super) fn whole_seconds(life: Duration) -> Duration {
    match life.as_secs() {
        0 => DAY,
        seconds => Duration::from_secs(seconds),
    }
}

pub(super) fn as_a_date(life: Duration) -> Duration {
    if life > 30 * DAY { Duration::ZERO } else { life }
}

impl Defect for Lives {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            let change = |put: &Put<'a>| Put { life: self.0(put.life), ..put.clone() };
            inner.store(&puts.iter().map(change).collect::<Vec<_>>(), extend, life).await
        })
    }
}

#[derive(Debug)]
pub(super) struct LifeOfTheFirst;

impl Defect for LifeOfTheFirst {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            let change = |put: &Put<'a>| Put { life: puts[0].life, ..put.clone() };
            inner.store(&puts.iter().map(change).collect::<Vec<_>>(), extend, life).await
        })
    }
}

/// An overwritten entry keeps the life that it had.
#[derive(Debug, Default)]
pub(super) struct FirstLife(Mutex<HashMap<String, Duration>>);

impl Defect for FirstLife {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        let first = |put: &Put<'a>| {
            let mut lives = self.0.lock().unwrap();
            let life = *lives.entry(put.key.to_owned()).or_insert(put.life);
            Put { life, ..put.clone() }
        };
        let puts: Vec<_> = puts.iter().map(first).collect();
        Box::pin(async move { inner.store(&puts, extend, life).await })
    }
}
