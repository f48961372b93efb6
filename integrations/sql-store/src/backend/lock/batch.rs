//! Stores under leases: what waits is sent together.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use dogpile::Owner;
use tokio::sync::oneshot;

use super::Reply;
use super::held::Id;
use crate::backend::dialect::Life;

/// More bytes than this are sent one store at a time.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// More entries than this are stored by several statements.
const MOST_PUTS: usize = 1_024;

/// An entry that is stored if its lease is held.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) key: String,
    pub(super) bytes: Bytes,
    pub(super) life: Duration,
    pub(super) id: Id,
    pub(super) owner: Owner,
}

/// One call: entries, each name once, and what they depend on.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) items: Vec<Item>,
    pub(super) extend: Vec<String>,
    pub(super) life: Life,
    pub(super) reply: oneshot::Sender<Reply<Vec<bool>>>,
}

impl Job {
    pub(super) fn size(&self) -> usize {
        self.items.iter().map(|item| item.bytes.len()).sum()
    }
}

/// Those that one statement does, in the order in which they came: no name twice, and not too many
/// bytes.
pub(super) fn split(jobs: Vec<Job>) -> Vec<Vec<Job>> {
    let mut batches: Vec<Vec<Job>> = Vec::new();
    let (mut names, mut bytes) = (HashSet::new(), 0_usize);
    for job in jobs {
        let size = job.size();
        let fits = bytes.saturating_add(size) <= MOST_BYTES
            && names.len() + job.items.len() <= MOST_PUTS
            && !job.items.iter().any(|item| names.contains(&item.key));
        if !fits || batches.is_empty() {
            batches.push(Vec::new());
            names.clear();
            bytes = 0;
        }
        bytes = bytes.saturating_add(size);
        names.extend(job.items.iter().map(|item| item.key.clone()));
        if let Some(batch) = batches.last_mut() {
            batch.push(job);
        }
    }
    batches
}

/// The longer of two lives.
pub(super) fn longer(a: Life, b: Life) -> Life {
    Life { least: a.least.max(b.least), generous: a.generous.max(b.generous) }
}

#[cfg(test)]
mod tests {
    use dogpile::{Owner, secs};
    use tokio::sync::oneshot;

    use super::{Id, Item, Job, Life, MOST_BYTES, split};

    fn job(keys: &[&str], size: usize) -> Job {
        let item = |key: &&str| Item {
            key: (*key).to_owned(),
            bytes: vec![0; size].into(),
            life: secs(1),
            id: Id(0),
            owner: Owner(0),
        };
        let life = Life { least: 1, generous: 1 };
        let items = keys.iter().map(item).collect();
        Job { items, extend: Vec::new(), life, reply: oneshot::channel().0 }
    }

    #[test]
    fn a_statement_has_each_name_once_and_no_more_bytes_than_fit() {
        let jobs = vec![
            job(&["a", "b"], 1),
            job(&["c"], 1),
            job(&["b"], 1),
            job(&["d"], MOST_BYTES),
            job(&["e"], MOST_BYTES + 1),
            job(&["f"], 1),
        ];
        let lengths: Vec<usize> = split(jobs).iter().map(Vec::len).collect();
        assert_eq!(lengths, [2, 1, 1, 1, 1]);
        assert!(split(Vec::new()).is_empty());
    }
}
