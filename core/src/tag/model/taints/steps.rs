//! What readers, writers and accidents do to a marked tag. One step is one change of one register.

use super::super::properties::Broken;
use super::super::state::WriterSet;
use super::super::step::{Step, Who};
use super::{ABSENT, Act, Design, Entry, Reader, Register, State, Taints};

impl State {
    /// The smallest token that nobody remembers: see the tag model for why that is enough.
    fn fresh(&self) -> u8 {
        let held = |reader: &Reader| match reader {
            Reader::Query(obs) | Reader::Store(Entry { obs, .. }) => Some(*obs),
            _ => None,
        };
        let taken = |version: u8| {
            self.register.version == version
                || self.entry.is_some_and(|entry| entry.obs == version)
                || self.readers.iter().any(|reader| held(reader) == Some(version))
        };
        (ABSENT + 1..).find(|version| !taken(*version)).unwrap_or(ABSENT)
    }
}

pub(super) fn reader_step(from: &State, i: usize) -> Option<Step<State>> {
    let mut to = *from;
    let (does, next) = match from.readers[i] {
        Reader::Lookup => return Some(look(from, i)),
        Reader::Create => {
            if from.register == Register::default() {
                to.register.version = from.fresh();
            }
            observe(to.register, "creates tag")
        }
        Reader::Query(obs) => {
            ("reads database", Reader::Store(Entry { value: from.committed, obs }))
        }
        Reader::Store(entry) => {
            to.entry = Some(entry);
            ("stores", Reader::Done)
        }
        Reader::Done => return None,
    };
    to.readers[i] = next;
    Some(Step::new(Who::Reader(i), does, to))
}

fn look(from: &State, i: usize) -> Step<State> {
    let mut to = *from;
    let Register { version, marks } = from.register;
    let hit = from.entry.filter(|e| marks.is_empty() && version != ABSENT && e.obs == version);
    if let Some(entry) = hit {
        to.readers[i] = Reader::Done;
        let old = !from.committed.without(entry.value).is_empty();
        let broken = old.then_some(Broken::OldValue).into_iter().collect();
        return Step::new(Who::Reader(i), "hits", to).breaking(broken);
    }
    let absent = from.register == Register::default();
    let (does, next) =
        if absent { ("misses", Reader::Create) } else { observe(from.register, "misses") };
    to.readers[i] = next;
    Step::new(Who::Reader(i), does, to)
}

/// A marked tag sends its readers to the database, and nothing of theirs is stored.
fn observe(register: Register, does: &'static str) -> (&'static str, Reader) {
    match register.marks.is_empty() {
        true => (does, Reader::Query(register.version)),
        false => ("bypasses", Reader::Done),
    }
}

impl Taints {
    /// Which mark a writer sets.
    fn mark(&self, i: usize) -> usize {
        if self.design == Design::OneMark { 0 } else { i }
    }

    pub(super) fn writer_step(&self, from: &State, i: usize) -> Option<Step<State>> {
        let mut to = *from;
        let (does, next) = match from.writers[i] {
            // The writers are alike, so it is enough to let them begin in order.
            Act::Mark if i > 0 && from.writers[i - 1] == Act::Mark => return None,
            Act::Mark if self.design == Design::AfterCommit => ("begins", Act::Commit),
            Act::Mark => {
                if self.design != Design::MarkWithoutBump || from.register.version == ABSENT {
                    to.register.version = from.fresh();
                }
                to.register.marks = from.register.marks.with(self.mark(i));
                ("marks", Act::Commit)
            }
            Act::Commit => {
                to.committed = from.committed.with(i);
                ("commits", Act::Bump)
            }
            Act::Bump => {
                to.register.version = from.fresh();
                to.register.marks = from.register.marks.without(WriterSet::only(self.mark(i)));
                ("bumps and unmarks", Act::Done)
            }
            Act::Done | Act::Dead => return None,
        };
        to.writers[i] = next;
        Some(Step::new(Who::Writer(i), does, to))
    }

    /// A mark outlives its writer only for so long. A live writer renews it before COMMIT, so its
    /// mark may expire after that at the earliest.
    pub(super) fn expire_mark(&self, from: &State, i: usize) -> Option<Step<State>> {
        let mark = WriterSet::only(self.mark(i));
        let marked = from.register.marks != from.register.marks.without(mark);
        if !marked || !matches!(from.writers[i], Act::Bump | Act::Dead) {
            return None;
        }
        let mut to = *from;
        to.register.marks = from.register.marks.without(mark);
        if to.register.marks.is_empty() && self.design != Design::MarkWithoutBump {
            to.register.version = ABSENT;
        }
        Some(Step::new(Who::Store, "expires a mark", to))
    }
}

pub(super) fn die(from: &State, i: usize) -> Option<Step<State>> {
    if from.deaths == 0 || !matches!(from.writers[i], Act::Commit | Act::Bump) {
        return None;
    }
    let mut to = State { deaths: from.deaths - 1, ..*from };
    to.writers[i] = Act::Dead;
    Some(Step::new(Who::Writer(i), "dies", to))
}

pub(super) fn evict(from: &State) -> Option<Step<State>> {
    if from.evictions == 0 || from.register == Register::default() {
        return None;
    }
    let evictions = from.evictions - 1;
    let to = State { evictions, register: Register::default(), ..*from };
    Some(Step::new(Who::Store, "evicts the tag", to))
}
