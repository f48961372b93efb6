//! Changing registers, each atomically: compare and swap, many at once.
//!
//! A round is one trip for all registers that are not done. It writes what was decided, on the
//! condition that the register is still what that was decided from, and reads the register behind
//! it: where the write came too late, the next round has what it needs. The first round writes as if
//! there were nothing, which is so for most tags that are invalidated and that nobody reads.
//!
//! Somebody's write went through wherever another one came too late, so rounds come to an end; they
//! are bounded all the same.

use dogpile::Result;
use dogpile::backend::TagVersion;

use super::Register;
use crate::client::{Answers, Client, Condition, Item, Outcome, Trip, Want};
use crate::error::{contended, refused};
use crate::keys::Key;

/// More rounds than there are writers who could get in between.
const ROUNDS: u32 = 128;

/// What is to be done about a register, seen what it is.
#[derive(Debug)]
pub(crate) enum Step<T> {
    /// Nothing.
    Done(T),
    /// To be written, and what is to be said when it is.
    Write(Register, T),
}

/// What one call does to each of its registers.
pub(crate) trait Rule {
    /// What is said of each.
    type Said;

    /// The operation, as errors name it.
    const OPERATION: &'static str;

    /// What to do about the register in this place, where there is none.
    fn absent(&self, place: usize) -> Step<Self::Said>;

    /// What to do about it where it is this, and had the version `seen` when this call first saw it.
    fn held(&self, place: usize, held: Register, seen: TagVersion) -> Result<Step<Self::Said>>;
}

/// Changes to several registers, on their way.
pub(crate) struct Change<'k, R: Rule> {
    rule: R,
    slots: Vec<Slot<'k, R::Said>>,
    round: u32,
}

struct Slot<'k, T> {
    key: Key<'k>,
    seen: Option<TagVersion>,
    state: State<T>,
}

enum State<T> {
    /// To be read.
    Unknown,
    /// To be written, and read behind that.
    Decided {
        register: Register,
        condition: Condition,
        then: T,
    },
    Done(T),
}

impl<'k, R: Rule> Change<'k, R> {
    /// What `rule` does to the registers of these keys.
    pub(crate) fn new(rule: R, keys: impl Iterator<Item = Result<Key<'k>>>) -> Result<Self> {
        let slot = |(place, key): (usize, Result<Key<'k>>)| {
            let state = match rule.absent(place) {
                // Nothing is done where there is nothing: so it is looked at first.
                Step::Done(_) => State::Unknown,
                step => State::of(step, Condition::Absent),
            };
            Ok(Slot { key: key?, seen: None, state })
        };
        let slots = keys.enumerate().map(slot).collect::<Result<_>>()?;
        Ok(Self { rule, slots, round: 0 })
    }

    /// Makes all the rounds that it takes; what is said of each register, in order.
    pub(crate) async fn run(mut self, client: &Client) -> Result<Vec<R::Said>> {
        loop {
            let mut trip = client.trip(R::OPERATION);
            self.ask(&mut trip)?;
            if trip.is_empty() {
                return Ok(self.said());
            }
            self.judge(&mut trip.send().await?)?;
        }
    }

    /// Adds the requests of the next round to `trip`; none, if all is done.
    pub(crate) fn ask(&mut self, trip: &mut Trip<'_>) -> Result<()> {
        let mut open = self.slots.iter().filter(|slot| !slot.is_done()).peekable();
        if open.peek().is_none() {
            return Ok(());
        }
        if self.round == ROUNDS {
            return Err(contended(R::OPERATION));
        }
        self.round += 1;
        open.for_each(|slot| slot.ask(trip));
        Ok(())
    }

    /// Takes the answers to that round.
    pub(crate) fn judge(&mut self, answers: &mut Answers) -> Result<()> {
        let open = self.slots.iter_mut().enumerate().filter(|(_, slot)| !slot.is_done());
        for (place, slot) in open {
            slot.judge(&self.rule, place, answers)?;
        }
        Ok(())
    }

    fn said(self) -> Vec<R::Said> {
        let said = self.slots.into_iter().filter_map(|slot| match slot.state {
            State::Done(said) => Some(said),
            State::Unknown | State::Decided { .. } => None,
        });
        said.collect()
    }
}

impl<T> Slot<'_, T> {
    const fn is_done(&self) -> bool {
        matches!(self.state, State::Done(_))
    }

    fn ask(&self, trip: &mut Trip<'_>) {
        if let State::Decided { register, condition, .. } = &self.state {
            trip.set(&self.key, &register.value(), register.ttl(), *condition);
        }
        trip.get(&self.key, Want::All);
    }

    fn judge<R: Rule<Said = T>>(
        &mut self,
        rule: &R,
        place: usize,
        answers: &mut Answers,
    ) -> Result<()> {
        let decided = std::mem::replace(&mut self.state, State::Unknown);
        let outcome = match &decided {
            State::Decided { .. } => answers.outcome()?,
            State::Unknown | State::Done(_) => Outcome::Not,
        };
        let item = answers.item()?;
        self.state = match (outcome, decided) {
            (Outcome::Done, State::Decided { then, .. }) => State::Done(then),
            (Outcome::TooLarge, _) => return Err(refused(R::OPERATION)),
            _ => match item {
                None => State::of(rule.absent(place), Condition::Absent),
                Some(item) => self.decide(rule, place, &item)?,
            },
        };
        Ok(())
    }

    fn decide<R: Rule<Said = T>>(
        &mut self,
        rule: &R,
        place: usize,
        item: &Item,
    ) -> Result<State<T>> {
        let held = item.value.as_deref().and_then(|value| Register::parse(value, item.left));
        let step = match held {
            // Whoever wrote it was none of us: it counts as nothing, and is overwritten.
            None => rule.absent(place),
            Some(held) => {
                let seen = *self.seen.get_or_insert(held.version);
                rule.held(place, held, seen)?
            }
        };
        Ok(State::of(step, Condition::Unchanged(item.cas()?)))
    }
}

impl<T> State<T> {
    fn of(step: Step<T>, condition: Condition) -> Self {
        match step {
            Step::Done(said) => Self::Done(said),
            Step::Write(register, then) => Self::Decided { register, condition, then },
        }
    }
}
