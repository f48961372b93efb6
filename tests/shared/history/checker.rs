//! Looks for reads that are too old.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::record::{Kind, Record};

/// What all processes saw.
#[derive(Debug)]
pub(super) struct History {
    /// The records of each process.
    processes: Vec<Vec<Record>>,
    /// How many of their reads created nothing.
    hits: u64,
}

/// A read that was too old.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stale {
    process: usize,
    read: Record,
    /// What had been acknowledged before it began, or the process itself knew to be written.
    known: i64,
}

impl History {
    pub(super) fn read(logs: impl Iterator<Item = PathBuf>, hits: u64) -> Self {
        let log = |path| {
            let text: String = std::fs::read_to_string(path).unwrap();
            text.lines().map(|line| line.parse().unwrap()).collect()
        };
        Self { processes: logs.map(log).collect(), hits }
    }

    /// Asserts that there was something to look for.
    pub(super) fn assert_busy(&self) {
        let count = |kind| self.all().filter(|record| record.kind == kind).count();
        assert!(count(Kind::Read) > 200 && count(Kind::Acknowledged) > 5, "{self}");
        assert!(self.hits > 100, "{self}");
        // Versions grow, and those who read them read them more than once.
        let versions = self.of(Kind::Read).map(|read| read.version).collect::<Vec<_>>();
        assert!(versions.iter().any(|version| *version > 3), "{self}");
    }

    /// Reads that returned a version older than one whose invalidation was acknowledged before they
    /// began; or, in the process that wrote it, tried and known to be owed.
    pub(super) fn stale_reads(&self) -> Vec<Stale> {
        let acknowledged: Known = self.of(Kind::Acknowledged).collect();
        let mut stale = Vec::new();
        for (process, records) in self.processes.iter().enumerate() {
            let own: Known =
                records.iter().copied().filter(|record| record.kind == Kind::Owed).collect();
            let reads = records.iter().filter(|record| record.kind == Kind::Read);
            stale.extend(reads.filter_map(|read| {
                let known = acknowledged.before(read).max(own.before(read));
                (read.version < known).then_some(Stale { process, read: *read, known })
            }));
        }
        stale
    }

    /// How many reads began later than `bound` after a newer version had been committed.
    pub(super) fn older_than(&self, bound: Duration) -> usize {
        let bound = i64::try_from(bound.as_micros()).unwrap();
        let committed: HashMap<_, _> = self
            .of(Kind::Committed)
            .map(|write| ((write.row, write.version), write.moment.micros))
            .collect();
        let is_older = |read: &Record| {
            let next = committed.get(&(read.row, read.version + 1));
            next.is_some_and(|next| read.moment.micros - next > bound)
        };
        self.of(Kind::Read).filter(is_older).count()
    }

    /// How many reads that began after a moment did not return the last version.
    pub(super) fn old_after(&self, order: i64) -> usize {
        let mut last: HashMap<i64, i64> = HashMap::new();
        for write in self.of(Kind::Committed) {
            let version = last.entry(write.row).or_default();
            *version = write.version.max(*version);
        }
        let after: Vec<_> = self.of(Kind::Read).filter(|read| read.moment.order > order).collect();
        assert!(after.len() > 20, "only {} reads after the moment", after.len());
        let is_old = |read: &&Record| last.get(&read.row).is_some_and(|last| read.version < *last);
        after.iter().filter(is_old).count()
    }

    fn all(&self) -> impl Iterator<Item = Record> {
        self.processes.iter().flatten().copied()
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = Record> {
        self.all().filter(move |record| record.kind == kind)
    }
}

/// The newest version of each row that was known at each moment.
#[derive(Default)]
struct Known(HashMap<i64, Vec<(i64, i64)>>);

impl FromIterator<Record> for Known {
    fn from_iter<I: IntoIterator<Item = Record>>(records: I) -> Self {
        let mut known = Self::default();
        for Record { row, version, moment, .. } in records {
            known.0.entry(row).or_default().push((moment.order, version));
        }
        for moments in known.0.values_mut() {
            moments.sort_unstable();
            let mut newest = 0;
            for (_, version) in moments {
                newest = newest.max(*version);
                *version = newest;
            }
        }
        known
    }
}

impl Known {
    /// What was known when `read` began.
    fn before(&self, read: &Record) -> i64 {
        let Some(moments) = self.0.get(&read.row) else { return 0 };
        let earlier = moments.partition_point(|(order, _)| *order < read.moment.order);
        earlier.checked_sub(1).map_or(0, |last| moments[last].1)
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |kind| self.of(kind).count();
        let (reads, writes) = (count(Kind::Read), count(Kind::Committed));
        let (acknowledged, owed) = (count(Kind::Acknowledged), count(Kind::Owed));
        let hits = self.hits;
        write!(
            f,
            "{reads} reads, {hits} hits, {writes} writes, {acknowledged} acknowledged, {owed} owed"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::truth::Moment;

    fn history(processes: &[&[(Kind, i64, i64)]]) -> History {
        let record = |(kind, version, order): &(Kind, i64, i64)| Record {
            kind: *kind,
            row: 1,
            version: *version,
            moment: Moment { order: *order, micros: *order * 1_000_000 },
        };
        let processes = processes.iter().map(|records| records.iter().map(record).collect());
        History { processes: processes.collect(), hits: 0 }
    }

    #[test]
    fn a_read_that_is_older_than_what_was_acknowledged_before_is_found() {
        use Kind::{Acknowledged, Owed, Read};
        let stale = |processes: &[&[_]]| history(processes).stale_reads().len();
        assert_eq!(stale(&[&[(Acknowledged, 5, 10)], &[(Read, 4, 11)]]), 1);
        assert_eq!(stale(&[&[(Acknowledged, 5, 10)], &[(Read, 4, 9), (Read, 5, 11)]]), 0);
        // Acknowledged in another order than written.
        assert_eq!(stale(&[&[(Acknowledged, 5, 10), (Acknowledged, 4, 12)], &[(Read, 4, 13)]]), 1);
        // What is owed is known to the process that owes it.
        assert_eq!(stale(&[&[(Owed, 5, 10), (Read, 4, 11)], &[(Read, 4, 11)]]), 1);
    }

    #[test]
    fn a_read_is_as_old_as_the_version_after_it() {
        use Kind::{Committed, Read};
        let history = history(&[&[(Committed, 5, 10), (Committed, 6, 20)], &[(Read, 4, 13)]]);
        let older = |seconds| history.older_than(Duration::from_secs(seconds));
        assert_eq!((older(2), older(3)), (1, 0));
    }
}
