//! The account of what is owed: plain bookkeeping, under the journal's lock.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Weak};

use super::member::Member;
use super::recent::Recent;
use crate::clock::Tick;

/// How many registers are known by name to be owed.
pub(super) const MAX_OWED: usize = 10_000;

/// Who owes what.
///
/// A register is owed while a live [`Debt`](super::Debt) *holds* it, and while it was *left* by
/// one: then nobody but the deliverer delivers it. What was left carries a turn, and a bump settles
/// only what was left before that bump began.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    owed: HashMap<Arc<str>, Owed>,
    /// What was left, in the order in which it is to be delivered.
    left: BTreeMap<u64, Arc<str>>,
    turn: u64,
    /// Live debts whose registers found no room: everything is owed meanwhile.
    unlisted: usize,
    /// The epochs that stand for registers whose names were let go: everything is owed until each
    /// of them has moved.
    flood: HashSet<Arc<str>>,
    /// Names were let go once. Regions that were not there then have to move their epochs, too.
    flooded: bool,
    recent: Recent,
    members: Vec<Weak<Member>>,
    /// How often the backend was seen to have lost its memory.
    pub(super) replays: u64,
    /// Members that may be dropped now, after the lock was given back: with them goes the code of
    /// a backend.
    spent: Vec<Arc<Member>>,
}

#[derive(Debug, Default)]
struct Owed {
    held: usize,
    left: Option<Left>,
}

#[derive(Debug)]
struct Left {
    turn: u64,
    by: Arc<Member>,
}

/// How often the backend had been seen to lose its memory when a call began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Witness {
    pub(super) replays: u64,
}

/// What one bump is to deliver.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) registers: Vec<Arc<str>>,
    pub(super) by: Arc<Member>,
    /// The bump settles what was left up to here.
    turn: u64,
}

impl Ledger {
    /// Whether anything at all is owed.
    pub(super) fn is_clear(&self) -> bool {
        self.owed.is_empty() && self.unlisted == 0 && self.flood.is_empty()
    }

    pub(super) fn owes(&self, registers: impl IntoIterator<Item = impl AsRef<str>>) -> bool {
        self.unlisted > 0
            || !self.flood.is_empty()
            || registers.into_iter().any(|register| self.owed.contains_key(register.as_ref()))
    }

    /// How many registers wait for the deliverer.
    pub(super) fn left(&self) -> usize {
        self.left.len()
    }

    /// Adds the member of a region that begins.
    pub(super) fn join(&mut self, member: &Arc<Member>) {
        self.members.retain(|other| other.strong_count() > 0);
        self.members.push(Arc::downgrade(member));
        if self.flooded {
            // Its entries may depend on names that were let go.
            self.leave_one(&member.epoch, member);
        }
    }

    /// The members whose links are in use.
    pub(super) fn members(&mut self) -> Vec<Arc<Member>> {
        let (live, gone) = self.members.iter().filter_map(Weak::upgrade).partition(|m| m.in_use());
        let gone: Vec<_> = gone;
        self.spent.extend(gone);
        live
    }

    /// Takes the registers of a new debt down; `false` if there is no room for their names.
    pub(super) fn owe(&mut self, registers: &[Arc<str>]) -> bool {
        let new = registers.iter().filter(|register| !self.owed.contains_key(*register)).count();
        if new > 0 && self.owed.len() + new > MAX_OWED {
            self.unlisted += 1;
            return false;
        }
        for register in registers {
            self.owed.entry(Arc::clone(register)).or_default().held += 1;
        }
        true
    }

    /// A debt was paid by its owner; `false` if that counts for nothing: see [`is_kept`].
    ///
    /// [`is_kept`]: Self::is_kept
    pub(super) fn paid(
        &mut self,
        registers: &[Arc<str>],
        listed: bool,
        witness: Witness,
        now: Tick,
    ) -> bool {
        if !self.is_kept(witness) {
            return false;
        }
        self.let_go(registers, listed);
        registers.iter().for_each(|register| self.recent.push(register, now));
        true
    }

    /// Whether what was acknowledged since `witness` has not been lost, as far as anybody knows.
    ///
    /// Asked under the lock under which a bump is taken down as recent: a loss that is noticed
    /// later finds it there, one that was noticed earlier does not, and is found here.
    const fn is_kept(&self, witness: Witness) -> bool {
        self.replays == witness.replays
    }

    /// A debt was dropped unpaid; says how many names were let go.
    pub(super) fn leave(
        &mut self,
        registers: &[Arc<str>],
        listed: bool,
        by: &Arc<Member>,
    ) -> usize {
        if listed {
            registers.iter().for_each(|register| self.leave_one(register, by));
        }
        self.let_go(registers, listed);
        if listed { 0 } else { self.let_names_go() + registers.len() }
    }

