//! Versions of registers: reading, creating and bumping them.

use std::collections::BTreeMap;
use std::time::Duration;

use dogpile::backend::{Stamp, TagVersion};

use super::Inner;
use super::again::anew;
use super::dialect::{Lying, Shown};
use super::life::generous;
use super::lineage::Mask;
use crate::error::{Done, Failure};

/// More rounds than registers end between being written and being read.
const ROUNDS: u32 = 8;
/// More registers than this are written by several statements.
const MOST_STAMPS: usize = 1_024;
/// A register that is created is to be there when it is read right after, in milliseconds.
const SHORTEST: i64 = 1_000;

impl Inner {
    pub(super) async fn create(
        &self,
        stamps: &[Stamp<'_>],
        life: Duration,
    ) -> Done<Vec<Option<TagVersion>>> {
        self.awake(stamps.iter().map(|stamp| stamp.register))?;
        if stamps.is_empty() {
            return Ok(Vec::new());
        }
        let lying = sorted(stamps, self.mask().await?);
        let names: Vec<&str> = stamps.iter().map(|stamp| stamp.register).collect();
        let life = generous(life).max(SHORTEST);
        for _ in 0..ROUNDS {
            for lying in lying.chunks(MOST_STAMPS) {
                let other = anew(lying);
                let second = || self.dialect.create(&other, life);
                self.or_else(|| self.dialect.create(lying, life), second).await?;
            }
            // What holds is read behind it: who wrote first, and which tokens are in it.
            let seen = self.again(|| self.dialect.read(&[], &names)).await?;
            let mask = self.lineage.met(&seen.server);
            if !seen.registers.contains(&Shown::Nothing) {
                return Ok(seen.registers.into_iter().map(|shown| version(shown, mask)).collect());
            }
        }
        Err(Failure::contended())
    }

    pub(super) async fn bump(&self, stamps: &[Stamp<'_>], life: Duration) -> Done<()> {
        self.awake(stamps.iter().map(|stamp| stamp.register))?;
        if stamps.is_empty() {
            return Ok(());
        }
        let lying = sorted(stamps, self.mask().await?);
        for lying in lying.chunks(MOST_STAMPS) {
            let (other, life) = (anew(lying), generous(life));
            let second = || self.dialect.bump(&other, life);
            self.or_else(|| self.dialect.bump(lying, life), second).await?;
        }
        Ok(())
    }
}

/// The version that a register shows.
pub(super) const fn version(shown: Shown, mask: Mask) -> Option<TagVersion> {
    match shown {
        Shown::Version(version) => Some(mask.on(version)),
        Shown::Nothing | Shown::Tainted => None,
    }
}

/// What is to lie in registers, each of them once, in one order for all calls: none then waits for
/// another one in a circle.
fn sorted<'a>(stamps: &[Stamp<'a>], mask: Mask) -> Vec<Lying<'a>> {
    let named: BTreeMap<_, _> =
        stamps.iter().map(|stamp| (stamp.register, stamp.version)).collect();
    named.into_iter().map(|(name, version)| Lying::new(name, mask.on(version))).collect()
}
