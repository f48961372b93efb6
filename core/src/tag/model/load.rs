//! The load: observation, query, store.

use super::design::{Design, Verdict};
use super::properties::Broken;
use super::readers::{done, step};
use super::scope::Tags;
use super::state::{At, Entry, HARD, Reader, Register, State, Version};
use super::step::Step;

impl Tags {
    /// Creates what is absent, then starts the query: strictly after the observation is whole.
    pub(super) fn observe(&self, from: &State, i: usize, out: &mut Vec<Step<State>>) {
        let seen = from.readers[i].seen;
        let absent = |tag: &usize| seen[*tag].version.is_absent();
        match (0..self.tags()).find(absent) {
            Some(tag) if self.design.creates_before_query() => self.create(from, i, tag, out),
            _ => out.push(self.start_query(from, i)),
        }
    }

    /// Create-if-absent: whoever comes second takes the first one's version.
    fn create(&self, from: &State, i: usize, tag: usize, out: &mut Vec<Step<State>>) {
        let mut to = *from;
        if !from.registers[tag].version.is_absent() {
            to.readers[i].seen[tag] = from.registers[tag];
            return out.push(step(i, "finds tag", to));
        }
        let version = self.design.created(from, tag);
        to.registers[tag] = Register { version, by_soft: false };
        to.readers[i].seen[tag] = to.registers[tag];
        let reused = from.remembers(tag, version).then_some(Broken::VersionReused);
        if tag == HARD && from.budget.late_creates > 0 {
            let mut twice = to;
            twice.budget.late_creates -= 1;
            twice.late = version;
            out.push(step(i, "creates tag, sent twice", twice));
        }
        out.push(step(i, "creates tag", to).breaking(reused.into_iter().collect()));
    }

    fn start_query(&self, from: &State, i: usize) -> Step<State> {
        let mut to = *from;
        let reader = &mut to.readers[i];
        reader.at = At::Querying;
        reader.began = from.bumped;
        if self.design == Design::Timestamps {
            reader.seen[HARD].version = Version(from.clock);
            to.clock += 1;
        }
        step(i, "starts query", to)
    }

    pub(super) fn reread(&self, from: &State, i: usize) -> Step<State> {
        let mut to = *from;
        if self.design == Design::ReadAtStore {
            if from.registers[HARD].version.is_absent() {
                to.registers[HARD].version = self.design.created(from, HARD);
            }
            to.readers[i].seen = to.registers;
        }
        let obs = to.readers[i].seen.map(|register| register.version);
        if self.design.verdict(obs, to.registers, self.tags()) != Verdict::Fresh {
            to.readers[i] = done(from.readers[i].key);
            return step(i, "drops the store", to);
        }
        to.readers[i].at = At::Checked;
        step(i, "re-reads tags", to)
    }
}

pub(super) fn read_database(from: &State, i: usize) -> Step<State> {
    let mut to = *from;
    to.readers[i].at = At::Loaded;
    to.readers[i].value = from.committed;
    step(i, "reads database", to)
}

pub(super) fn store(from: &State, i: usize) -> Step<State> {
    let mut to = *from;
    let Reader { key, value, began, seen, .. } = from.readers[i];
    let obs = seen.map(|register| register.version);
    to.entries[usize::from(key)] = Some(Entry { value, began, obs });
    to.readers[i] = done(key);
    step(i, "stores", to)
}
