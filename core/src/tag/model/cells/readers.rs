//! What readers do with a cell. One step is one lock section or one atomic.

use super::super::properties::{Broken, Served, judge};
use super::super::state::WriterSet;
use super::super::step::{Step, Who};
use super::{At, Cells, DEAD, Design, Entry, Reader, State};

impl State {
    /// The cell in the map, made if there is none: get-or-insert under the shard's lock.
    fn cell(&mut self) -> usize {
        if let Some(cell) = self.mapped {
            return cell;
        }
        let cell = self.made;
        self.version += 1;
        self.cells[cell] = self.version;
        self.made += 1;
        self.mapped = Some(cell);
        cell
    }
}

impl Cells {
    pub(super) fn reader_step(&self, from: &State, i: usize) -> Option<Step<State>> {
        let mut to = *from;
        let reader = from.readers[i];
        let (does, next) = match reader.at {
            At::Lookup => look(from),
            At::Validate => return Some(self.validate(from, i, reader.entry?)),
            At::Missed => ("finds the cell", Reader { at: At::Found, cell: to.cell(), ..reader }),
            At::Found => self.observe(from, reader),
            At::Observed => {
                ("starts query", Reader { at: At::Querying, began: from.bumped, ..reader })
            }
            At::Querying => {
                ("reads database", Reader { at: At::Loaded, value: from.committed, ..reader })
            }
            At::Loaded => {
                let Reader { value, began, cell, obs, .. } = reader;
                to.entry = Some(Entry { value, began, cell, obs });
                ("stores", done())
            }
            At::Done => return None,
        };
        to.readers[i] = next;
        Some(Step::new(Who::Reader(i), does, to))
    }

    /// The hit path: one load of the cell that the entry holds.
    fn validate(&self, from: &State, i: usize, entry: Entry) -> Step<State> {
        let mut to = *from;
        let now = from.cells[entry.cell];
        if entry.obs != now || (now == DEAD && self.design != Design::DeadIsAVersion) {
            to.readers[i] = Reader { at: At::Missed, ..Reader::default() };
            return Step::new(Who::Reader(i), "misses", to);
        }
        to.readers[i] = done();
        let mut broken = judged(from.readers[i].acked, entry);
        if now == DEAD {
            broken.push(Broken::HitOnAbsent);
        }
        Step::new(Who::Reader(i), "hits", to).breaking(broken)
    }

    fn observe(&self, from: &State, reader: Reader) -> (&'static str, Reader) {
        match from.cells[reader.cell] {
            // Removed since it was found: go on without the cache.
            DEAD if self.design != Design::DeadIsAVersion => ("finds it dead", done()),
            obs => ("observes", Reader { at: At::Observed, obs, ..reader }),
        }
    }
}

fn look(from: &State) -> (&'static str, Reader) {
    let missed = Reader { at: At::Missed, ..Reader::default() };
    let found = |entry| Reader {
        at: At::Validate,
        acked: from.acked,
        entry: Some(entry),
        ..Reader::default()
    };
    ("gets the entry", from.entry.map_or(missed, found))
}

fn done() -> Reader {
    Reader { at: At::Done, ..Reader::default() }
}

fn judged(acked: WriterSet, Entry { value, began, .. }: Entry) -> Vec<Broken> {
    judge(acked, WriterSet::default(), value, began, Served::Fresh)
}
