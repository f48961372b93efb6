//! The lookup: reads the entry and the tags, in one trip or apart, and decides.

use super::design::Verdict;
use super::properties::{Broken, Served, judge};
use super::readers::{done, step};
use super::scope::{Reads, Tags};
use super::state::{At, Entry, HARD, Reader, Register, SOFT, State, WriterSet};
use super::step::Step;

/// The parts of a lookup, as bits of `Reader::parts`.
const PARTS: [(u8, &str); 3] = [(1, "reads entry"), (2, "reads hard tag"), (4, "reads soft tag")];

impl Tags {
    pub(super) fn look(&self, from: &State, i: usize, out: &mut Vec<Step<State>>) {
        let parts = &PARTS[..=self.tags()];
        let all = parts.iter().fold(0, |bits, (bit, _)| bits | bit);
        match self.scope.reads {
            Reads::Together => out.push(self.read_parts(from, i, (all, ""), all)),
            Reads::Apart => out.extend(
                parts
                    .iter()
                    .filter(|(bit, _)| from.readers[i].parts & bit == 0)
                    .map(|part| self.read_parts(from, i, *part, all)),
            ),
        }
    }

    /// The lookup begins with its first read: that is the latest start, so the hardest to serve.
    fn read_parts(&self, from: &State, i: usize, part: (u8, &'static str), all: u8) -> Step<State> {
        let mut to = *from;
        let reader = &mut to.readers[i];
        if reader.parts == 0 {
            reader.acked = from.acked;
        }
        reader.parts |= part.0;
        if part.0 & 1 != 0 {
            reader.entry = from.entries[usize::from(reader.key)];
        }
        for tag in [HARD, SOFT] {
            if part.0 & (2 << tag) != 0 {
                reader.seen[tag] = from.registers[tag];
            }
        }
        if reader.parts == all { self.decide(to, i) } else { step(i, part.1, to) }
    }

    fn decide(&self, mut to: State, i: usize) -> Step<State> {
        let Reader { key, entry, seen, acked, .. } = to.readers[i];
        let verdict = entry.map(|e| (e, self.design.verdict(e.obs, seen, self.tags())));
        to.readers[i] = Reader { at: At::Missed, key, seen, ..Reader::default() };
        match verdict {
            Some((entry, Verdict::Fresh)) => {
                to.readers[i] = done(key);
                self.serve(step(i, "hits", to), acked, entry, seen, Served::Fresh)
            }
            // Served at once; the same reader may go on to refresh it, or never move again.
            Some((entry, Verdict::Stale)) => {
                self.serve(step(i, "hits stale", to), acked, entry, seen, Served::Stale)
            }
            Some((_, Verdict::Dead)) | None => step(i, "misses", to),
        }
    }

    fn serve(
        &self,
        mut step: Step<State>,
        acked: WriterSet,
        entry: Entry,
        seen: [Register; 2],
        served: Served,
    ) -> Step<State> {
        step.broken = judge(acked, self.scope.soft_writers(), entry.value, entry.began, served);
        if seen[HARD].version.is_absent() {
            step.broken.push(Broken::HitOnAbsent);
        }
        step
    }
}
