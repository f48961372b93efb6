//! Leases: the lock on a key that reaches beyond one flight.
//!
//! A lease is efficiency only. It may be lost, and two creators may then run at once; that no
//! stale value is served comes from the tags alone. So a lease is always finite, always released by
//! its owner only, and a lock store that fails is a reason to go on without.

mod held;
mod local;
mod waiters;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

pub(crate) use held::{Lease, freed, hold_all};
pub use local::LocalLocks;
pub use waiters::Waiters;

use crate::Result;

/// A boxed future, as a `dyn` trait needs it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Who owns a lease: drawn at random for every acquisition, compared at every release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner(pub u128);

impl Owner {
    /// An owner that nobody was before.
    pub fn random() -> Self {
        Self(rand::random())
    }
}

/// Where leases are kept.
///
/// # Contract
///
/// * A lease ends by itself `lease` after it was acquired or last renewed.
/// * `renew` and `release` touch the lease only while `owner` still holds it.
/// * No call waits for a lease to become free.
pub trait Locks: Debug + Send + Sync + 'static {
    /// Takes the lease `name` for `owner` if nobody holds it; says whether it did.
    ///
    /// # Errors
    ///
    /// The store could not be asked.
    fn try_acquire<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Makes the lease last for `lease` from now; says whether `owner` still held it.
    ///
    /// # Errors
    ///
    /// The store could not be asked.
    fn renew<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Gives the lease back if `owner` still holds it.
    ///
    /// # Errors
    ///
    /// The store could not be asked; the lease then ends by itself.
    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> BoxFuture<'a, Result<()>>;

    /// The same from a `drop`: must not block, may do its work later.
    fn abandon(&self, name: &str, owner: Owner);

    /// Resolves when the lease may have become free, told from the call on, polled or not; `None`:
    /// nobody tells. Whoever waits asks now and then all the same, so that a message which does not
    /// come costs time only. Returns at once, and resolves for no other reason.
    ///
    /// Default: `None`.
    fn freed(&self, _name: &str) -> Option<BoxFuture<'static, ()>> {
        None
    }
}
