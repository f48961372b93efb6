//! What readers, writers and the store do. One step is one statement, or one COMMIT.

use super::super::properties::Broken;
use super::super::state::WriterSet;
use super::super::step::{Step, Who};
use super::{ABSENT, Act, Design, Entry, Reader, State, Tokens, Version, WRITERS};

impl State {
    /// The smallest token that nobody remembers: see the tag model for why that is enough.
    fn fresh(&self) -> u8 {
        let held = |reader: &Reader| match reader {
            Reader::Query(obs) | Reader::Store(Entry { obs, .. }) => Some(obs.base),
            _ => None,
        };
        let taken = |base: u8| {
            self.register.base == base
                || self.entry.is_some_and(|entry| entry.obs.base == base)
                || self.readers.iter().any(|reader| held(reader) == Some(base))
        };
        (ABSENT + 1..).find(|base| !taken(*base)).unwrap_or(ABSENT)
    }

    fn highest_number(&self) -> u8 {
        let seen = (0..WRITERS).filter(|i| self.visible.has(*i));
        seen.map(|i| self.numbers[i]).max().unwrap_or_default()
    }
}

impl Tokens {
    /// What a statement sees as the version; one without a base is absent.
    fn shown(&self, state: &State) -> Version {
        let alone = |base| Version { base, tokens: WriterSet::default() };
        match self.design {
            Design::CounterRow => alone(1 + state.count),
            Design::HighestNumber => alone(1 + state.highest_number()),
            _ if state.register.base == ABSENT => Version::default(),
            _ => {
                let Version { base, tokens } = state.register;
                // A token is in one place only: XOR is union.
                Version { base, tokens: tokens.union(state.visible) }
            }
        }
    }

    pub(super) fn reader_step(&self, from: &State, i: usize) -> Option<Step<State>> {
        let mut to = *from;
        let (does, next) = match from.readers[i] {
            Reader::Lookup => return Some(self.look(from, i)),
            Reader::Create => {
                if from.register.base == ABSENT {
                    to.register = Version { base: from.fresh(), tokens: WriterSet::default() };
                }
                ("creates register", Reader::Query(self.shown(&to)))
            }
            Reader::Query(obs) => {
                ("reads database", Reader::Store(Entry { value: from.committed, obs }))
            }
            Reader::Store(entry) => {
                let late = self.design == Design::StoreObserves;
                let obs = if late { self.shown(from) } else { entry.obs };
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
        let version = self.shown(from);
        let present = version.base != ABSENT;
        if let Some(entry) = from.entry.filter(|entry| present && entry.obs == version) {
            to.readers[i] = Reader::Done;
            let old = !from.committed.without(entry.value).is_empty();
            let broken = old.then_some(Broken::OldValue).into_iter().collect();
            return Step::new(Who::Reader(i), "hits", to).breaking(broken);
        }
        to.readers[i] = if present { Reader::Query(version) } else { Reader::Create };
        Step::new(Who::Reader(i), "misses", to)
    }

    pub(super) fn writer_steps(&self, from: &State, i: usize) -> Vec<Step<State>> {
        match from.writers[i] {
            // The writers are alike, so it is enough to let them begin in order.
            Act::Write if i > 0 && from.writers[i - 1] == Act::Write => Vec::new(),
            Act::Write => {
                let mut to = *from;
                to.numbers[i] = 1 + from.numbers.iter().max().copied().unwrap_or_default();
                if self.design == Design::OtherTransaction {
                    to.visible = from.visible.with(i);
                }
                vec![by(i, Act::Commit, "writes", to)]
            }
            Act::Commit => {
                let committed = State {
                    committed: from.committed.with(i),
                    visible: from.visible.union(self.own(from, i)),
                    count: from.count + 1,
                    ..*from
                };
                vec![by(i, Act::Done, "commits", committed), by(i, Act::Done, "rolls back", *from)]
            }
            Act::Done => Vec::new(),
        }
    }

    /// The token that becomes visible with a writer's change.
    fn own(&self, from: &State, i: usize) -> WriterSet {
        let folded = from.register.tokens.has(i);
        let early = self.design == Design::OtherTransaction;
        if early || folded { WriterSet::default() } else { WriterSet::only(i) }
    }

    /// Puts the visible tokens into the register, in one transaction; where there is no register,
    /// takes them away: the next one has a token of its own.
    pub(super) fn fold(&self, from: &State) -> Option<Step<State>> {
        let has_tokens = !matches!(self.design, Design::CounterRow | Design::HighestNumber);
        if !has_tokens || (from.visible.is_empty() && from.between.is_empty()) {
            return None;
        }
        let mut to = State { visible: WriterSet::default(), ..*from };
        if self.design == Design::FoldInTwo && from.between.is_empty() {
            to.between = from.visible;
            return Some(Step::new(Who::Store, "takes tokens away", to));
        }
        if self.design == Design::FoldInTwo {
            (to.visible, to.between) = (from.visible, WriterSet::default());
            to.register.tokens = from.register.tokens.union(from.between);
        } else if from.register.base != ABSENT {
            to.register.tokens = from.register.tokens.union(from.visible);
        }
        Some(Step::new(Who::Store, "folds", to))
    }

    /// An invalidation by hand: the register gets a token of its own, whatever was folded into it.
    pub(super) fn bump(&self, from: &State) -> Option<Step<State>> {
        if from.bumps == 0 || from.register.base == ABSENT {
            return None;
        }
        let register = Version { base: from.fresh(), tokens: WriterSet::default() };
        let to = State { register, bumps: from.bumps - 1, ..*from };
        Some(Step::new(Who::Store, "bumps", to))
    }

    /// The register is lost: swept, or emptied by a crash. Tokens may be left.
    pub(super) fn lose(&self, from: &State) -> Option<Step<State>> {
        if from.losses == 0 {
            return None;
        }
        let losses = from.losses - 1;
        let to = State { losses, register: Version::default(), count: 0, ..*from };
        Some(Step::new(Who::Store, "loses the register", to))
    }
}

fn by(i: usize, next: Act, does: &'static str, mut to: State) -> Step<State> {
    to.writers[i] = next;
    Step::new(Who::Writer(i), does, to)
}
