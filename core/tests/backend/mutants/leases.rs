//! Defects of leases and fences.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dogpile::backend::{Backend, MemoryBackend, Put, Stored};
use dogpile::{BoxFuture, Locks, Owner, Result, millis};
use tokio::time::sleep;

use super::defect::Defect;
use super::entries::DAY;

type Asking<'a> = BoxFuture<'a, Result<bool>>;
type Giving<'a> = BoxFuture<'a, Result<()>>;
type Storing<'a> = BoxFuture<'a, Result<Vec<Stored>>>;

/// What is changed about leases; everything else goes through.
trait Loose: Debug + Send + Sync + 'static {
    fn take<'a>(
        &'a self,
        inner: &'a dyn Locks,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> Asking<'a> {
        inner.try_acquire(name, owner, lease)
    }

    fn renew<'a>(
        &'a self,
        inner: &'a dyn Locks,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> Asking<'a> {
        inner.renew(name, owner, lease)
    }

    fn release<'a>(&'a self, inner: &'a dyn Locks, name: &'a str, owner: Owner) -> Giving<'a> {
        inner.release(name, owner)
    }

    fn abandon(&self, inner: &Arc<dyn Locks>, name: &str, owner: Owner) {
        inner.abandon(name, owner);
    }
}

#[derive(Debug)]
struct LooseLocks<L> {
    inner: Arc<dyn Locks>,
    loose: Arc<L>,
}

impl<L: Loose> Locks for LooseLocks<L> {
    fn try_acquire<'a>(&'a self, name: &'a str, owner: Owner, lease: Duration) -> Asking<'a> {
        self.loose.take(&*self.inner, name, owner, lease)
    }

    fn renew<'a>(&'a self, name: &'a str, owner: Owner, lease: Duration) -> Asking<'a> {
        self.loose.renew(&*self.inner, name, owner, lease)
    }

    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> Giving<'a> {
        self.loose.release(&*self.inner, name, owner)
    }

    fn abandon(&self, name: &str, owner: Owner) {
        self.loose.abandon(&self.inner, name, owner);
    }
}

macro_rules! loose {
    ($($name:ident),*) => {$(
        impl Defect for $name {
            fn locks(self: Arc<Self>, inner: Arc<dyn Locks>) -> Arc<dyn Locks> {
                Arc::new(LooseLocks { inner, loose: self })
            }
        }
    )*};
}

loose!(
    LooksThenTakes,
    Reentrant,
    AnybodyReleases,
    AnybodyRenews,
    EndlessLeases,
    RenewsNothing,
    AbandonsNothing,
    AbandonsByTask,
    ReleasesAll
);

/// Looks whether the lease is free, and takes it a moment later from whoever has it by then.
#[derive(Debug)]
pub(super) struct LooksThenTakes;

impl Loose for LooksThenTakes {
    fn take<'a>(
        &'a self,
        inner: &'a dyn Locks,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> Asking<'a> {
        Box::pin(async move {
            let looking = Owner::random();
            let free = inner.try_acquire(name, looking, lease).await?;
            inner.release(name, looking).await?;
            sleep(millis(1)).await;
            let _ = inner.try_acquire(name, owner, lease).await?;
            Ok(free)
        })
    }
}

/// A session lock: its owner can take it again.
#[derive(Debug)]
pub(super) struct Reentrant;

impl Loose for Reentrant {
    fn take<'a>(
        &'a self,
        inner: &'a dyn Locks,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> Asking<'a> {
        Box::pin(async move {
            Ok(inner.renew(name, owner, lease).await?
                || inner.try_acquire(name, owner, lease).await?)
        })
    }
}

/// A plain delete of the lease's name.
#[derive(Debug, Default)]
pub(super) struct AnybodyReleases(Mutex<HashMap<String, Owner>>);

impl AnybodyReleases {
    fn holder(&self, name: &str, or: Owner) -> Owner {
        self.0.lock().unwrap().get(name).copied().unwrap_or(or)
    }
}

impl Loose for AnybodyReleases {
    fn take<'a>(
        &'a self,
        inner: &'a dyn Locks,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> Asking<'a> {
        Box::pin(async move {
            let taken = inner.try_acquire(name, owner, lease).await?;
            if taken {
                self.0.lock().unwrap().insert(name.to_owned(), owner);
            }
            Ok(taken)
        })
    }

