//! What a region does to registers.
//!
//! Lives are only ever lengthened, and by a rewrite that is refused if anybody got in between: the
//! life of a register that a writer has tainted meanwhile stays that of the taint.

use std::time::Duration;

use dogpile::Result;
use dogpile::backend::{Stamp, TagVersion};

use crate::keys::{Key, Keys};
use crate::life::Ttl;
use crate::register::{Register, Rule, Step};

/// The keys of the registers that are stamped.
pub(crate) fn stamped<'k>(
    keys: &'k Keys,
    stamps: &'k [Stamp<'k>],
) -> impl Iterator<Item = Result<Key<'k>>> {
    stamps.iter().map(|stamp| keys.register(stamp.register))
}

/// Gives a version to what has none.
pub(crate) struct Create<'a> {
    pub(crate) stamps: &'a [Stamp<'a>],
    pub(crate) life: Duration,
}

impl Rule for Create<'_> {
    /// The version that holds; `None` where it is tainted.
    type Said = Option<TagVersion>;

    const OPERATION: &'static str = "create";

    fn absent(&self, place: usize) -> Step<Self::Said> {
        let version = self.stamps[place].version;
        Step::Write(Register::clean(version, Ttl::generous(self.life)), Some(version))
    }

    fn held(&self, _: usize, held: Register, _: TagVersion) -> Result<Step<Self::Said>> {
        let version = Some(held.version).filter(|_| !held.is_tainted());
        Ok(lengthened(held, self.life, version))
    }
}

/// Lets registers live on.
pub(crate) struct Extend {
    pub(crate) life: Duration,
}

impl Rule for Extend {
    type Said = ();

    const OPERATION: &'static str = "store";

    fn absent(&self, _: usize) -> Step<()> {
        Step::Done(())
    }

    fn held(&self, _: usize, held: Register, _: TagVersion) -> Result<Step<()>> {
        Ok(lengthened(held, self.life, ()))
    }
}

/// The same register with at least `life` from now, and rarely rewritten for that.
fn lengthened<T>(held: Register, life: Duration, said: T) -> Step<T> {
    if held.is_tainted() || held.ttl() >= Ttl::at_least(life) {
        return Step::Done(said);
    }
    Step::Write(held.lasting(Ttl::generous(life)), said)
}

/// Gives a version to everything.
pub(crate) struct Bump<'a> {
    pub(crate) stamps: &'a [Stamp<'a>],
    pub(crate) life: Duration,
}

impl Rule for Bump<'_> {
    type Said = ();

    const OPERATION: &'static str = "bump";

    fn absent(&self, place: usize) -> Step<()> {
        let version = self.stamps[place].version;
        Step::Write(Register::clean(version, Ttl::generous(self.life)), ())
    }

    fn held(&self, place: usize, held: Register, seen: TagVersion) -> Result<Step<()>> {
        // Somebody has written another version since this call began. Nobody can tell that from
        // ours having been written just before theirs, and on a tag that everybody bumps it makes an
        // end where each would wait for all others.
        if held.version != seen {
            return Ok(Step::Done(()));
        }
        let bumped = held.moved(self.stamps[place].version);
        Ok(Step::Write(bumped.lasting(Ttl::generous(self.life)), ()))
    }
}
