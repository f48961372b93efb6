//! What writers and the cap do with a cell. One step is one lock section or one atomic.

use super::super::step::{Step, Who};
use super::{Act, Cells, DEAD, Design, State};

impl Cells {
    pub(super) fn writer_step(&self, from: &State, i: usize) -> Option<Step<State>> {
        let mut to = *from;
        let (does, act) = match from.writers[i] {
            // The writers are alike, so it is enough to let them begin in order.
            Act::Commit if i > 0 && from.writers[i - 1] == Act::Commit => return None,
            Act::Commit => {
                to.committed = from.committed.with(i);
                ("commits", Act::Find)
            }
            Act::Find => match from.mapped {
                // Whatever pointed at the tag's last cell is dead already: nothing to bump.
                None => bumped(&mut to, i),
                Some(cell) if self.finds_first() => ("finds the cell", Act::Write(cell)),
                Some(cell) => self.write(&mut to, i, cell),
            },
            Act::Write(cell) => self.write(&mut to, i, cell),
            Act::Acknowledge => {
                to.acked = from.acked.with(i);
                ("is acknowledged", Act::Done)
            }
            Act::Done => return None,
        };
        to.writers[i] = act;
        Some(Step::new(Who::Writer(i), does, to))
    }

    fn finds_first(&self) -> bool {
        matches!(self.design, Design::BumpRetriesIfDead | Design::BumpRevives)
    }

    fn write(&self, to: &mut State, i: usize, cell: usize) -> (&'static str, Act) {
        if self.design == Design::BumpRetriesIfDead && to.cells[cell] == DEAD {
            return ("looks again", Act::Find);
        }
        to.version += 1;
        to.cells[cell] = to.version;
        bumped(to, i)
    }

    pub(super) fn removal_steps(&self, from: &State) -> Option<Step<State>> {
        let mut to = *from;
        let does = match (from.unmarked, from.mapped) {
            (Some(cell), _) => {
                to.unmarked = None;
                to.cells[cell] = DEAD;
                "marks the cell dead"
            }
            (None, Some(cell)) if from.removals > 0 => {
                to.removals -= 1;
                to.mapped = None;
                match self.design {
                    Design::NotMarked => {}
                    Design::MarkedLate => to.unmarked = Some(cell),
                    _ => to.cells[cell] = DEAD,
                }
                "removes the cell"
            }
            _ => return None,
        };
        Some(Step::new(Who::Store, does, to))
    }
}

fn bumped(to: &mut State, i: usize) -> (&'static str, Act) {
    to.bumped = to.bumped.with(i);
    ("bumps", Act::Acknowledge)
}