    fn release<'a>(&'a self, inner: &'a dyn Locks, name: &'a str, owner: Owner) -> Giving<'a> {
        inner.release(name, self.holder(name, owner))
    }

    fn abandon(&self, inner: &Arc<dyn Locks>, name: &str, owner: Owner) {
        inner.abandon(name, self.holder(name, owner));
    }
}

#[derive(Debug)]
pub(super) struct AnybodyRenews;

impl Loose for AnybodyRenews {
    fn renew<'a>(&'a self, _: &'a dyn Locks, _: &'a str, _: Owner, _: Duration) -> Asking<'a> {
        Box::pin(async { Ok(true) })
    }
}

#[derive(Debug)]
pub(super) struct EndlessLeases;

impl Loose for EndlessLeases {
    fn take<'a>(
        &'a self,
        inner: &'a dyn Locks,
        name: &'a str,
        owner: Owner,
        _: Duration,
    ) -> Asking<'a> {
        inner.try_acquire(name, owner, DAY)
    }
}

#[derive(Debug)]
pub(super) struct RenewsNothing;

impl Loose for RenewsNothing {
    fn renew<'a>(
        &'a self,
        inner: &'a dyn Locks,
        name: &'a str,
        owner: Owner,
        _: Duration,
    ) -> Asking<'a> {
        inner.renew(name, owner, millis(500))
    }
}

#[derive(Debug)]
pub(super) struct AbandonsNothing;

impl Loose for AbandonsNothing {
    fn abandon(&self, _: &Arc<dyn Locks>, _: &str, _: Owner) {}
}

/// Starts a task, and so needs a runtime where a drop has none.
#[derive(Debug)]
pub(super) struct AbandonsByTask;

impl Loose for AbandonsByTask {
    fn abandon(&self, inner: &Arc<dyn Locks>, name: &str, owner: Owner) {
        let (inner, name) = (Arc::clone(inner), name.to_owned());
        tokio::spawn(async move { inner.release(&name, owner).await });
    }
}

/// Gives all leases of a session back at once.
#[derive(Debug, Default)]
pub(super) struct ReleasesAll(Mutex<Vec<String>>);

impl Loose for ReleasesAll {
    fn take<'a>(
        &'a self,
        inner: &'a dyn Locks,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> Asking<'a> {
        self.0.lock().unwrap().push(name.to_owned());
        inner.try_acquire(name, owner, lease)
    }

    fn release<'a>(&'a self, inner: &'a dyn Locks, _: &'a str, owner: Owner) -> Giving<'a> {
        let names = std::mem::take(&mut *self.0.lock().unwrap());
        Box::pin(async move {
            for name in names {
                inner.release(&name, owner).await?;
            }
            Ok(())
        })
    }
}

fn without_fences<'a>(puts: &[Put<'a>]) -> Vec<Put<'a>> {
    puts.iter().map(|put| Put { fence: None, ..put.clone() }).collect()
}

#[derive(Debug)]
pub(super) struct NoFences;

impl Defect for NoFences {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move { inner.store(&without_fences(puts), extend, life).await })
    }
}

/// Asks whether the lease is held, and not by whom.
#[derive(Debug)]
pub(super) struct AnyHolder;

impl Defect for AnyHolder {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            let locks = inner.locks().unwrap();
            for put in puts {
                let Some(fence) = put.fence else { continue };
                let looking = Owner::random();
                if locks.try_acquire(fence.lease, looking, DAY).await? {
                    locks.release(fence.lease, looking).await?;
                    return Ok(vec![Stored::Fenced; puts.len()]);
                }
            }
            inner.store(&without_fences(puts), extend, life).await
        })
    }
}

#[derive(Debug)]
pub(super) struct FencesAll;

impl Defect for FencesAll {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            let stored = inner.store(puts, extend, life).await?;
            let fenced = stored.contains(&Stored::Fenced);
            Ok(if fenced { vec![Stored::Fenced; puts.len()] } else { stored })
        })
    }
}

/// Asks for the lease first and stores a moment later.
#[derive(Debug)]
pub(super) struct LooksThenStores;

impl Defect for LooksThenStores {
    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> Storing<'a> {
        Box::pin(async move {
            let locks = inner.locks().unwrap();
            for fence in puts.iter().filter_map(|put| put.fence) {
                if !locks.renew(fence.lease, fence.owner, DAY).await? {
                    return Ok(vec![Stored::Fenced; puts.len()]);
                }
            }
            tokio::task::yield_now().await;
            inner.store(&without_fences(puts), extend, life).await
        })
    }
}
