//! Taints: writers in the registers that they are about to bump.

use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{Stamp, TagVersion, Taints, Writer};
use dogpile::{BoxFuture, Result};

use crate::backend::Inner;
use crate::error::failed;
use crate::life::Ttl;
use crate::register::{Change, Register, Rule, Step};
use crate::tags::{kept, stamped};

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
            let rule = Lift { stamps, writer, life };
            let there = Change::new(rule, stamped(keys, stamps))?.run(client).await?;
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

impl Place<'_> {
    fn tainted(&self, place: usize, register: Register) -> Option<Register> {
        register.moved(self.stamps[place].version).with(self.writer)
    }
}

impl Rule for Place<'_> {
    type Said = ();

    const OPERATION: &'static str = "taint";

    fn absent(&self, place: usize) -> Step<()> {
        let register = Register::clean(self.stamps[place].version);
        match self.tainted(place, register) {
            Some(register) => Step::Write(register, Ttl::at_least(self.life), ()),
            None => Step::Done(()),
        }
    }

    fn held(
        &self,
        place: usize,
        register: &Register,
        left: Ttl,
        _seen: TagVersion,
    ) -> Result<Step<()>> {
        let message = "too many writers taint one tag at once";
        let tainted = self.tainted(place, register.clone());
        let tainted = tainted.ok_or_else(|| failed(Self::OPERATION, message))?;
        Ok(Step::Write(tainted, of_taint(register, left, self.life), ()))
    }
}

/// The life of a taint that is placed or renewed: none of its writers had less promised.
fn of_taint(register: &Register, left: Ttl, life: Duration) -> Ttl {
    let wanted = Ttl::at_least(life);
    if register.is_tainted() { left.max(wanted) } else { wanted }
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

    fn absent(&self, _place: usize) -> Step<bool> {
        Step::Done(false)
    }

    fn held(
        &self,
        _place: usize,
        register: &Register,
        left: Ttl,
        _seen: TagVersion,
    ) -> Result<Step<bool>> {
        let there = register.is_tainted_by(self.writer);
        let ttl = of_taint(register, left, self.life);
        if !there || left >= ttl {
            return Ok(Step::Done(there));
        }
        Ok(Step::Write(register.clone(), ttl, true))
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
        let register = Register::clean(self.stamps[place].version);
        Step::Write(register, Ttl::generous(self.life), false)
    }

    fn held(
        &self,
        place: usize,
        register: &Register,
        left: Ttl,
        _seen: TagVersion,
    ) -> Result<Step<bool>> {
        let there = register.is_tainted_by(self.writer);
        let lifted = register.clone().moved(self.stamps[place].version).without(self.writer);
        // What was the taint's life is not the register's: `left` may be all too short.
        let left = if register.is_tainted() && !lifted.is_tainted() { Ttl::left(0) } else { left };
        let ttl = kept(&lifted, left, self.life);
        Ok(Step::Write(lifted, ttl, there))
    }
}
