//! Stores that are protected by a lease.

use std::sync::Arc;

use futures_util::future::poll_immediate;

use super::super::outcome::{Outcome, ensure, requires};
use super::super::subject::Subject;
use crate::backend::{Backend, Fence, Put, Stored};
use crate::lease::Owner;

/// Stores `bytes` under the lease, and says what became of it.
async fn put(
    backend: &dyn Backend,
    key: &str,
    bytes: &'static str,
    (lease, owner): (&str, Owner),
) -> Outcome<Stored> {
    let fence = Some(Fence { lease, owner });
    let put = Put { key, bytes: bytes.into(), life: Subject::LIFE, fence };
    let stored = backend.store(&[put], &[], Subject::LIFE).await?;
    ensure!(stored.len() == 1, "a store of 1 entry returned {} answers", stored.len());
    Ok(stored[0])
}

async fn found(subject: &Subject, key: &str, bytes: &'static str) -> Outcome<bool> {
    Ok(subject.entry(key).await?.as_deref() == Some(bytes.as_bytes()))
}

pub(super) async fn a_store_under_a_lost_lease_is_refused(subject: Subject) -> Outcome {
    requires!(subject.capabilities().fences, "the backend has no fences");
    let locks = subject.locks()?;
    let (key, lease) = (&subject.name("k"), &subject.name("l"));
    let (owner, next) = (Owner::random(), Owner::random());
    let backend = &*subject.backend;
    let stored = put(backend, key, "nobody's", (lease, owner)).await?;
    ensure!(stored == Stored::Fenced, "under a lease that nobody holds: {stored:?}");
    ensure!(subject.entry(key).await?.is_none(), "a refused store stored");
    locks.try_acquire(lease, owner, Subject::SHORT).await?;
    let stored = put(backend, key, "holder's", (lease, owner)).await?;
    ensure!(stored == Stored::Yes, "under a lease that is held: {stored:?}");
    ensure!(found(&subject, key, "holder's").await?, "a store under a held lease is not found");
    let stored = put(backend, key, "stranger's", (lease, next)).await?;
    ensure!(stored == Stored::Fenced, "by one who does not hold the lease: {stored:?}");
    let ended =
        subject.ends(async || Ok(locks.try_acquire(lease, next, Subject::LIFE).await?)).await?;
    ensure!(ended, "a lease that nobody renews does not end");
    let stored = put(backend, key, "late", (lease, owner)).await?;
    ensure!(stored == Stored::Fenced, "by one whose lease somebody else holds now: {stored:?}");
    locks.release(lease, next).await?;
    let stored = put(backend, key, "later", (lease, next)).await?;
    ensure!(stored == Stored::Fenced, "by one who gave the lease back: {stored:?}");
    ensure!(found(&subject, key, "holder's").await?, "a refused store changed what was there");
    one_by_one(&subject, key, lease).await
}

/// In one call each entry has a fence of its own.
async fn one_by_one(subject: &Subject, key: &str, lease: &str) -> Outcome {
    let locks = subject.locks()?;
    let owner = Owner::random();
    locks.try_acquire(lease, owner, Subject::LIFE).await?;
    let names = ["free", "held"].map(|name| subject.name(name));
    let [free, held] = &names;
    let put = |key, bytes: &'static str, owner: Option<Owner>| Put {
        key,
        bytes: bytes.into(),
        life: Subject::LIFE,
        fence: owner.map(|owner| Fence { lease, owner }),
    };
    let puts = [
        put(key, "stranger's", Some(Owner::random())),
        put(free, "free", None),
        put(held, "held", Some(owner)),
    ];
    let stored = subject.store(&puts, &[]).await?;
    let expected = [Stored::Fenced, Stored::Yes, Stored::Yes];
    ensure!(stored == expected, "three entries, the first one fenced off: {stored:?}");
    ensure!(found(subject, free, "free").await?, "an entry without a fence is not found");
    ensure!(found(subject, held, "held").await?, "an entry with a held lease is not found");
    ensure!(found(subject, key, "holder's").await?, "a refused store changed what was there");
    Ok(())
}

pub(super) async fn a_late_store_never_overwrites_its_successor(subject: Subject) -> Outcome {
    requires!(subject.capabilities().fences, "the backend has no fences");
    let locks = subject.locks()?;
    let (key, lease) = (subject.name("k"), subject.name("l"));
    for round in 0..100 {
        let (owner, next) = (Owner::random(), Owner::random());
        locks.try_acquire(&lease, owner, Subject::LIFE).await?;
        let mut late = Box::pin({
            let (backend, key, lease) = (Arc::clone(&subject.other), key.clone(), lease.clone());
            async move { put(&*backend, &key, "late", (&lease, owner)).await }
        });
        // Begun so far by hand, whatever the scheduler does.
        let mut begun = None;
        for _ in 0..round % 5 {
            if begun.is_none() {
                begun = poll_immediate(&mut late).await;
            }
        }
        locks.release(&lease, owner).await?;
        locks.try_acquire(&lease, next, Subject::LIFE).await?;
        let stored = put(&*subject.backend, &key, "next", (&lease, next)).await?;
        ensure!(stored == Stored::Yes, "under a lease that is held: {stored:?}");
        match begun {
            Some(stored) => stored?,
            None => late.await?,
        };
        ensure!(
            found(&subject, &key, "next").await?,
            "a store that came too late overwrote that of the next holder"
        );
        locks.release(&lease, next).await?;
    }
    Ok(())
}
