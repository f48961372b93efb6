//! Taints: the writers of a register, each until it lifts its own or is gone for long enough.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::super::outcome::{Outcome, ensure, requires};
use super::super::subject::Subject;
use crate::backend::{Stamp, TagVersion, Taints, Writer};

fn stamp(register: &str) -> Stamp<'_> {
    Stamp { register, version: TagVersion::random() }
}

/// Taints one register for `life`.
async fn place(taints: &dyn Taints, register: &str, writer: Writer, life: Duration) -> Outcome {
    Ok(taints.place(&[stamp(register)], writer, life).await?)
}

/// Lifts one register; returns whether the writer was there, and the version that was given.
async fn lift(taints: &dyn Taints, register: &str, writer: Writer) -> Outcome<(bool, TagVersion)> {
    let stamp = stamp(register);
    Ok((taints.lift(&[stamp], writer, Subject::LIFE).await?, stamp.version))
}

impl Subject {
    async fn is_tainted(&self, register: &str) -> Outcome<bool> {
        let answer = self.read(&[], &[register]).await?;
        let tainted = answer.tainted == [0];
        ensure!(tainted || answer.tainted.is_empty(), "one register, and tainted are {answer:?}");
        ensure!(!tainted || answer.versions[0].is_none(), "a tainted register shows a version");
        Ok(tainted)
    }
}

pub(super) async fn a_tainted_register_shows_no_version(subject: Subject) -> Outcome {
    let taints = subject.taints()?;
    let (clean, tainted) = (&subject.name("clean"), &subject.name("tainted"));
    let (absent, writer) = (&subject.name("absent"), Writer::random());
    let version = subject.bump(clean).await?;
    let placed = [stamp(tainted), stamp(tainted), stamp(absent)];
    subject.bump(tainted).await?;
    taints.place(&placed, writer, Subject::LIFE).await?;
    for handle in [&subject.backend, &subject.other] {
        let answer = handle.read(&[], &[tainted, clean, absent, tainted]).await?;
        let versions = [None, Some(version), None, None];
        ensure!(answer.versions == versions, "a tainted register shows a version: {answer:?}");
        ensure!(answer.tainted == [0, 2, 3], "tainted are 0, 2 and 3, and it says {answer:?}");
        let created = handle.create(&[stamp(absent), stamp(clean)], Subject::LIFE).await?;
        ensure!(created == [None, Some(version)], "a tainted register was created: {created:?}");
    }
    ensure!(subject.is_tainted(absent).await?, "creating a register took its taint away");
    let lifted = [stamp(tainted), stamp(absent), stamp(tainted)];
    let held = taints.lift(&lifted, writer, Subject::LIFE).await?;
    ensure!(held, "lifting a register that is named twice loses count");
    for register in [tainted, absent] {
        ensure!(!subject.is_tainted(register).await?, "tainted, and its only writer lifted it");
        let holds = subject.version(register).await?;
        let given = lifted.iter().filter(|stamp| stamp.register == *register);
        let mut given = given.map(|stamp| Some(stamp.version));
        ensure!(given.any(|given| given == holds), "lifting it gave a register no new version");
    }
    Ok(())
}

pub(super) async fn a_taint_lasts_until_its_last_writer_lifts(subject: Subject) -> Outcome {
    let taints = &*subject.taints()?;
    let register = &subject.name("r");
    let (first, second) = (Writer::random(), Writer::random());
    place(taints, register, first, Subject::LIFE).await?;
    place(taints, register, second, Subject::LIFE).await?;
    place(taints, register, first, Subject::LIFE).await?;
    subject.bump(register).await?;
    ensure!(subject.is_tainted(register).await?, "a bump took the writers away");
    subject.store(&[], &[register]).await?;
    ensure!(subject.is_tainted(register).await?, "extending it took the writers away");
    let (held, _) = lift(taints, register, first).await?;
    ensure!(held, "a bump, or another writer, took a writer away");
    ensure!(
        subject.is_tainted(register).await?,
        "the first writer took the second one's taint away"
    );
    subject.bump(register).await?;
    let (held, version) = lift(taints, register, second).await?;
    ensure!(held, "the first writer, or a bump, took the second one away");
    ensure!(!subject.is_tainted(register).await?, "a register is tainted by nobody");
    ensure!(subject.version(register).await? == Some(version), "it does not read as lifted");
    Ok(())
}

pub(super) async fn a_lift_says_whether_its_writer_was_there(subject: Subject) -> Outcome {
    let taints = &*subject.taints()?;
    let (a, b) = (&subject.name("a"), &subject.name("b"));
    let (writer, stranger) = (Writer::random(), Writer::random());
    let (held, version) = lift(taints, a, stranger).await?;
    ensure!(!held, "a register that nobody tainted was lifted");
    ensure!(subject.version(a).await? == Some(version), "a lift by a stranger did not write");
    place(taints, a, writer, Subject::LIFE).await?;
    let (held, _) = lift(taints, a, stranger).await?;
    ensure!(!held, "a stranger lifted a taint");
    ensure!(subject.is_tainted(a).await?, "a stranger took a taint away");
    let held = taints.lift(&[stamp(a), stamp(b)], writer, Subject::LIFE).await?;
    ensure!(!held, "a lift of two registers says that both were tainted, and one was");
    ensure!(!subject.is_tainted(a).await?, "a lift of two registers left the first");
    let (held, version) = lift(taints, a, writer).await?;
    ensure!(!held, "one taint was lifted twice");
    ensure!(subject.version(a).await? == Some(version), "the second lift did not write");
    taints.place(&[stamp(a), stamp(b)], writer, Subject::LIFE).await?;
    let held = taints.lift(&[stamp(b), stamp(a)], writer, Subject::LIFE).await?;
    ensure!(held, "a lift of two registers that its writer tainted says that it did not");
    Ok(())
}

