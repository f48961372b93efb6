//! Leases: one holder, for a time.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::super::outcome::{Outcome, ensure};
use super::super::subject::Subject;
use crate::lease::{Locks, Owner};
use crate::units::millis;

pub(super) async fn a_lease_has_one_holder(subject: Subject) -> Outcome {
    let locks = subject.locks()?;
    let name = subject.name("l");
    for round in 0..20 {
        let start = Arc::new(Barrier::new(16));
        let mut tasks = JoinSet::new();
        for n in 0..16 {
            let handle = if n % 2 == 0 { &subject.backend } else { &subject.other };
            let locks = handle.locks().unwrap_or_else(|| Arc::clone(&locks));
            tasks.spawn(acquire(locks, name.clone(), Arc::clone(&start)));
        }
        let mut holders = Vec::new();
        while let Some(task) = tasks.join_next().await {
            holders.extend(task??);
        }
        ensure!(holders.len() == 1, "in round {round} a lease has {} holders", holders.len());
        // By the handle that holds it: a lease may be its connection's.
        let (locks, holder) = &holders[0];
        let again = locks.try_acquire(&name, *holder, Subject::LIFE).await?;
        ensure!(!again, "a held lease was granted again, to its own owner");
        locks.release(&name, *holder).await?;
    }
    Ok(())
}

async fn acquire(
    locks: Arc<dyn Locks>,
    name: String,
    start: Arc<Barrier>,
) -> crate::Result<Option<(Arc<dyn Locks>, Owner)>> {
    let owner = Owner::random();
    start.wait().await;
    Ok(locks.try_acquire(&name, owner, Subject::LIFE).await?.then_some((locks, owner)))
}

pub(super) async fn only_its_owner_renews_or_releases_a_lease(subject: Subject) -> Outcome {
    let locks = subject.locks()?;
    let name = &subject.name("l");
    let (owner, stranger) = (Owner::random(), Owner::random());
    ensure!(
        !locks.renew(name, owner, Subject::LIFE).await?,
        "a lease that nobody holds was renewed"
    );
    locks.release(name, owner).await?;
    ensure!(locks.try_acquire(name, owner, Subject::LIFE).await?, "a free lease is not granted");
    ensure!(!locks.renew(name, stranger, Subject::LIFE).await?, "a stranger renewed a lease");
    locks.release(name, stranger).await?;
    ensure!(
        !locks.try_acquire(name, stranger, Subject::LIFE).await?,
        "a stranger gave a lease back, or took it"
    );
    ensure!(locks.renew(name, owner, Subject::LIFE).await?, "its owner cannot renew a lease");
    locks.release(name, owner).await?;
    locks.release(name, owner).await?;
    ensure!(locks.try_acquire(name, stranger, Subject::LIFE).await?, "a lease was not given back");
    ensure!(!locks.renew(name, owner, Subject::LIFE).await?, "a former owner renewed a lease");
    locks.release(name, owner).await?;
    ensure!(
        !locks.try_acquire(name, owner, Subject::LIFE).await?,
        "a former owner gave back the lease of the next one"
    );
    Ok(())
}

pub(super) async fn a_lease_ends_by_itself(subject: Subject) -> Outcome {
    let locks = subject.locks()?;
    let names = ["ends", "renewed", "tiny"].map(|name| subject.name(name));
    let [ends, renewed, tiny] = &names;
    let (owner, next) = (Owner::random(), Owner::random());
    for name in [ends, renewed] {
        let free = locks.try_acquire(name, owner, Subject::SHORT).await?;
        ensure!(free, "a free lease is not granted");
    }
    let free = locks.try_acquire(tiny, owner, millis(1)).await?;
    ensure!(free, "a free lease of a millisecond is not granted");
    ensure!(locks.renew(renewed, owner, Subject::LIFE).await?, "its owner cannot renew a lease");
    for name in [ends, tiny] {
        let ended =
            subject.ends(async || Ok(locks.try_acquire(name, next, Subject::LIFE).await?)).await?;
        ensure!(ended, "a lease that nobody renews does not end");
    }
    ensure!(!locks.renew(ends, owner, Subject::LIFE).await?, "a lost lease was renewed");
    ensure!(
        !locks.try_acquire(renewed, next, Subject::LIFE).await?,
        "a renewed lease ended with its first length"
    );
    Ok(())
}

pub(super) async fn an_abandoned_lease_is_free_again(subject: Subject) -> Outcome {
    let locks = subject.locks()?;
    let name = subject.name("l");
    let (owner, stranger, next) = (Owner::random(), Owner::random(), Owner::random());
    ensure!(locks.try_acquire(&name, owner, Subject::LIFE).await?, "a free lease is not granted");
    locks.abandon(&name, stranger);
    for _ in 0..10 {
        let granted = locks.try_acquire(&name, next, Subject::LIFE).await?;
        ensure!(!granted, "a stranger abandoned a lease");
        tokio::time::sleep(millis(10)).await;
    }
    // From a thread that knows of no runtime, as a drop may be.
    let dropped = std::thread::spawn({
        let (locks, name) = (Arc::clone(&locks), name.clone());
        move || locks.abandon(&name, owner)
    });
    let panicked = tokio::task::spawn_blocking(|| dropped.join()).await?.is_err();
    ensure!(!panicked, "abandoning a lease outside of a runtime panics");
    let free = free_again(&*locks, &name, next).await?;
    ensure!(free, "an abandoned lease is still held");
    Ok(())
}

/// Whether a lease can be had soon; its life is an hour, so it has not ended by itself.
async fn free_again(locks: &dyn Locks, name: &str, next: Owner) -> Outcome<bool> {
    for _ in 0..250 {
        if locks.try_acquire(name, next, Subject::LIFE).await? {
            return Ok(true);
        }
        tokio::time::sleep(millis(20)).await;
    }
    Ok(false)
}

pub(super) async fn leases_of_two_names_are_held_at_once(subject: Subject) -> Outcome {
    let locks = subject.locks()?;
    let (a, b) = (&subject.name("a"), &subject.name("b"));
    let owner = Owner::random();
    for name in [a, b] {
        let free = locks.try_acquire(name, owner, Subject::LIFE).await?;
        ensure!(free, "one owner cannot hold two leases");
    }
    locks.release(a, owner).await?;
    let taken = locks.try_acquire(b, Owner::random(), Subject::LIFE).await?;
    ensure!(!taken, "giving one lease back gave another back");
    ensure!(locks.renew(b, owner, Subject::LIFE).await?, "giving one lease back lost another");
    Ok(())
}
