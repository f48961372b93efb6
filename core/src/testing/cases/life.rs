//! How long entries are found.

use std::time::Duration;

use super::super::outcome::{Outcome, ensure, requires};
use super::super::subject::Subject;
use crate::backend::{Backend, Put, Stamp, TagVersion};
use crate::units::{hours, millis};

fn expires(subject: &Subject) -> Outcome {
    subject.keeps()?;
    requires!(subject.capabilities().expires, "entries do not end by themselves");
    Ok(())
}

async fn is_gone(subject: &Subject, key: &str) -> Outcome<bool> {
    Ok(subject.entry(key).await?.is_none())
}

pub(super) async fn entries_end_after_their_life(subject: Subject) -> Outcome {
    expires(&subject)?;
    let (short, long) = (&subject.name("short"), &subject.name("long"));
    // Two lives in one call.
    let put = |key, life| Put { key, bytes: "v".into(), life, fence: None };
    subject.store(&[put(long, Subject::LIFE), put(short, Subject::SHORT)], &[]).await?;
    let gone = subject.ends(async || is_gone(&subject, short).await).await?;
    ensure!(gone, "an entry with a life of {:?} is still found", Subject::SHORT);
    ensure!(!is_gone(&subject, long).await?, "an entry ended with another one");
    subject.put(short, "again").await?;
    ensure!(!is_gone(&subject, short).await?, "an ended entry cannot be stored again");
    Ok(())
}

pub(super) async fn an_entry_has_the_life_of_its_last_store(subject: Subject) -> Outcome {
    expires(&subject)?;
    let (shortened, lengthened) = (&subject.name("shortened"), &subject.name("lengthened"));
    subject.put_for(shortened, "v", Subject::LIFE).await?;
    subject.put_for(lengthened, "v", Subject::SHORT).await?;
    subject.put_for(shortened, "v", Subject::SHORT).await?;
    subject.put_for(lengthened, "v", Subject::LIFE).await?;
    let gone = subject.ends(async || is_gone(&subject, shortened).await).await?;
    ensure!(gone, "an entry has the life of an earlier store, which was longer");
    ensure!(
        !is_gone(&subject, lengthened).await?,
        "an entry has the life of an earlier store, which was shorter"
    );
    Ok(())
}

pub(super) async fn the_shortest_and_longest_lives_are_taken(subject: Subject) -> Outcome {
    // Zero means "for ever" to some servers, and thirty days is where others begin to see a date.
    for (n, life) in [Duration::ZERO, Duration::from_nanos(1), millis(1)].into_iter().enumerate() {
        let key = &subject.name(&format!("short{n}"));
        subject.put_for(key, "v", life).await?;
        subject.create(key, life).await?;
        let gone = !subject.capabilities().expires
            || subject.ends(async || is_gone(&subject, key).await).await?;
        ensure!(gone, "an entry with a life of {life:?} is still found");
    }
    for life in [hours(24 * 31), hours(24 * 36_500), Duration::MAX] {
        let key = &subject.name("long");
        subject.put_for(key, "v", life).await?;
        let stamp = Stamp { register: key, version: TagVersion::random() };
        subject.backend.bump(&[stamp], life).await?;
        let keeps = subject.capabilities().keeps;
        let found = subject.read(&[key], &[key]).await?;
        ensure!(found.entries[0].is_some() == keeps, "an entry with a life of {life:?} is lost");
        let version = Some(stamp.version).filter(|_| keeps);
        ensure!(found.versions[0] == version, "a register with a life of {life:?} is lost");
    }
    Ok(())
}
