//! What a reader does: look up, and on a miss observe, query and store.

use super::design::Design;
use super::load::{read_database, store};
use super::scope::Tags;
use super::state::{At, Reader, State};
use super::step::{Step, Who};

impl Tags {
    pub(super) fn reader_steps(&self, from: &State, out: &mut Vec<Step<State>>) {
        for (i, reader) in from.readers.iter().enumerate() {
            match reader.at {
                At::Lookup => self.look(from, i, out),
                At::Missed => self.observe(from, i, out),
                At::Querying => out.push(read_database(from, i)),
                At::Loaded if self.rereads() => out.push(self.reread(from, i)),
                At::Loaded | At::Checked => out.push(store(from, i)),
                At::Done => {}
            }
        }
    }

    pub(super) fn tags(&self) -> usize {
        self.design.tags(self.scope.soft)
    }

    fn rereads(&self) -> bool {
        self.scope.recheck || self.design == Design::ReadAtStore
    }
}

pub(super) fn step(reader: usize, does: &'static str, to: State) -> Step<State> {
    Step::new(Who::Reader(reader), does, to)
}

pub(super) fn done(key: u8) -> Reader {
    Reader { at: At::Done, key, ..Reader::default() }
}
