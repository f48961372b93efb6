//! Taints: writers in the registers that they are about to bump.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{Stamp, TagVersion, Taints, Writer};
use dogpile::{BoxFuture, Result};

use crate::backend::Inner;
use crate::error::failed;
use crate::life::Ttl;
use crate::register::{Change, Register, Rule, Step};
use crate::tags::stamped;

/// The taints of a backend.
#[derive(Debug)]
pub(crate) struct MemcachedTaints(pub(crate) Arc<Inner>);

#[deny(clippy::missing_trait_methods)]
impl Taints for MemcachedTaints {
    fn place<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Inner { client, keys, turns, .. } = &*self.0;
            let _turn = turns.take(names(stamps)).await;
            let rule = Place { stamps, writer, life };
            Change::new(rule, stamped(keys, stamps))?.run(client).await.map(drop)
        })
    }

    fn renew<'a>(
        &'a self,
        registers: &'a [&'a str],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let Inner { client, keys, turns, .. } = &*self.0;
            let _turn = turns.take(registers.iter().copied()).await;
            let registers = registers.iter().map(|register| keys.register(register));
            let there = Change::new(Renew { writer, life }, registers)?.run(client).await?;
            Ok(there.into_iter().all(|there| there))
        })
    }

    fn lift<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let Inner { client, keys, turns, .. } = &*self.0;
            let _turn = turns.take(names(stamps)).await;
            // One that is named twice is lifted once: the second time the writer would not be there.
            let mut named = HashSet::new();
            let once: Vec<_> =
                stamps.iter().filter(|stamp| named.insert(stamp.register)).copied().collect();
            let rule = Lift { stamps: &once, writer, life };
            let there = Change::new(rule, stamped(keys, &once))?.run(client).await?;
            Ok(there.into_iter().all(|there| there))
        })
    }
}

fn names<'a>(stamps: &'a [Stamp<'a>]) -> impl Iterator<Item = &'a str> {
    stamps.iter().map(|stamp| stamp.register)
}

/// Puts a writer into registers.
struct Place<'a> {
    stamps: &'a [Stamp<'a>],
    writer: Writer,
    life: Duration,
}

impl Rule for Place<'_> {
    type Said = ();

    const OPERATION: &'static str = "taint";

    fn absent(&self, place: usize) -> Step<()> {
        let life = Ttl::finite(self.life);
        let register = Register::clean(self.stamps[place].version, life);
        match register.with(self.writer, life) {
            Some(tainted) => Step::Write(tainted, ()),
            None => Step::Done(()),
        }
    }

    fn held(&self, place: usize, held: Register, _: TagVersion) -> Result<Step<()>> {
        let moved = held.moved(self.stamps[place].version);
        let tainted = moved.with(self.writer, Ttl::finite(self.life));
        let message = "too many writers taint one tag at once";
        let tainted = tainted.ok_or_else(|| failed(Self::OPERATION, message))?;
        Ok(Step::Write(tainted, ()))
    }
}

/// Lets the taint of a writer last.
struct Renew {
    writer: Writer,
    life: Duration,
}

impl Rule for Renew {
    /// Whether the writer is there.
    type Said = bool;

    const OPERATION: &'static str = "renew taint";

    fn absent(&self, _: usize) -> Step<bool> {
        Step::Done(false)
    }

    fn held(&self, _: usize, held: Register, _: TagVersion) -> Result<Step<bool>> {
        let (taint, life) = (held.taint(self.writer), Ttl::finite(self.life));
        let renewed =
            held.with(self.writer, life).filter(|_| taint.is_some_and(|left| left < life));
        Ok(match renewed {
            Some(renewed) => Step::Write(renewed, true),
            None => Step::Done(taint.is_some()),
        })
    }
}

/// Bumps registers and takes a writer out of them.
struct Lift<'a> {
    stamps: &'a [Stamp<'a>],
    writer: Writer,
    life: Duration,
}

impl Rule for Lift<'_> {
    /// Whether the writer was there.
    type Said = bool;

    const OPERATION: &'static str = "lift taint";

    fn absent(&self, place: usize) -> Step<bool> {
        let version = self.stamps[place].version;
        Step::Write(Register::clean(version, Ttl::generous(self.life)), false)
    }

    fn held(&self, place: usize, held: Register, _: TagVersion) -> Result<Step<bool>> {
        let there = held.taint(self.writer).is_some();
        let lifted = held.moved(self.stamps[place].version).without(self.writer);
        Ok(Step::Write(lifted.lasting(Ttl::generous(self.life)), there))
    }
}
