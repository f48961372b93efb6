//! Storing entries, those under a lease by compare and swap.
//!
//! A lease and the entry that it protects are two items, and memcached changes one at a time. So
//! the entry is looked at first, the lease after that, and then the entry is written if it is still
//! what it was: whoever took the lease later and has stored since has changed the entry, and the
//! late store is refused. In between nothing can have happened to the entry, so that the store
//! counts as made at the moment when the lease was looked at.

use std::time::Duration;

use dogpile::Result;
use dogpile::backend::{Fence, Put, Stored};

use super::Inner;
use crate::client::{Answers, Condition, Outcome, Trip, Want};
use crate::error::contended;
use crate::keys::{Key, Keys};
use crate::lease::is_held_by;
use crate::life::Ttl;
use crate::register::Change;
use crate::tags::Extend;

const OPERATION: &str = "store";
/// More rounds than one store under a lease takes while others store the same entry without one.
const ROUNDS: u32 = 16;

impl Inner {
    pub(super) async fn store(
        &self,
        puts: &[Put<'_>],
        extend: &[&str],
        life: Duration,
    ) -> Result<Vec<Stored>> {
        let registers = extend.iter().map(|register| self.keys.register(register));
        let mut extended = Change::new(Extend { life }, registers)?;
        let storing = puts.iter().map(|put| Storing::new(put, &self.keys, self.max_entry));
        let mut storing = storing.collect::<Result<Vec<_>>>()?;
        loop {
            let mut trip = self.client.trip(OPERATION);
            storing.iter_mut().try_for_each(|storing| storing.ask(&mut trip))?;
            extended.ask(&mut trip)?;
            if trip.is_empty() {
                break;
            }
            let mut answers = trip.send().await?;
            storing.iter_mut().try_for_each(|storing| storing.judge(&mut answers))?;
            extended.judge(&mut answers)?;
        }
        Ok(storing.iter().filter_map(Storing::stored).collect())
    }
}

/// One entry on its way.
struct Storing<'a> {
    put: &'a Put<'a>,
    key: Key<'a>,
    fence: Option<(Key<'a>, Fence<'a>)>,
    stage: Stage,
    rounds: u32,
}

#[derive(Clone, Copy)]
enum Stage {
    /// To look at the entry, and behind it at the lease if that is on the same server.
    Look,
    /// To look at the lease; the entry is written on this condition then.
    Check(Condition),
    Write(Condition),
    Done(Stored),
}

impl<'a> Storing<'a> {
    fn new(put: &'a Put<'a>, keys: &'a Keys, max_entry: usize) -> Result<Self> {
        let fence = put.fence.map(|fence| Ok((keys.lease(fence.lease)?, fence))).transpose()?;
        let stage = match &fence {
            _ if put.bytes.len() > max_entry => Stage::Done(Stored::TooLarge),
            None => Stage::Write(Condition::Always),
            Some(_) => Stage::Look,
        };
        Ok(Self { put, key: keys.entry(put.key)?, fence, stage, rounds: 0 })
    }

    const fn stored(&self) -> Option<Stored> {
        match self.stage {
            Stage::Done(stored) => Some(stored),
            Stage::Look | Stage::Check(_) | Stage::Write(_) => None,
        }
    }

    /// The lease, if one trip to its server does for the entry as well.
    fn beside(&self) -> Option<&(Key<'a>, Fence<'a>)> {
        self.fence.as_ref().filter(|(lease, _)| lease.server == self.key.server)
    }

    fn ask(&mut self, trip: &mut Trip<'_>) -> Result<()> {
        match (self.stage, &self.fence) {
            (Stage::Look, _) => {
                self.rounds += 1;
                if self.rounds > ROUNDS {
                    return Err(contended(OPERATION));
                }
                trip.get(&self.key, Want::Cas);
                if let Some((lease, _)) = self.beside() {
                    trip.get(lease, Want::Value);
                }
            }
            (Stage::Check(_), Some((lease, _))) => trip.get(lease, Want::Value),
            (Stage::Write(condition), _) => {
                let ttl = Ttl::of_entry(self.put.life);
                trip.set(&self.key, &self.put.bytes, ttl, condition);
            }
            (Stage::Check(_), None) | (Stage::Done(_), _) => {}
        }
        Ok(())
    }

    fn judge(&mut self, answers: &mut Answers) -> Result<()> {
        self.stage = match (self.stage, &self.fence) {
            (Stage::Look, _) => {
                let condition = match answers.item()? {
                    None => Condition::Absent,
                    Some(item) => Condition::Unchanged(item.cas()?),
                };
                match self.beside() {
                    None => Stage::Check(condition),
                    Some((_, fence)) => checked(answers, *fence, condition)?,
                }
            }
            (Stage::Check(condition), Some((_, fence))) => checked(answers, *fence, condition)?,
            (Stage::Write(_), _) => match answers.outcome()? {
                Outcome::Done => Stage::Done(Stored::Yes),
                Outcome::TooLarge => Stage::Done(Stored::TooLarge),
                // Somebody else has stored it: the next holder of the lease, or one without.
                Outcome::Not => Stage::Look,
            },
            (stage @ (Stage::Check(_) | Stage::Done(_)), _) => stage,
        };
        Ok(())
    }
}

fn checked(answers: &mut Answers, fence: Fence<'_>, condition: Condition) -> Result<Stage> {
    let held = is_held_by(answers.item()?.as_ref(), fence.owner);
    Ok(if held { Stage::Write(condition) } else { Stage::Done(Stored::Fenced) })
}
