//! Defects of registers.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use dogpile::backend::{
    Answer, Backend, BackendExt, MemoryBackend, Put, Stamp, Stored, TagVersion,
};
use dogpile::{BoxFuture, Result, millis};
use tokio::task::yield_now;

use super::defect::Defect;

type Creating<'a> = BoxFuture<'a, Result<Vec<Option<TagVersion>>>>;
type Bumping<'a> = BoxFuture<'a, Result<()>>;
type Storing<'a> = BoxFuture<'a, Result<Vec<Stored>>>;

fn versions(stamps: &[Stamp<'_>]) -> Vec<Option<TagVersion>> {
    stamps.iter().map(|stamp| Some(stamp.version)).collect()
}

#[derive(Debug)]
pub(super) struct CreatesOver;

impl Defect for CreatesOver {
    fn create<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> Creating<'a> {
        Box::pin(async move { inner.bump(stamps, life).await.map(|()| versions(stamps)) })
    }
}

#[derive(Debug)]
pub(super) struct SaysProposed;

impl Defect for SaysProposed {
    fn create<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> Creating<'a> {
        Box::pin(async move { inner.create(stamps, life).await.map(|_| versions(stamps)) })
    }
}

#[derive(Debug)]
pub(super) struct LooksThenCreates;

impl Defect for LooksThenCreates {
    fn create<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> Creating<'a> {
        Box::pin(async move {
            let mut hold = Vec::new();
            for stamp in stamps {
                let held = inner.version(stamp.register).await?;
                yield_now().await;
                if held.is_none() {
                    inner.bump(&[*stamp], life).await?;
                }
                hold.push(held.or(Some(stamp.version)));
            }
            Ok(hold)
        })
    }
}

#[derive(Debug)]
pub(super) struct BumpCreates;

impl Defect for BumpCreates {
    fn bump<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> Bumping<'a> {
        Box::pin(async move { inner.create(stamps, life).await.map(drop) })
    }
}

#[derive(Debug)]
pub(super) struct BumpsFirst;

impl Defect for BumpsFirst {
    fn bump<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> Bumping<'a> {
        inner.bump(&stamps[..stamps.len().min(1)], life)
    }
}

/// Extends a register by writing what it read a bump ago.
#[derive(Debug, Default)]
pub(super) struct ExtendsOld(Mutex<HashMap<String, TagVersion>>);

impl Defect for ExtendsOld {
    fn bump<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> Bumping<'a> {
        Box::pin(async move {
            for stamp in stamps {
                if let Some(old) = inner.version(stamp.register).await? {
                    self.0.lock().unwrap().insert(stamp.register.to_owned(), old);
                }
            }
            inner.bump(stamps, life).await
        })
    }

    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            for register in extend {
                let old = self.0.lock().unwrap().get(*register).copied();
                if let Some(version) = old {
                    inner.bump(&[Stamp { register, version }], life).await?;
                }
            }
            inner.store(puts, &[], life).await
        })
    }
}

#[derive(Debug)]
pub(super) struct AcknowledgesEarly;

impl Defect for AcknowledgesEarly {
    fn bump<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> Bumping<'a> {
        Box::pin(async move {
            for stamp in stamps {
                let (inner, version) = (inner.clone(), stamp.version);
                let register = stamp.register.to_owned();
                tokio::spawn(async move {
                    tokio::time::sleep(millis(1)).await;
                    inner.bump(&[Stamp { register: &register, version }], life).await
                });
            }
            Ok(())
        })
    }
}

/// Reads what was there at the read before.
#[derive(Debug, Default)]
pub(super) struct ReadsLate(Mutex<HashMap<String, TagVersion>>);

impl Defect for ReadsLate {
    fn read<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let mut answer = inner.read(keys, registers).await?;
            let mut replica = self.0.lock().unwrap();
            for (register, version) in registers.iter().zip(&mut answer.versions) {
                if let Some(now) = *version {
                    *version = replica.insert((*register).to_owned(), now).or(Some(now));
                }
            }
            Ok(answer)
        })
    }
}

/// Has a copy of every version, and takes it for the truth when the register is gone.
#[derive(Debug, Default)]
pub(super) struct Remembers(Mutex<HashMap<String, TagVersion>>);

impl Remembers {
    async fn revive(&self, inner: &MemoryBackend, register: &str, life: Duration) -> Result<()> {
        let known = self.0.lock().unwrap().get(register).copied();
        if let Some(version) = known {
            inner.create(&[Stamp { register, version }], life).await?;
        }
        Ok(())
    }

    fn remember(&self, stamps: &[Stamp<'_>], versions: &[Option<TagVersion>]) {
        let names = stamps.iter().map(|stamp| stamp.register.to_owned());
        let known = names.zip(versions).filter_map(|(name, version)| Some((name, (*version)?)));
        self.0.lock().unwrap().extend(known);
    }
}

impl Defect for Remembers {
    fn create<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> Creating<'a> {
        Box::pin(async move {
            for stamp in stamps {
                self.revive(inner, stamp.register, life).await?;
            }
            let versions = inner.create(stamps, life).await?;
            self.remember(stamps, &versions);
            Ok(versions)
        })
    }

    fn bump<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> Bumping<'a> {
        self.remember(stamps, &versions(stamps));
        inner.bump(stamps, life)
    }

    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            for register in extend {
                self.revive(inner, register, life).await?;
            }
            inner.store(puts, extend, life).await
        })
    }
}

#[derive(Debug)]
pub(super) struct ExtendMakes;

impl Defect for ExtendMakes {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            for register in extend {
                let stamp = Stamp { register, version: TagVersion::random() };
                inner.create(&[stamp], life).await?;
            }
            inner.store(puts, extend, life).await
        })
    }
}

#[derive(Debug)]
pub(super) struct HalfLife;

impl Defect for HalfLife {
    fn bump<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> Bumping<'a> {
        inner.bump(stamps, life / 2)
    }
}

#[derive(Debug)]
pub(super) struct ExtendsNothing;

impl Defect for ExtendsNothing {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        _: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        inner.store(puts, &[], life)
    }
}
