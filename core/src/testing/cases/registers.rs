//! Registers: one version or none.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::super::outcome::{Outcome, ensure, requires};
use super::super::subject::Subject;
use crate::backend::{Backend, Stamp, TagVersion};
use crate::units::secs;

pub(super) async fn a_register_is_created_once(subject: Subject) -> Outcome {
    subject.keeps()?;
    let register = &subject.name("r");
    let (proposed, holds) = subject.create(register, Subject::LIFE).await?;
    ensure!(holds == proposed, "a register that was not there has another version than proposed");
    let (_, holds) = subject.create(register, Subject::LIFE).await?;
    ensure!(holds == proposed, "creating a register that is there changed or hid its version");
    ensure!(subject.version(register).await? == Some(proposed), "it does not read as created");
    // The same register twice in one call has one version as well.
    let twice = &subject.name("twice");
    let stamps = [0, 1].map(|_| Stamp { register: twice, version: TagVersion::random() });
    let holds = subject.backend.create(&stamps, Subject::LIFE).await?;
    ensure!(holds.len() == 2 && holds[0] == holds[1], "one register has two versions: {holds:?}");
    ensure!(
        stamps.iter().any(|stamp| Some(stamp.version) == holds[0]),
        "nobody proposed this version"
    );
    ensure!(subject.version(twice).await? == holds[0], "it does not read as created");
    Ok(())
}

pub(super) async fn concurrent_creators_see_one_version(subject: Subject) -> Outcome {
    subject.keeps()?;
    for round in 0..20 {
        let register = subject.name(&format!("r{round}"));
        let start = Arc::new(Barrier::new(16));
        let mut creators = JoinSet::new();
        for n in 0..16 {
            let backend = if n % 2 == 0 { &subject.backend } else { &subject.other };
            creators.spawn(create(Arc::clone(backend), register.clone(), Arc::clone(&start)));
        }
        let mut seen = HashSet::new();
        while let Some(created) = creators.join_next().await {
            seen.extend(created??);
        }
        ensure!(seen.len() == 1, "16 creators of one register saw {} versions", seen.len());
        let holds = subject.version(&register).await?;
        ensure!(seen.contains(&holds), "the creators saw a version that does not hold");
    }
    Ok(())
}

async fn create(
    backend: Arc<dyn Backend>,
    register: String,
    start: Arc<Barrier>,
) -> crate::Result<Vec<Option<TagVersion>>> {
    start.wait().await;
    let stamp = Stamp { register: &register, version: TagVersion::random() };
    backend.create(&[stamp], Subject::LIFE).await
}

pub(super) async fn a_bump_always_writes(subject: Subject) -> Outcome {
    subject.keeps()?;
    let register = &subject.name("r");
    for before in ["nothing", "a bump", "a bump"] {
        let version = subject.bump(register).await?;
        let read = subject.version(register).await?;
        ensure!(read == Some(version), "a bump over {before} did not write");
    }
    let created = &subject.name("created");
    subject.create(created, Subject::LIFE).await?;
    let version = subject.bump(created).await?;
    ensure!(
        subject.version(created).await? == Some(version),
        "a bump over a creation did not write"
    );
    let names: Vec<_> = (0..50).map(|n| subject.name(&format!("many{n}"))).collect();
    let stamps = names.iter().map(|register| Stamp { register, version: TagVersion::random() });
    let stamps: Vec<_> = stamps.collect();
    subject.backend.bump(&stamps, Subject::LIFE).await?;
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let read = subject.read(&[], &names).await?.versions;
    let written = stamps.iter().map(|stamp| Some(stamp.version));
    ensure!(read.into_iter().eq(written), "one of many bumps in one call did not write");
    Ok(())
}

pub(super) async fn lost_registers_come_back_as_others(subject: Subject) -> Outcome {
    subject.keeps()?;
    let register = &subject.name("r");
    subject.bump(register).await?;
    let lost = subject.bump(register).await?;
    subject.lose().await?;
    ensure!(subject.version(register).await?.is_none(), "the hook did not lose the register");
    subject.store(&[], &[register]).await?;
    ensure!(
        subject.version(register).await?.is_none(),
        "extending a lost register brought it back"
    );
    let (proposed, holds) = subject.create(register, Subject::LIFE).await?;
    ensure!(
        holds == proposed && holds != lost,
        "creating a lost register brought its version back"
    );
    Ok(())
}

pub(super) async fn an_ended_register_is_not_revived(subject: Subject) -> Outcome {
    subject.keeps()?;
    let register = &subject.name("r");
    let (ended, _) = subject.create(register, Subject::SHORT).await?;
    let gone = subject.ends(async || Ok(subject.version(register).await?.is_none())).await?;
    requires!(gone, "the backend keeps registers for much longer than their life");
    subject.store(&[], &[register]).await?;
    ensure!(subject.version(register).await?.is_none(), "extending an ended register revived it");
    let (proposed, holds) = subject.create(register, Subject::LIFE).await?;
    ensure!(holds == proposed && holds != ended, "creating an ended register revived it");
    Ok(())
}

pub(super) async fn a_register_lives_for_its_life(subject: Subject) -> Outcome {
    subject.keeps()?;
    let (created, bumped) = (&subject.name("created"), &subject.name("bumped"));
    let (version, _) = subject.create(created, secs(100)).await?;
    let stamp = Stamp { register: bumped, version };
    subject.backend.bump(&[stamp], secs(100)).await?;
    requires!(subject.advance_clock(secs(90)), "no hook to move the clock was given");
    let both = [Some(version), Some(version)];
    let held = subject.read(&[], &[created, bumped]).await?.versions;
    ensure!(held == both, "a register ended before its life");
    // Being created again, or extended, is a reason to live on.
    subject.create(created, secs(100)).await?;
    subject.backend.store(&[], &[bumped], secs(100)).await?;
    subject.advance_clock(secs(90));
    let held = subject.read(&[], &[created, bumped]).await?.versions;
    ensure!(held == both, "a register that was created again or extended ended before its life");
    Ok(())
}

pub(super) async fn an_extended_register_outlives_others(subject: Subject) -> Outcome {
    subject.keeps()?;
    let names = ["marker", "extended", "again"].map(|name| subject.name(name));
    let [marker, extended, again] = names.each_ref().map(String::as_str);
    let mut versions = Vec::new();
    for register in [marker, extended, again] {
        versions.push(Some(subject.create(register, Subject::SHORT).await?.0));
    }
    subject.store(&[], &[extended]).await?;
    subject.create(again, Subject::LIFE).await?;
    // Where registers live for longer than they must, this shows that extending changes nothing.
    subject.ends(async || Ok(subject.version(marker).await?.is_none())).await?;
    let held = subject.read(&[], &[extended, again]).await?.versions;
    ensure!(held == versions[1..], "a register that was extended ended, or has another version");
    Ok(())
}