pub(super) async fn only_its_writer_renews_a_taint(subject: Subject) -> Outcome {
    let taints = &*subject.taints()?;
    let (a, b) = (&subject.name("a"), &subject.name("b"));
    let (writer, stranger) = (Writer::random(), Writer::random());
    subject.bump(b).await?;
    let renewed = taints.renew(&[a], writer, Subject::LIFE).await?;
    ensure!(!renewed, "a taint that is not there was renewed");
    ensure!(!subject.is_tainted(a).await?, "renewing a taint that is not there made one");
    place(taints, a, writer, Subject::LIFE).await?;
    let renewed = taints.renew(&[a], stranger, Subject::LIFE).await?;
    ensure!(!renewed, "a stranger renewed a taint");
    let renewed = taints.renew(&[a, b], writer, Subject::LIFE).await?;
    ensure!(!renewed, "a taint of two registers was renewed, and one has none");
    let renewed = taints.renew(&[a, a], writer, Subject::LIFE).await?;
    ensure!(renewed, "its writer cannot renew a taint");
    lift(taints, a, writer).await?;
    let renewed = taints.renew(&[a], writer, Subject::LIFE).await?;
    ensure!(!renewed, "a lifted taint was renewed");
    Ok(())
}

pub(super) async fn a_taint_ends_by_itself(subject: Subject) -> Outcome {
    let taints = &*subject.taints()?;
    let names = ["ends", "renewed", "again", "lifted", "short"].map(|name| subject.name(name));
    let [ends, renewed, again, lifted, short] = &names;
    let writer = Writer::random();
    for register in [ends, renewed, again, lifted] {
        if register != lifted {
            subject.bump(register).await?;
        }
        place(taints, register, writer, Subject::SHORT).await?;
    }
    // None of it makes a taint last: who died is never waited for longer than its own taint.
    subject.bump(ends).await?;
    subject.store(&[], &[ends]).await?;
    subject.create(short, Subject::SHORT).await?;
    place(taints, short, writer, Subject::LIFE).await?;
    ensure!(taints.renew(&[renewed], writer, Subject::LIFE).await?, "its writer cannot renew it");
    place(taints, again, writer, Subject::LIFE).await?;
    let (_, version) = lift(taints, lifted, writer).await?;
    let gone = subject.ends(async || Ok(!subject.is_tainted(ends).await?)).await?;
    ensure!(gone, "a taint that nobody renews does not end");
    ensure!(subject.version(ends).await?.is_none(), "a version outlived the taint of its register");
    let (proposed, holds) = subject.create(ends, Subject::LIFE).await?;
    ensure!(proposed == holds, "creating a register whose taint has ended revived a version");
    let (held, _) = lift(taints, ends, writer).await?;
    ensure!(!held, "a taint that had ended was lifted");
    ensure!(subject.is_tainted(renewed).await?, "a renewed taint ended with its first life");
    ensure!(subject.is_tainted(again).await?, "a taint ended with the life of its first placing");
    ensure!(subject.is_tainted(short).await?, "a taint ended with the register under it");
    let holds = subject.version(lifted).await?;
    ensure!(holds == Some(version), "a lifted register ended with its taint");
    Ok(())
}

pub(super) async fn writers_that_taint_at_once_all_stay(subject: Subject) -> Outcome {
    let taints = &*subject.taints()?;
    for round in 0..20 {
        let register = subject.name(&format!("r{round}"));
        let start = Arc::new(Barrier::new(16));
        let mut tasks = JoinSet::new();
        for n in 0..16 {
            let handle = if n % 2 == 0 { &subject.backend } else { &subject.other };
            let Some(taints) = handle.taints() else { continue };
            tasks.spawn(taint(taints, register.clone(), Arc::clone(&start)));
        }
        let mut writers = Vec::new();
        while let Some(task) = tasks.join_next().await {
            writers.push(task??);
        }
        requires!(writers.len() == 16, "one of two handles has no taints");
        for writer in writers {
            ensure!(subject.is_tainted(&register).await?, "in round {round} a writer was lost");
            let (held, _) = lift(taints, &register, writer).await?;
            ensure!(held, "in round {round} a writer was lost to those who came with it");
        }
        ensure!(!subject.is_tainted(&register).await?, "a register is tainted by nobody");
    }
    Ok(())
}

async fn taint(
    taints: Arc<dyn Taints>,
    register: String,
    start: Arc<Barrier>,
) -> crate::Result<Writer> {
    let writer = Writer::random();
    start.wait().await;
    taints.place(&[stamp(&register)], writer, Subject::LIFE).await?;
    Ok(writer)
}
