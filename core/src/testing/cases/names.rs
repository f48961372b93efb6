//! Names, told apart to the last byte.

use bytes::Bytes;

use super::super::outcome::{Outcome, ensure, requires};
use super::super::subject::Subject;
use crate::backend::{Backend, Put, Stamp, TagVersion};
use crate::lease::Owner;

/// Names that some server, protocol, collation or pattern takes for one.
const SIMILAR: [&str; 24] = [
    "a", "A", "aa", "aA", "a:", ":a", "a/b", "a%2fb", "a*", "*", "?", "[a]", "{a}b", "{b}a", "a_b",
    "a%b", "'", "''", "\"", "\\", "a\\", ";--", "0", "00",
];

const ANY: [&str; 22] = [
    "",
    " ",
    "  ",
    "a ",
    " a",
    "a\n",
    "a\r\n",
    "a\t",
    "\0",
    "a\0",
    "a\0b",
    "\u{1b}",
    "\u{7f}",
    "é",
    "e\u{301}",
    "É",
    "ß",
    "ss",
    "漢字",
    "🦀",
    "a\u{200b}",
    "get a\r\nflush_all\r\n",
];

pub(super) async fn the_longest_names_are_told_apart(subject: Subject) -> Outcome {
    let names = [subject.longest_name("a")?, subject.longest_name("b")?];
    told_apart(&subject, &names).await
}

pub(super) async fn similar_names_are_told_apart(subject: Subject) -> Outcome {
    told_apart(&subject, &SIMILAR.map(|name| subject.name(name))).await
}

pub(super) async fn names_may_hold_any_character(subject: Subject) -> Outcome {
    requires!(subject.capabilities().any_name, "names may hold visible ASCII only");
    told_apart(&subject, &ANY.map(|name| subject.name(name))).await
}

/// Everything that is called by one of the names is found by it alone.
async fn told_apart(subject: &Subject, names: &[String]) -> Outcome {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let bytes = |n: usize| Bytes::from(n.to_string());
    let put = |(n, key): (usize, &&'_ str)| (n, (*key).to_owned());
    let owned: Vec<_> = names.iter().enumerate().map(put).collect();
    let puts: Vec<_> = owned
        .iter()
        .map(|(n, key)| Put { key, bytes: bytes(*n), life: Subject::LIFE, fence: None })
        .collect();
    subject.store(&puts, &[]).await?;
    let stamps: Vec<_> =
        names.iter().map(|register| Stamp { register, version: TagVersion::random() }).collect();
    subject.backend.bump(&stamps, Subject::LIFE).await?;
    if subject.capabilities().keeps {
        let read = subject.read(&names, &names).await?;
        for (n, name) in names.iter().enumerate() {
            ensure!(read.entries[n] == Some(bytes(n)), "the entry {name:?} is not what was stored");
            let version = Some(stamps[n].version);
            ensure!(read.versions[n] == version, "the register {name:?} is not what was written");
        }
        one_is_removed_at_a_time(subject, &names).await?;
    } else {
        subject.backend.remove(&names).await?;
    }
    leases_told_apart(subject, &names).await
}

async fn one_is_removed_at_a_time(subject: &Subject, names: &[&str]) -> Outcome {
    for (n, name) in names.iter().enumerate() {
        subject.backend.remove(&[name]).await?;
        let left = subject.read(names, &[]).await?.entries;
        let expected = (0..names.len()).map(|place| place > n);
        ensure!(
            left.iter().map(Option::is_some).eq(expected),
            "removing {name:?} removed another entry, or not this one"
        );
    }
    Ok(())
}

async fn leases_told_apart(subject: &Subject, names: &[&str]) -> Outcome {
    let Some(locks) = subject.backend.locks() else { return Ok(()) };
    let owner = Owner::random();
    for name in names {
        let free = locks.try_acquire(name, owner, Subject::LIFE).await?;
        ensure!(free, "the lease {name:?} is held by another name's");
    }
    for name in names {
        let held = !locks.try_acquire(name, Owner::random(), Subject::LIFE).await?;
        ensure!(held, "the lease {name:?} was taken twice");
    }
    for name in names {
        locks.release(name, owner).await?;
        let free = locks.try_acquire(name, owner, Subject::LIFE).await?;
        ensure!(free, "the lease {name:?} was not given back");
        locks.release(name, owner).await?;
    }
    Ok(())
}
