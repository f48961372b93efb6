//! Everything at once.

use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinSet;

use super::super::outcome::{Outcome, ensure};
use super::super::subject::Subject;
use crate::backend::{Backend, Put, Stamp, Stored, TagVersion};
use crate::lease::Owner;

const TASKS: usize = 64;
const ROUNDS: usize = 20;

pub(super) async fn many_tasks_at_once_do_not_meet(subject: Subject) -> Outcome {
    let shared = subject.name("shared");
    let mut tasks = JoinSet::new();
    for n in 0..TASKS {
        let backend = if n % 2 == 0 { &subject.backend } else { &subject.other };
        let own = subject.name(&format!("task{n}"));
        tasks.spawn(rounds(Arc::clone(backend), own, shared.clone()));
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(())
}

async fn rounds(backend: Arc<dyn Backend>, own: String, shared: String) -> Outcome {
    for round in 0..ROUNDS {
        one_round(&*backend, &own, &shared, &format!("{own} in round {round}")).await?;
    }
    Ok(())
}

/// What was written under a name of one's own is there afterwards, or lost; never another's.
async fn one_round(backend: &dyn Backend, own: &str, shared: &str, said: &str) -> Outcome {
    let life = Subject::LIFE;
    let put = |key, bytes: &str| Put {
        key,
        bytes: Bytes::copy_from_slice(bytes.as_bytes()),
        life,
        fence: None,
    };
    let version = TagVersion::random();
    backend.bump(&[Stamp { register: own, version }], life).await?;
    let proposed = Stamp { register: shared, version: TagVersion::random() };
    backend.create(&[proposed], life).await?;
    let stored =
        backend.store(&[put(own, said), put(shared, shared)], &[own, shared], life).await?;
    ensure!(stored == [Stored::Yes, Stored::Yes], "a store among many: {stored:?}");
    let read = backend.read(&[own, shared], &[own, shared]).await?;
    let lengths = (read.entries.len(), read.versions.len());
    ensure!(lengths == (2, 2), "a read of (2, 2) names returned {lengths:?} answers");
    let is = |n: usize, text: &str| {
        read.entries[n].as_ref().is_none_or(|entry: &Bytes| entry == text.as_bytes())
    };
    ensure!(is(0, said), "an entry among many is not what was stored");
    ensure!(is(1, shared), "an entry that all store is not what any stored");
    let holds = read.versions[0];
    ensure!(holds.is_none_or(|holds| holds == version), "a register among many was changed");
    backend.remove(&[own]).await?;
    let removed = backend.read(&[own], &[]).await?.entries;
    ensure!(removed == [None], "an entry among many was not removed");
    leases(backend, own, shared).await
}

async fn leases(backend: &dyn Backend, own: &str, shared: &str) -> Outcome {
    let Some(locks) = backend.locks() else { return Ok(()) };
    let owner = Owner::random();
    ensure!(locks.try_acquire(own, owner, Subject::LIFE).await?, "a lease of one's own is held");
    if locks.try_acquire(shared, owner, Subject::LIFE).await? {
        ensure!(locks.renew(shared, owner, Subject::LIFE).await?, "a held lease was lost");
        locks.release(shared, owner).await?;
    }
    ensure!(locks.renew(own, owner, Subject::LIFE).await?, "a lease of one's own was lost");
    locks.release(own, owner).await?;
    Ok(())
}
