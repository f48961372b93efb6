//! Calls whose caller goes away.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use super::super::outcome::{Outcome, ensure};
use super::super::subject::Subject;
use crate::backend::{Backend, BackendExt, Put, Stamp, TagVersion, Writer};
use crate::lease::Owner;

/// No call is polled more often than this before it is left to come to its end.
const POLLS: usize = 50;

/// Drops `future` when it has been polled so often, or is done; says whether it was.
async fn dropped_after<T>(polls: usize, future: impl Future<Output = T> + Send) -> bool {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

pub(super) async fn a_dropped_call_leaves_the_backend_working(subject: Subject) -> Outcome {
    for polls in 0..POLLS {
        let mut done = read_is_dropped(&subject, polls).await?;
        done &= writes_are_dropped(&subject, polls).await?;
        done &= leases_are_dropped(&subject, polls).await?;
        done &= taints_are_dropped(&subject, polls).await?;
        works(&subject).await?;
        if done {
            break;
        }
    }
    Ok(())
}

async fn read_is_dropped(subject: &Subject, polls: usize) -> Outcome<bool> {
    let name = &subject.name("read");
    Ok(dropped_after(polls, subject.backend.read(&[name], &[name])).await)
}

async fn writes_are_dropped(subject: &Subject, polls: usize) -> Outcome<bool> {
    let (backend, life) = (&subject.backend, Subject::LIFE);
    let name = &subject.name(&format!("write{polls}"));
    let before = subject.bump(name).await?;
    subject.put(name, "before").await?;
    let bumped = Stamp { register: name, version: TagVersion::random() };
    let mut done = dropped_after(polls, backend.bump(&[bumped], life)).await;
    let created = Stamp { register: name, version: TagVersion::random() };
    done &= dropped_after(polls, backend.create(&[created], life)).await;
    done &= dropped_after(polls, backend.put(name, "after", life)).await;
    let version = subject.version(name).await?;
    // The bump may still be on its way, so both may hold, now and later.
    let possible = [before, bumped.version, created.version];
    ensure!(
        version.is_none_or(|version| possible.contains(&version)),
        "after a dropped bump and creation a register has a version that nobody gave it"
    );
    let entry = subject.entry(name).await?;
    ensure!(
        entry.is_none_or(|entry| entry == b"before"[..] || entry == b"after"[..]),
        "after a dropped store an entry is there in parts"
    );
    done &= dropped_after(polls, backend.remove(&[name])).await;
    Ok(done)
}

async fn leases_are_dropped(subject: &Subject, polls: usize) -> Outcome<bool> {
    let Some(locks) = subject.backend.locks() else { return Ok(true) };
    let name = &subject.name(&format!("lease{polls}"));
    let owner = Owner::random();
    let mut done = dropped_after(polls, locks.try_acquire(name, owner, Subject::SHORT)).await;
    done &= dropped_after(polls, locks.renew(name, owner, Subject::SHORT)).await;
    done &= dropped_after(polls, locks.release(name, owner)).await;
    locks.abandon(name, owner);
    // Granted or not, given back or not: it is free when its life is over.
    let next = Owner::random();
    let free =
        subject.ends(async || Ok(locks.try_acquire(name, next, Subject::SHORT).await?)).await?;
    ensure!(free, "after dropped calls a lease is held by nobody, for ever");
    Ok(done)
}

async fn taints_are_dropped(subject: &Subject, polls: usize) -> Outcome<bool> {
    let Some(taints) = subject.backend.taints() else { return Ok(true) };
    let name = &subject.name(&format!("taint{polls}"));
    let (placed, lifted) = (TagVersion::random(), TagVersion::random());
    let stamp = |version| [Stamp { register: name.as_str(), version }];
    let writer = Writer::random();
    let place = &stamp(placed);
    let mut done = dropped_after(polls, taints.place(place, writer, Subject::SHORT)).await;
    done &= dropped_after(polls, taints.renew(&[name], writer, Subject::SHORT)).await;
    let lift = &stamp(lifted);
    done &= dropped_after(polls, taints.lift(lift, writer, Subject::SHORT)).await;
    // Placed or not, lifted or not: it is free when its life is over.
    let free = subject.ends(async || Ok(subject.read(&[], &[name]).await?.tainted.is_empty()));
    ensure!(free.await?, "after dropped calls a register is tainted for ever");
    Ok(done)
}

/// One call of each kind, on names that were not used before.
async fn works(subject: &Subject) -> Outcome {
    let name = &subject.name(&format!("works{}", rand::random::<u32>()));
    let keeps = subject.capabilities().keeps;
    let (proposed, holds) = subject.create(name, Subject::LIFE).await?;
    ensure!(holds == proposed, "after a dropped call `create` does not work");
    let version = Some(subject.bump(name).await?).filter(|_| keeps);
    ensure!(subject.version(name).await? == version, "after a dropped call `bump` does not work");
    let put = Put { key: name, bytes: "v".into(), life: Subject::LIFE, fence: None };
    subject.store(&[put], &[name]).await?;
    let stored = subject.entry(name).await?.is_some();
    ensure!(stored == keeps, "after a dropped call `store` does not work");
    subject.backend.remove(&[name]).await?;
    let removed = subject.entry(name).await?.is_none();
    ensure!(removed, "after a dropped call `remove` does not work");
    taints_work(subject).await?;
    let Some(locks) = subject.backend.locks() else { return Ok(()) };
    let owner = Owner::random();
    let works = locks.try_acquire(name, owner, Subject::LIFE).await?
        && locks.renew(name, owner, Subject::LIFE).await?;
    ensure!(works, "after a dropped call leases do not work");
    locks.release(name, owner).await?;
    Ok(())
}

async fn taints_work(subject: &Subject) -> Outcome {
    let Some(taints) = subject.backend.taints() else { return Ok(()) };
    let name = &subject.name(&format!("taints{}", rand::random::<u32>()));
    let (stamp, writer) =
        (Stamp { register: name, version: TagVersion::random() }, Writer::random());
    taints.place(&[stamp], writer, Subject::LIFE).await?;
    let works = taints.renew(&[name], writer, Subject::LIFE).await?
        && taints.lift(&[stamp], writer, Subject::LIFE).await?;
    ensure!(works, "after a dropped call taints do not work");
    Ok(())
}
