//! Answers, in the order of what was asked.

use super::super::outcome::{Outcome, ensure};
use super::super::subject::Subject;
use crate::backend::{Backend, Put, Stamp, TagVersion, Writer};

pub(super) async fn entries_registers_and_leases_do_not_touch(subject: Subject) -> Outcome {
    subject.keeps()?;
    let name = &subject.name("a");
    subject.put(name, "entry").await?;
    ensure!(subject.version(name).await?.is_none(), "an entry made a register of its name");
    let version = subject.bump(name).await?;
    let both = subject.read(&[name], &[name]).await?;
    ensure!(both.entries[0].as_deref() == Some(b"entry"), "a register changed an entry");
    ensure!(both.versions[0] == Some(version), "an entry changed a register");
    if let Some(locks) = subject.backend.locks() {
        let owner = crate::Owner::random();
        let free = locks.try_acquire(name, owner, Subject::LIFE).await?;
        ensure!(free, "a lease is held by an entry or a register of its name");
        locks.release(name, owner).await?;
        let both = subject.read(&[name], &[name]).await?;
        ensure!(both.entries[0].is_some(), "a lease removed an entry");
        ensure!(both.versions[0] == Some(version), "a lease changed a register");
    }
    subject.backend.remove(&[name]).await?;
    ensure!(subject.version(name).await? == Some(version), "removing an entry took a register");
    subject.put(name, "again").await?;
    subject.create(name, Subject::LIFE).await?;
    ensure!(
        subject.entry(name).await?.as_deref() == Some(b"again"),
        "creating a register changed an entry"
    );
    Ok(())
}

pub(super) async fn answers_have_the_order_and_length_of_what_was_asked(
    subject: Subject,
) -> Outcome {
    let names: Vec<String> = (0..20).map(|n| subject.name(&format!("n{n}"))).collect();
    let stored: Vec<&str> = names.iter().step_by(2).map(String::as_str).collect();
    let puts = stored.iter().map(|key| Put {
        key,
        bytes: key.as_bytes().to_vec().into(),
        life: Subject::LIFE,
        fence: None,
    });
    subject.store(&puts.collect::<Vec<_>>(), &[]).await?;
    let stamps: Vec<_> =
        stored.iter().map(|register| Stamp { register, version: TagVersion::random() }).collect();
    subject.backend.bump(&stamps, Subject::LIFE).await?;
    // Backwards, those that are there and those that are not, and some of them twice. Nothing that
    // reads the same from both ends.
    let asked: Vec<&str> = names.iter().rev().chain(&names[..7]).map(String::as_str).collect();
    let answer = subject.read(&asked, &asked).await?;
    let keeps = subject.capabilities().keeps;
    for (place, name) in asked.iter().enumerate() {
        let entry = stored.contains(name).then_some(name.as_bytes()).filter(|_| keeps);
        ensure!(answer.entries[place].as_deref() == entry, "entry {place} is another one's");
        let stamp = stamps.iter().find(|stamp| stamp.register == *name).filter(|_| keeps);
        let version = stamp.map(|stamp| stamp.version);
        ensure!(answer.versions[place] == version, "version {place} is another one's");
    }
    created_in_order(&subject, &names, &stamps).await
}

async fn created_in_order(subject: &Subject, names: &[String], stamps: &[Stamp<'_>]) -> Outcome {
    let asked =
        names.iter().rev().map(|name| Stamp { register: name, version: TagVersion::random() });
    let asked: Vec<_> = asked.collect();
    let holds = subject.backend.create(&asked, Subject::LIFE).await?;
    ensure!(holds.len() == asked.len(), "{} created, {} asked", holds.len(), asked.len());
    for (place, (proposed, holds)) in asked.iter().zip(holds).enumerate() {
        let held = stamps.iter().find(|stamp| stamp.register == proposed.register);
        let held = held.filter(|_| subject.capabilities().keeps);
        let version = held.unwrap_or(proposed).version;
        ensure!(holds == Some(version), "created version {place} is another one's");
    }
    Ok(())
}

pub(super) async fn empty_calls_do_nothing(subject: Subject) -> Outcome {
    let register = &subject.name("r");
    subject.read(&[], &[]).await?;
    subject.store(&[], &[]).await?;
    subject.store(&[], &[register]).await?;
    subject.backend.remove(&[]).await?;
    subject.backend.bump(&[], Subject::LIFE).await?;
    let created = subject.backend.create(&[], Subject::LIFE).await?;
    ensure!(created.is_empty(), "creating nothing returned {} versions", created.len());
    if let Some(taints) = subject.backend.taints() {
        let writer = Writer::random();
        taints.place(&[], writer, Subject::LIFE).await?;
        let held = taints.renew(&[], writer, Subject::LIFE).await?
            && taints.lift(&[], writer, Subject::LIFE).await?;
        ensure!(held, "a writer was not among those of every one of no registers");
    }
    let one = subject.read(&[register], &[]).await?;
    ensure!(one.entries[0].is_none(), "there is an entry that nobody stored");
    let one = subject.read(&[], &[register]).await?;
    ensure!(one.versions[0].is_none(), "there is a register that nobody wrote");
    Ok(())
}

pub(super) async fn what_is_not_there_is_no_error(subject: Subject) -> Outcome {
    let name = &subject.name("absent");
    let answer = subject.read(&[name], &[name]).await?;
    ensure!(answer.entries[0].is_none() && answer.versions[0].is_none(), "found out of nothing");
    subject.backend.remove(&[name]).await?;
    let put = Put { key: name, bytes: "v".into(), life: Subject::LIFE, fence: None };
    subject.store(&[put], &[name]).await?;
    ensure!(
        subject.version(name).await?.is_none(),
        "extending a register that is not there made one"
    );
    Ok(())
}

pub(super) async fn what_is_stored_is_found(subject: Subject) -> Outcome {
    subject.keeps()?;
    let name = &subject.name("a");
    subject.put(name, "one").await?;
    ensure!(subject.entry(name).await?.as_deref() == Some(b"one"), "an entry is not found");
    subject.put(name, "two").await?;
    let found = subject.other.read(&[name], &[]).await?.entries.into_iter().next().flatten();
    ensure!(found.as_deref() == Some(b"two"), "an entry is not found by another handle");
    let version = subject.bump(name).await?;
    let found = subject.other.read(&[], &[name]).await?.versions.into_iter().next().flatten();
    ensure!(found == Some(version), "a version is not found by another handle");
    Ok(())
}

pub(super) async fn nothing_is_kept(subject: Subject) -> Outcome {
    super::super::outcome::requires!(!subject.capabilities().keeps, "the backend keeps things");
    let name = &subject.name("a");
    subject.put(name, "one").await?;
    subject.bump(name).await?;
    let (proposed, holds) = subject.create(name, Subject::LIFE).await?;
    ensure!(holds == proposed, "a version was kept");
    let answer = subject.read(&[name], &[name]).await?;
    ensure!(answer.entries[0].is_none() && answer.versions[0].is_none(), "something was kept");
    Ok(())
}
