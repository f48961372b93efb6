//! What befalls the store: eviction, FLUSH, a create that arrives a second time.

use super::scope::Tags;
use super::state::{HARD, Register, SOFT, State, Version};
use super::step::{Step, Who};
use super::writers::reused;

impl Tags {
    /// Eviction, FLUSH and the late delivery of a create, while the budget lasts.
    pub(super) fn store_steps(&self, from: &State, out: &mut Vec<Step<State>>) {
        for (tag, does) in [(HARD, "evicts hard tag"), (SOFT, "evicts soft tag")] {
            if from.budget.evictions > 0 && !from.registers[tag].version.is_absent() {
                let mut to = *from;
                to.budget.evictions -= 1;
                to.registers[tag] = Register::default();
                out.push(Step::new(Who::Store, does, to));
            }
        }
        if from.budget.flushes > 0 {
            let mut to = State { registers: Default::default(), ..*from };
            to.entries = Default::default();
            to.budget.flushes -= 1;
            out.push(Step::new(Who::Store, "flushes", to));
        }
        if !from.late.is_absent() {
            out.push(late_create(from));
        }
    }
}

fn late_create(from: &State) -> Step<State> {
    let mut to = State { late: Version::ABSENT, ..*from };
    let mut broken = Vec::new();
    if from.registers[HARD].version.is_absent() {
        to.registers[HARD] = Register { version: from.late, by_soft: false };
        broken = reused(from, HARD, from.late);
    }
    Step::new(Who::Store, "gets the second create", to).breaking(broken)
}
