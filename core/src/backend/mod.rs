//! Backends: where entries and tag versions live beyond this process.
//!
//! A backend knows names, bytes and tokens. What an entry means, which tags it depends on, whether
//! it may be served: all that is decided by the region, so that every backend keeps the same
//! promises.

mod arc;
mod capabilities;
mod ext;
pub mod layer;
mod link;
mod listener;
mod memory;
mod null;
mod taints;
mod transactional;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use capabilities::Capabilities;
pub use ext::BackendExt;
pub use layer::Layer;
pub(crate) use link::{Debt, Down, Link, LinkEvent, LinkSettings};
pub use listener::{Listener, Listening};
pub use memory::{MemoryBackend, MemoryBackendBuilder};
pub use null::NullBackend;
pub use taints::{Taints, Writer};
pub use transactional::Transactional;

pub use crate::lease::Waiters;

use crate::error::{Error, ErrorKind, Result};
use crate::lease::{BoxFuture, Locks, Owner};

/// The version of a register: an opaque random token, compared for equality only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TagVersion(pub u128);

impl TagVersion {
    /// A version that nothing had before.
    pub fn random() -> Self {
        Self(rand::random())
    }
}

/// A register and the version that it is to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// The register's name.
    pub register: &'a str,
    /// Its version from now on.
    pub version: TagVersion,
}

/// What one reading trip brought back, in the order in which it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The bytes under each key; `None` where nothing is stored.
    pub entries: Vec<Option<Bytes>>,
    /// The version of each register; `None` where it has none, or writers have [tainted](Taints)
    /// it.
    pub versions: Vec<Option<TagVersion>>,
    /// The places, in the order of the question, of the registers that are tainted. Empty without
    /// [`Capabilities::taints`].
    pub tainted: Vec<usize>,
}

/// An entry to be stored.
#[derive(Debug, Clone)]
pub struct Put<'a> {
    /// The entry's name.
    pub key: &'a str,
    /// The entry, opaque to the backend.
    pub bytes: Bytes,
    /// How long it is kept; it may be lost earlier, and must not be found much later. Anything from
    /// zero, which is over at once, to [`Duration::MAX`].
    pub life: Duration,
    /// Store only while this lease is held; ignored without [`Capabilities::fences`].
    pub fence: Option<Fence<'a>>,
}

/// The lease that protects a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence<'a> {
    /// The lease's name, as it was given to [`Locks::try_acquire`].
    pub lease: &'a str,
    /// Who must still hold it.
    pub owner: Owner,
}

/// What became of a [`Put`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stored {
    /// It is stored.
    Yes,
    /// It is larger than the backend takes; whatever was there is gone or as it was.
    TooLarge,
    /// Its lease is held by somebody else or by nobody.
    Fenced,
}

/// Where entries and tag versions live.
///
/// Implemented by the author of a backend and called by regions, never by users. Small on purpose:
/// what can be composed of these calls is in [`BackendExt`] or in the region. Time limits and the
/// breaker are put around every call by the region, once; a backend neither retries nor waits.
///
/// # Contract
///
/// * *Spaces.* Entries, registers and leases have names of their own: an entry `a`, a register `a`
///   and a lease `a` never touch.
/// * *Registers.* A register has one version or none. [`create`](Self::create) writes only where
///   there is none, atomically; [`bump`](Self::bump) always writes. Nobody else changes a version.
///   A backend may lose a register at any time; it must not bring back a version that was
///   overwritten or lost.
/// * *Order.* When [`bump`](Self::bump) has returned, every [`read`](Self::read) that begins then,
///   from any process, sees the new version or none. Reads need not be atomic: each name in a
///   [`read`](Self::read) may be read at a moment of its own between the call and the answer.
/// * *Answers* are as many as what was asked for, in its order. Slices may be empty, and may hold a
///   name more than once; a register that is written twice in one call ends with one of the two
///   versions, and both answers of a [`create`](Self::create) are the one that holds.
/// * *Bytes.* What is read is what was stored, or nothing.
/// * *Names* keep to [`Capabilities::max_name`] and [`Capabilities::any_name`].
/// * *Errors* are for what could not be done. "Not there" is no error.
/// * *Cancel.* Any future may be dropped at any await. What it was to do is then done or not, and
///   the backend goes on working.
///
/// The suite in `dogpile::testing` (feature `testing`) holds a backend against each of these.
pub trait Backend: Debug + Send + Sync + 'static {
    /// What kind of backend it is, for logs and metrics: `memory`, `redis`.
    fn kind(&self) -> &'static str;

    /// Which one it is: the same for two handles if what one stores the other reads.
    ///
    /// Holds no password. Handles of one identity share their breaker and their journal. A layer
    /// passes on what it wraps: the registers are the same ones.
    fn identity(&self) -> String;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// A number that changes whenever acknowledged bumps may have been lost: after a new connection,
    /// a failover, a restart. The region then delivers its recent bumps again. A handle may learn of
    /// it by its next call only.
    fn incarnation(&self) -> u64;

    /// Reads entries and registers, in one trip where [`Capabilities::one_trip`] says so.
    ///
    /// # Errors
    ///
    /// The backend could not be asked.
    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>>;

    /// Gives each register that has no version the one proposed; returns the versions that hold now,
    /// in order; `None` for one that is tainted, which is left as it is. Each of the others lives
    /// for at least `life` from now.
    ///
    /// # Errors
    ///
    /// The backend could not be asked.
    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>>;

    /// Gives each register its new version, whatever it had. Each lives for at least `life` from now,
    /// one that is tainted as long as its taint; writers that tainted it stay in it.
    ///
    /// A backend that repeats a bump whose answer was lost draws another version for it: somebody
    /// else may have bumped in between, and the same version again would revive what depended on it.
    ///
    /// # Errors
    ///
    /// The backend could not be asked, or did not acknowledge all of them.
    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>>;

    /// Stores entries; says of each what became of it, in order. The registers named in `extend`
    /// live for at least `life` from now, with the version that they have.
    ///
    /// # Errors
    ///
    /// The backend could not be asked.
    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>>;

    /// Removes entries; those that are not there are no error.
    ///
    /// # Errors
    ///
    /// The backend could not be asked.
    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>>;

    /// The leases of this backend; `None` without [`Capabilities::leases`].
    fn locks(&self) -> Option<Arc<dyn Locks>>;

    /// The taints of this backend; `None` without [`Capabilities::taints`].
    fn taints(&self) -> Option<Arc<dyn Taints>>;

    /// Bumps inside of the application's own transactions, where the registers may be in the same
    /// database as its data.
    ///
    /// Default: none.
    fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        None
    }

    /// Tells `listener` of every invalidation, until what is returned is dropped; `None` without
    /// [`Capabilities::pushes`]. Returns at once: what it takes to hear is done later, and told by
    /// [`Listener::begins`].
    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>>;
}

/// A backend gave fewer answers than it was asked for.
fn incomplete(operation: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, operation, "the backend's answer is incomplete")
}
