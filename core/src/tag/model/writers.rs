//! What a writer does: commit, bump, acknowledged.

use super::design::Design;
use super::properties::Broken;
use super::scope::{Kind, Tags};
use super::state::{HARD, Register, SOFT, State, Version};
use super::step::{Step, Who};

/// One act of a writer.
type Act = fn(&Tags, &State, usize) -> Step<State>;

impl Tags {
    /// A writer that crashes is one that never moves again: every prefix is explored, so a crash
    /// needs no step of its own. What was not acknowledged is not promised.
    pub(super) fn writer_steps(&self, from: &State, out: &mut Vec<Step<State>>) {
        let order: [Act; 3] = match self.design {
            Design::BumpBeforeCommit => [Self::bump, Self::commit, Self::acknowledge],
            _ => [Self::commit, Self::bump, Self::acknowledge],
        };
        for i in 0..self.scope.writers.len() {
            let writer = from.writers[i];
            // Writers of one kind are alike, so it is enough to let them begin in order.
            let alike = i > 0 && self.scope.writers[i] == self.scope.writers[i - 1];
            if alike && from.writers[i - 1].acts == 0 {
                continue;
            }
            match order.get(usize::from(writer.acts)) {
                Some(act) => {
                    let mut step = act(self, from, i);
                    step.to.writers[i].acts += 1;
                    out.push(step);
                }
                None if self.scope.replay && !writer.replayed => out.push(self.replay(from, i)),
                None => {}
            }
        }
    }

    fn commit(&self, from: &State, i: usize) -> Step<State> {
        let committed = from.committed.with(i);
        Step::new(Who::Writer(i), "commits", State { committed, ..*from })
    }

    fn bump(&self, from: &State, i: usize) -> Step<State> {
        let (does, tag, by_soft) = match (self.scope.writers[i], self.design) {
            (Kind::Hard, _) => ("bumps", HARD, false),
            (Kind::Soft, Design::OneRegister) => ("bumps softly", HARD, true),
            (Kind::Soft, _) => ("bumps softly", SOFT, true),
        };
        let mut to = *from;
        let version = match self.design {
            Design::Timestamps => Version(from.clock - self.scope.lag),
            design => design.bumped(from, tag),
        };
        to.clock += u8::from(self.design == Design::Timestamps);
        to.registers[tag] = Register { version, by_soft };
        to.bumped = from.bumped.with(i);
        if self.scope.replay && self.design == Design::ReplaySameToken {
            to.writers[i].sent = version;
        }
        Step::new(Who::Writer(i), does, to).breaking(reused(from, tag, version))
    }

    fn acknowledge(&self, from: &State, i: usize) -> Step<State> {
        Step::new(Who::Writer(i), "is acknowledged", State { acked: from.acked.with(i), ..*from })
    }

    /// The journal delivers a bump again, because it cannot know whether a failover lost it.
    fn replay(&self, from: &State, i: usize) -> Step<State> {
        let mut again = self.bump(from, i);
        again.label.does = "replays its bump";
        again.to.writers[i].replayed = true;
        again.to.writers[i].sent = Version::ABSENT;
        if self.design == Design::ReplaySameToken {
            let tag = if self.scope.writers[i] == Kind::Soft { SOFT } else { HARD };
            let version = from.writers[i].sent;
            again.to.registers[tag].version = version;
            again.broken = reused(from, tag, version);
        }
        again
    }
}

/// Whether writing this version brings an earlier one back.
pub(super) fn reused(from: &State, tag: usize, version: Version) -> Vec<Broken> {
    // Writing what the register holds already changes nothing.
    let moves = !version.is_absent() && from.registers[tag].version != version;
    let again = moves && from.remembers(tag, version);
    again.then_some(Broken::VersionReused).into_iter().collect()
}
