//! What another process stores right before a lease is granted is found, not created once more.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use dogpile::backend::MemoryBackend;
use dogpile::{
    BoxFuture, LocalLocks, Locks, ManualClock, Owner, Region, RegionBuilder, Result, minutes,
};

use crate::support::{Runs, builder, made};

/// Leases of which each is free because another process has just used it.
#[derive(Debug, Clone, Default)]
struct JustGivenBack {
    locks: Arc<LocalLocks>,
    elsewhere: Arc<OnceLock<Region>>,
}

impl Locks for JustGivenBack {
    fn try_acquire<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            if let Some(elsewhere) = self.elsewhere.get() {
                elsewhere.entry("k").tag("t").get_or_create(async || made(1_u64)).await?;
            }
            self.locks.try_acquire(name, owner, lease).await
        })
    }

    fn renew<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        self.locks.renew(name, owner, lease)
    }

    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> BoxFuture<'a, Result<()>> {
        self.locks.release(name, owner)
    }

    fn abandon(&self, name: &str, owner: Owner) {
        self.locks.abandon(name, owner);
    }
}

/// A region whose leases come late, another process, their clock and the leases.
fn processes() -> (Region, Region, ManualClock, JustGivenBack) {
    let clock = ManualClock::new();
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    let build = |more: &dyn Fn(RegionBuilder) -> RegionBuilder| {
        let region = builder().clock(clock.clone()).stale_for(minutes(5)).local(0);
        more(region.backend(backend.clone())).build().unwrap()
    };
    let locks = JustGivenBack::default();
    let here = build(&|region| region.locks(locks.clone()));
    let elsewhere = build(&|region| region);
    (here, elsewhere, clock, locks)
}

#[tokio::test]
async fn i3_what_was_created_before_the_lease_was_granted_is_not_created_again() {
    let (here, elsewhere, _clock, locks) = processes();
    locks.elsewhere.set(elsewhere).unwrap();
    let runs = Runs::default();
    let create = async || {
        runs.add();
        made(2_u64)
    };
    let value = here.entry("k").tag("t").get_or_create(create).await.unwrap();
    assert_eq!((*value, runs.count()), (1, 0));
    assert!(locks.locks.is_empty(), "the lease was kept");
}

#[tokio::test]
async fn i3_what_was_refreshed_before_the_lease_was_granted_is_not_refreshed_again() {
    for detached in [false, true] {
        let (here, elsewhere, clock, locks) = processes();
        here.entry("k").tag("t").get_or_create(async || made(0_u64)).await.unwrap();
        clock.advance(minutes(6));
        locks.elsewhere.set(elsewhere).unwrap();
        let runs = Runs::default();
        let create = {
            let runs = runs.clone();
            async move || {
                runs.add();
                made(2_u64)
            }
        };
        let entry = here.entry("k").tag("t");
        let value = if detached {
            entry.detached().get_or_create(create).await.unwrap()
        } else {
            entry.get_or_create(create).await.unwrap()
        };
        assert_eq!(*value, 0, "the old one, at once");
        here.close().await;
        assert_eq!(runs.count(), 0, "detached: {detached}");
        assert!(locks.locks.is_empty(), "the lease was kept");
    }
}
