//! Reading, storing and removing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use dogpile::backend::{Answer, Put, Stored};

use super::Inner;
use super::dialect::{Life, Shown};
use super::life::{generous, millis};
use super::tags::version;
use crate::error::{Done, Failure};

/// More names than this are asked for by several statements.
const MOST_NAMES: usize = 4_096;
/// More entries than this are stored by several statements.
const MOST_PUTS: usize = 1_024;

impl Inner {
    pub(super) async fn read(&self, keys: &[&str], registers: &[&str]) -> Done<Answer> {
        self.awake(keys.iter().chain(registers).copied())?;
        let mut answer = Answer::default();
        let parts = keys.len().max(registers.len()).div_ceil(MOST_NAMES);
        for part in 0..parts {
            let (keys, registers) = (part_of(keys, part), part_of(registers, part));
            self.read_part(keys, registers, &mut answer).await?;
        }
        Ok(answer)
    }

    async fn read_part(&self, keys: &[&str], registers: &[&str], answer: &mut Answer) -> Done<()> {
        let seen = self.again(|| self.dialect.read(keys, registers)).await?;
        if (seen.entries.len(), seen.registers.len()) != (keys.len(), registers.len()) {
            return Err(Failure::unexpected());
        }
        let mask = self.lineage.met(&seen.server);
        answer.entries.extend(seen.entries);
        for shown in seen.registers {
            if shown == Shown::Tainted {
                answer.tainted.push(answer.versions.len());
            }
            answer.versions.push(version(shown, mask));
        }
        Ok(())
    }

    pub(super) async fn store(
        &self,
        puts: &[Put<'_>],
        extend: &[&str],
        life: Duration,
    ) -> Done<Vec<Stored>> {
        let leases = puts.iter().filter_map(|put| put.fence.map(|fence| fence.lease));
        let names = puts.iter().map(|put| put.key).chain(leases);
        self.awake(names.chain(extend.iter().copied()))?;
        let life = Life { least: millis(life), generous: generous(life) };
        let mut extend: Vec<&str> =
            BTreeSet::from_iter(extend.iter().copied()).into_iter().collect();
        let mut stored = vec![Stored::TooLarge; puts.len()];
        let fits = |put: &Put<'_>| put.bytes.len() <= self.dialect.max_entry();
        let mut left: Vec<usize> = (0..puts.len()).filter(|place| fits(&puts[*place])).collect();
        while !left.is_empty() || !extend.is_empty() {
            let batch = take_batch(&mut left, puts, self.dialect.max_entry());
            let batched: Vec<&Put<'_>> = batch.iter().map(|place| &puts[*place]).collect();
            let done = self.put(&batched, &extend, life).await?;
            extend.clear();
            if done.len() != batch.len() {
                return Err(Failure::unexpected());
            }
            for (place, done) in batch.into_iter().zip(done) {
                stored[place] = if done { Stored::Yes } else { Stored::Fenced };
            }
        }
        Ok(stored)
    }

    /// Stores each if its lease is held: a row, which the statement looks at, or a lock, on the session
    /// that has it.
    async fn put(&self, puts: &[&Put<'_>], extend: &[&str], life: Life) -> Done<Vec<bool>> {
        let Some(locker) = self.locker.as_ref().filter(|locker| !locker.is_pooled()) else {
            return self.again(|| self.dialect.store(puts, extend, life)).await;
        };
        let (leased, free): (Vec<&Put<'_>>, Vec<_>) =
            puts.iter().partition(|put| put.fence.is_some());
        let mut extend = extend;
        if !free.is_empty() || leased.is_empty() {
            self.again(|| self.dialect.store(&free, extend, life)).await?;
            extend = &[];
        }
        let stored = match leased.is_empty() {
            true => Vec::new(),
            false => match locker.store(&leased, extend, life).await? {
                Some(stored) => stored,
                None => self.again(|| self.dialect.store(&leased, extend, life)).await?,
            },
        };
        let mut stored = stored.into_iter();
        let stored = puts.iter().map(|put| put.fence.is_none() || stored.next() == Some(true));
        Ok(stored.collect())
    }

    pub(super) async fn remove(&self, keys: &[&str]) -> Done<()> {
        self.awake(keys.iter().copied())?;
        let keys: Vec<&str> = BTreeSet::from_iter(keys.iter().copied()).into_iter().collect();
        for keys in keys.chunks(MOST_NAMES) {
            self.again(|| self.dialect.remove(keys)).await?;
        }
        Ok(())
    }
}

fn part_of<'a, 'n>(names: &'a [&'n str], part: usize) -> &'a [&'n str] {
    names.chunks(MOST_NAMES).nth(part).unwrap_or_default()
}

/// Takes what one statement stores out of `left`: each name once, in order, and not more bytes than
/// the largest entry has.
fn take_batch(left: &mut Vec<usize>, puts: &[Put<'_>], most: usize) -> Vec<usize> {
    let (mut batch, mut waiting) = (BTreeMap::new(), BTreeSet::new());
    let mut bytes = 0_usize;
    left.retain(|place| {
        let put = &puts[*place];
        let fits = bytes.saturating_add(put.bytes.len()) <= most && batch.len() < MOST_PUTS;
        // Of two under one name the later one is stored later.
        let takes = fits && !batch.contains_key(put.key) && !waiting.contains(put.key);
        if takes {
            bytes += put.bytes.len();
            batch.insert(put.key, *place);
        } else {
            waiting.insert(put.key);
        }
        !takes
    });
    batch.into_values().collect()
}

#[cfg(test)]
mod tests {
    use dogpile::backend::Put;
    use dogpile::secs;

    use super::{MOST_NAMES, part_of, take_batch};

    fn put(key: &str, length: usize) -> Put<'_> {
        Put { key, bytes: vec![0; length].into(), life: secs(1), fence: None }
    }

    #[test]
    fn a_batch_has_each_name_once_in_order_and_no_more_bytes_than_fit() {
        let puts = [
            put("b", 4),
            put("a", 4),
            put("b", 1),
            put("c", 4),
            put("d", 2),
            put("e", 10),
            put("e", 0),
        ];
        let mut left: Vec<usize> = (0..puts.len()).collect();
        let mut batches = Vec::new();
        while !left.is_empty() {
            batches.push(take_batch(&mut left, &puts, 10));
        }
        assert_eq!(batches, [vec![1, 0, 4], vec![2, 3], vec![5], vec![6]]);
    }

    #[test]
    fn parts_make_the_whole() {
        let names: Vec<String> = (0..2 * MOST_NAMES + 1).map(|n| n.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let parts: Vec<&str> = (0..4).flat_map(|part| part_of(&names, part)).copied().collect();
        assert_eq!(parts, names);
        assert_eq!(part_of(&[], 0), [] as [&str; 0]);
    }
}
