//! Taints: the marks of writers that are about to commit.

use std::fmt::Debug;
use std::time::Duration;

use super::Stamp;
use crate::error::Result;
use crate::lease::BoxFuture;

/// Who tainted a register: drawn at random for every write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Writer(pub u128);

impl Writer {
    /// A writer that nobody was before.
    pub fn random() -> Self {
        Self(rand::random())
    }
}

/// Marks of writers on registers: while one is there, readers go to the database.
///
/// A taint is a *set* of writers inside of the register itself. One mark for all would be taken
/// away by the first of two writers that overlap, and the second would then commit unseen.
///
/// # Contract
///
/// * While a register has writers, [`read`](super::Backend::read) and
///   [`create`](super::Backend::create) give no version for it, and `read` says that it is tainted.
/// * Every call here changes one register atomically. Of several registers some may be changed when
///   a call fails.
/// * A taint ends by itself `life` after it was last placed or renewed by any of its writers, and
///   the register with it: it has no version then. A life is rounded up, never down. A backend that
///   can lets each writer end `life` after its own last call: one that died is then not kept there
///   by those that come after it.
/// * Nothing else makes a taint last: neither [`bump`](super::Backend::bump), nor the registers that a
///   [`store`](super::Backend::store) extends.
/// * [`bump`](super::Backend::bump) keeps the writers and the life of a tainted register.
pub trait Taints: Debug + Send + Sync + 'static {
    /// Gives each register its new version and puts `writer` among its writers.
    ///
    /// # Errors
    ///
    /// The backend could not be asked, or did not acknowledge all of them.
    fn place<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<()>>;

    /// Lets the taints last for `life` from now; says whether `writer` was still among the writers of
    /// every one of `registers`.
    ///
    /// # Errors
    ///
    /// The backend could not be asked.
    fn renew<'a>(
        &'a self,
        registers: &'a [&'a str],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Gives each register its new version and takes `writer` out of its writers; says whether it was
    /// still among those of every one of them. A register that has no writer left lives for at least
    /// `life` from now, one that has keeps the life of its taint.
    ///
    /// # Errors
    ///
    /// The backend could not be asked, or did not acknowledge all of them: the taint then ends by
    /// itself.
    fn lift<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>>;
}
