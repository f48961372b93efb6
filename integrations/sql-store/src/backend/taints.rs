//! Taints: writers in the registers that they are about to bump.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{Stamp, Taints, Writer};
use dogpile::{BoxFuture, Result};

use super::Inner;
use super::change::{Rule, Step, change};
use super::life::{generous, millis};
use super::lineage::Mask;
use super::register::Register;
use crate::error::{Done, Failure};

/// The taints of a store.
#[derive(Debug)]
pub(crate) struct SqlTaints(pub(crate) Arc<Inner>);

#[deny(clippy::missing_trait_methods)]
impl Taints for SqlTaints {
    fn place<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let placed = self.0.place(stamps, writer, life).await;
            placed.map_err(|failure| failure.during("taint"))
        })
    }

    fn renew<'a>(
        &'a self,
        registers: &'a [&'a str],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let renewed = self.0.renew_taint(registers, writer, life).await;
            renewed.map_err(|failure| failure.during("renew taint"))
        })
    }

    fn lift<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let lifted = self.0.lift(stamps, writer, life).await;
            lifted.map_err(|failure| failure.during("lift taint"))
        })
    }
}

impl Inner {
    async fn place(&self, stamps: &[Stamp<'_>], writer: Writer, life: Duration) -> Done<()> {
        let (stamps, mask) = self.once(stamps).await?;
        let rule = Place { stamps: &stamps, mask, writer, life: millis(life) };
        change(self, &names(&stamps), rule).await.map(drop)
    }

    async fn renew_taint(&self, registers: &[&str], writer: Writer, life: Duration) -> Done<bool> {
        let mut named = HashSet::new();
        let once: Vec<&str> =
            registers.iter().filter(|register| named.insert(**register)).copied().collect();
        self.awake(once.iter().copied())?;
        let there = change(self, &once, Renew { writer, life: millis(life) }).await?;
        Ok(there.into_iter().all(|there| there))
    }

    async fn lift(&self, stamps: &[Stamp<'_>], writer: Writer, life: Duration) -> Done<bool> {
        let (stamps, mask) = self.once(stamps).await?;
        let rule = Lift { stamps: &stamps, mask, writer, life: generous(life) };
        let there = change(self, &names(&stamps), rule).await?;
        Ok(there.into_iter().all(|there| there))
    }

    /// The stamps, each register once: lifted a second time its writer would not be there.
    async fn once<'a>(&self, stamps: &[Stamp<'a>]) -> Done<(Vec<Stamp<'a>>, Mask)> {
        let mut named = HashSet::new();
        let once: Vec<_> =
            stamps.iter().filter(|stamp| named.insert(stamp.register)).copied().collect();
        self.awake(once.iter().map(|stamp| stamp.register))?;
        Ok((once, self.mask().await?))
    }
}

fn names<'a>(stamps: &[Stamp<'a>]) -> Vec<&'a str> {
    stamps.iter().map(|stamp| stamp.register).collect()
}

/// Puts a writer into registers.
struct Place<'a> {
    stamps: &'a [Stamp<'a>],
    mask: Mask,
    writer: Writer,
    life: i64,
}

impl Place<'_> {
    fn tainted(&self, register: Register, now: i64) -> Done<Step<()>> {
        let tainted = register.with(self.writer, now.saturating_add(self.life));
        Ok(Step::Write(tainted.ok_or(Failure::crowded())?, ()))
    }
}

impl Rule for Place<'_> {
    type Said = ();

    fn absent(&self, place: usize, now: i64) -> Step<()> {
        // Without the taint it would have ended already: it ends with it.
        let register = Register::clean(self.mask.on(self.stamps[place].version), now);
        self.tainted(register, now).unwrap_or(Step::Done(()))
    }

    fn held(&self, place: usize, held: Register, now: i64) -> Done<Step<()>> {
        self.tainted(held.moved(self.mask.on(self.stamps[place].version)), now)
    }
}

/// Lets the taint of a writer last.
struct Renew {
    writer: Writer,
    life: i64,
}

impl Rule for Renew {
    /// Whether the writer is there.
    type Said = bool;

    fn absent(&self, _: usize, _: i64) -> Step<bool> {
        Step::Done(false)
    }

    fn held(&self, _: usize, held: Register, now: i64) -> Done<Step<bool>> {
        let until = now.saturating_add(self.life);
        let taint = held.taint(self.writer);
        let renewed =
            held.with(self.writer, until).filter(|_| taint.is_some_and(|before| before < until));
        Ok(match renewed {
            Some(renewed) => Step::Write(renewed, true),
            None => Step::Done(taint.is_some()),
        })
    }
}

/// Bumps registers and takes a writer out of them.
struct Lift<'a> {
    stamps: &'a [Stamp<'a>],
    mask: Mask,
    writer: Writer,
    life: i64,
}

impl Rule for Lift<'_> {
    /// Whether the writer was there.
    type Said = bool;

    fn absent(&self, place: usize, now: i64) -> Step<bool> {
        let version = self.mask.on(self.stamps[place].version);
        Step::Write(Register::clean(version, now.saturating_add(self.life)), false)
    }

    fn held(&self, place: usize, held: Register, now: i64) -> Done<Step<bool>> {
        let there = held.taint(self.writer).is_some();
        let lifted = held.moved(self.mask.on(self.stamps[place].version)).without(self.writer);
        Ok(Step::Write(lifted.lasting(now.saturating_add(self.life)), there))
    }
}
