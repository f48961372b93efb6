//! A cache with regions, dogpile locks and tag invalidation that never serves a stale set.
//!
//! * **One creator.** When a thousand tasks miss one key, one of them creates the value and the
//!   others wait for it, or are served the previous value where that is allowed.
//! * **No stale set.** A value whose creation began before an invalidation is never served after
//!   it. No clock takes part in that decision.
//! * **The cache can only help.** What goes wrong in it costs hits, never a value.
//!
//! Start with [`Region`]. What is promised, and which test shows it, is in [`guarantees`]; how the
//! parts fit together is in [`architecture`]. The idea and the words *region* and *dogpile lock*
//! come from Michael Bayer's dogpile.cache for Python.

pub mod backend;
mod clock;
mod codec;
#[cfg(feature = "config")]
pub mod config;
mod error;
mod flight;
mod key;
mod lease;
mod lent;
mod local;
mod observe;
mod policy;
mod region;
mod shared;
mod tag;
#[cfg(feature = "testing")]
pub mod testing;
mod units;
mod value;
mod wait;

pub use clock::{Clock, CoarseClock, ManualClock, Tick};
pub use error::{Error, ErrorKind, Result};
pub use key::{
    Digest, DigestHasher, HashLong, Key, KeyHasher, KeyMangler, KeyPart, KeyRef, KeyWriter, Prefix,
    ProcessHasher, Readable,
};
pub use lease::{BoxFuture, LocalLocks, Locks, Owner};
pub use observe::{Event, Observer, Outcome, Reason, Stats};
pub use region::{
    DetachedRef, EntryRef, Held, InProcessRef, Inspection, Observed, Region, RegionBuilder, State,
    WriteGuard,
};
pub use shared::Shared;
pub use tag::{Invalidation, Tag, TagSpace, Tags};
pub use units::{hours, kilobytes, megabytes, millis, minutes, secs};
pub use value::Value;

#[doc = include_str!("../docs/architecture.md")]
pub mod architecture {}

#[doc = include_str!("../docs/guarantees.md")]
pub mod guarantees {}
