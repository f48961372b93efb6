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

/// A marked tag sends its readers to the database, and nothing of theirs is stored.
fn observe(register: Register, does: &'static str) -> (&'static str, Reader) {
    match register.marks.is_empty() {
        true => (does, Reader::Query(register.version)),
        false => ("bypasses", Reader::Done),
    }
}

impl Taints {
    pub(super) fn reader_step(&self, from: &State, i: usize) -> Option<Step<State>> {
        let mut to = *from;
        let (does, next) = match from.readers[i] {
            Reader::Lookup => return Some(self.look(from, i)),
            Reader::Create => {
                if from.register == Register::default() {
                    to.register.version = from.fresh();
                }
                observe(self.shown(to.register), "creates tag")
            }
            Reader::Query(obs) => {
                ("reads database", Reader::Store(Entry { value: from.committed, obs }))
            }
            Reader::Store(entry) => {
                let late = self.design == Design::StoreObserves;
                let obs = if late { from.register.version } else { entry.obs };
                to.entry = Some(Entry { obs, ..entry });
                ("stores", Reader::Done)
            }
            Reader::Done => return None,
        };
        to.readers[i] = next;
        Some(Step::new(Who::Reader(i), does, to))
    }

    fn look(&self, from: &State, i: usize) -> Step<State> {
        let mut to = *from;
        let shown = self.shown(from.register);
        let Register { version, marks } = shown;
        let hit = from.entry.filter(|e| marks.is_empty() && version != ABSENT && e.obs == version);
        if let Some(entry) = hit {
            to.readers[i] = Reader::Done;
            let old = !from.committed.without(entry.value).is_empty();
            let broken = old.then_some(Broken::OldValue).into_iter().collect();
            return Step::new(Who::Reader(i), "hits", to).breaking(broken);
        }
        let absent = from.register == Register::default();
        let (does, next) =
            if absent { ("misses", Reader::Create) } else { observe(shown, "misses") };
        to.readers[i] = next;
        Step::new(Who::Reader(i), does, to)
    }

    /// What a reader sees of a register.
    fn shown(&self, register: Register) -> Register {
        match self.design {
            Design::MarksUnread => Register { marks: WriterSet::default(), ..register },
            _ => register,
        }
    }

    /// Which mark a writer sets.
    fn mark(&self, i: usize) -> WriterSet {
        WriterSet::only(if self.design == Design::OneMark { 0 } else { i })
    }

    fn is_marked(&self, from: &State, i: usize) -> bool {
        from.register.marks != from.register.marks.without(self.mark(i))
    }

    /// Everything that a writer may do next: it may find that it cannot unmark.
    pub(super) fn writer_steps(&self, from: &State, i: usize) -> Vec<Step<State>> {
        let (before, after) = match self.design {
            Design::AfterCommit => (Act::Commit, Act::Bump),
            Design::UnmarkFirst => (Act::Bump, Act::Done),
            _ => (Act::Renew, Act::Bump),
        };
        let after_bump = if self.design == Design::UnmarkFirst { Act::Commit } else { Act::Done };
        match from.writers[i] {
            // The writers are alike, so it is enough to let them begin in order.
            Act::Mark if i > 0 && from.writers[i - 1] == Act::Mark => Vec::new(),
            Act::Mark if self.design == Design::AfterCommit => {
                vec![by(i, before, "begins", *from)]
            }
            Act::Mark => vec![by(i, before, "marks", self.marked(from, i))],
            Act::Renew if self.is_marked(from, i) || self.design == Design::LostForGood => {
                vec![by(i, Act::Commit, "renews", *from)]
            }
            Act::Renew => vec![by(i, Act::Commit, "marks again", self.marked(from, i))],
            Act::Commit => {
                let to = State { committed: from.committed.with(i), ..*from };
                vec![by(i, after, "commits", to)]
            }
            Act::Bump => {
                let (mut bumped, mut unmarked) = (*from, *from);
                bumped.register.version = from.fresh();
                if self.design == Design::BumpErases {
                    bumped.register.marks = WriterSet::default();
                }
                unmarked.register.version = from.fresh();
                unmarked.register.marks = from.register.marks.without(self.mark(i));
                vec![
                    by(i, after_bump, "bumps and unmarks", unmarked),
                    by(i, after_bump, "only bumps", bumped),
                ]
            }
            Act::Done | Act::Dead => Vec::new(),
        }
    }

    fn marked(&self, from: &State, i: usize) -> State {
        let mut to = *from;
        if self.design != Design::MarkWithoutBump || from.register.version == ABSENT {
            to.register.version = from.fresh();
        }
        let mark = if self.design == Design::OneMark { 0 } else { i };
        to.register.marks = from.register.marks.with(mark);
        to
    }

    /// A mark that nobody renews expires, and the register with the last of them. Between its
    /// renewal and the COMMIT it does not: that is what its life is for.
    pub(super) fn expire_mark(&self, from: &State, i: usize) -> Option<Step<State>> {
        let needs = |j| self.mark(j) == self.mark(i) && from.writers[j] == Act::Commit;
        if !self.is_marked(from, i) || (0..from.writers.len()).any(needs) {
            return None;
        }
        let mut to = *from;
        to.register.marks = from.register.marks.without(self.mark(i));
        if to.register.marks.is_empty() && self.design != Design::MarkWithoutBump {
            to.register.version = ABSENT;
        }
        Some(Step::new(Who::Store, "expires a mark", to))
    }
}

fn by(i: usize, next: Act, does: &'static str, mut to: State) -> Step<State> {
    to.writers[i] = next;
    Step::new(Who::Writer(i), does, to)
}

pub(super) fn die(from: &State, i: usize) -> Option<Step<State>> {
    if from.deaths == 0 || !matches!(from.writers[i], Act::Renew | Act::Commit | Act::Bump) {
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