    fn let_go(&mut self, registers: &[Arc<str>], listed: bool) {
        if !listed {
            self.unlisted -= 1;
            return;
        }
        for register in registers {
            if let Some(owed) = self.owed.get_mut(register) {
                owed.held -= 1;
            }
            self.strike(register);
        }
    }

    /// Puts a register at the end of what is to be delivered.
    fn leave_one(&mut self, register: &Arc<str>, by: &Arc<Member>) {
        self.turn += 1;
        let left = Left { turn: self.turn, by: Arc::clone(by) };
        let owed = self.owed.entry(Arc::clone(register)).or_default();
        if let Some(earlier) = owed.left.replace(left) {
            self.left.remove(&earlier.turn);
            self.spent.push(earlier.by);
        }
        self.left.insert(self.turn, Arc::clone(register));
    }

    /// Takes a register off that is not owed any more.
    fn strike(&mut self, register: &str) {
        if self.owed.get(register).is_some_and(|owed| owed.held == 0 && owed.left.is_none()) {
            self.owed.remove(register);
        }
    }

    /// Takes a register off that needs no delivery any more, whoever still holds it.
    fn strike_left(&mut self, register: &str) {
        if let Some(left) = self.owed.get_mut(register).and_then(|owed| owed.left.take()) {
            self.left.remove(&left.turn);
            self.spent.push(left.by);
        }
        self.strike(register);
    }

    /// Owes the epoch of every region in place of all that was left; says how many names that were.
    ///
    /// What a live debt holds stays: its write may be yet to come.
    fn let_names_go(&mut self) -> usize {
        let names: Vec<_> = self.left.values().cloned().collect();
        names.iter().for_each(|register| self.strike_left(register));
        self.flooded = true;
        self.flood.clear();
        for member in self.members() {
            self.leave_one(&member.epoch, &member);
            self.flood.insert(Arc::clone(&member.epoch));
            self.spent.push(member);
        }
        names.len()
    }

    /// The backend may have lost the bumps of late: they are owed again. Says how many names were
    /// let go.
    pub(super) fn replay(&mut self, by: &Arc<Member>, now: Tick) -> usize {
        self.replays += 1;
        let taken = self.recent.take(now);
        let new = taken.registers.iter().filter(|register| !self.owed.contains_key(*register));
        if taken.incomplete || self.owed.len() + new.count() > MAX_OWED {
            return self.let_names_go() + taken.registers.len();
        }
        taken.registers.iter().for_each(|register| self.leave_one(register, by));
        0
    }

    /// What is to be delivered next: the oldest of what was left, and what else its owner left.
    pub(super) fn next(&mut self, most: usize) -> Option<Batch> {
        let (_, first) = self.left.first_key_value()?;
        let owner = Arc::clone(self.owner(first)?);
        let registers = self.left.values();
        let registers = registers
            .filter(|register| self.owner(register).is_some_and(|by| Arc::ptr_eq(by, &owner)))
            .take(most)
            .cloned()
            .collect();
        Some(Batch { registers, by: self.stand_in(owner), turn: self.turn })
    }

    /// Who delivers for `owner`: itself, or another one if its region is gone. Its connection may
    /// then be, too.
    fn stand_in(&mut self, owner: Arc<Member>) -> Arc<Member> {
        if owner.in_use() {
            return owner;
        }
        let mut others = self.members();
        let other = others.pop();
        self.spent.append(&mut others);
        let Some(other) = other else { return owner };
        self.spent.push(owner);
        other
    }

    fn owner(&self, register: &str) -> Option<&Arc<Member>> {
        Some(&self.owed.get(register)?.left.as_ref()?.by)
    }

    /// A batch was delivered; says how many registers are not left any more. `None` if that counts
    /// for nothing, as in [`paid`](Self::paid).
    pub(super) fn settle(&mut self, batch: &Batch, witness: Witness, now: Tick) -> Option<usize> {
        if !self.is_kept(witness) {
            return None;
        }
        let mut settled = 0;
        for register in &batch.registers {
            self.recent.push(register, now);
            if self.left_before(register, batch.turn) {
                self.strike_left(register);
                self.flood.remove(register);
                settled += 1;
            }
        }
        Some(settled)
    }

    /// A batch could not be delivered: others come first now.
    pub(super) fn put_off(&mut self, batch: &Batch) {
        for register in &batch.registers {
            if self.left_before(register, batch.turn)
                && let Some(owner) = self.owner(register).cloned()
            {
                self.leave_one(register, &owner);
                self.spent.push(owner);
            }
        }
    }

    fn left_before(&self, register: &str, turn: u64) -> bool {
        let left = self.owed.get(register).and_then(|owed| owed.left.as_ref());
        left.is_some_and(|left| left.turn <= turn)
    }

    /// What is to be dropped once the lock is given back.
    pub(super) fn take_spent(&mut self) -> Vec<Arc<Member>> {
        std::mem::take(&mut self.spent)
    }
}
