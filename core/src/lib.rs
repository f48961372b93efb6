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
//! come from Michael Bayer's dogpile.cache for Python; what became of each of its features is in
//! [`dogpile_parity`].

pub mod backend;
mod clock;
mod codec;
mod coherence;
#[cfg(feature = "config")]
pub mod config;
mod error;
mod flight;
#[cfg(feature = "macros")]
mod function;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod fuzzing;
mod key;
mod lease;
mod lent;
mod local;
pub mod observe;
mod policy;
mod region;
mod shared;
mod sync;
mod tag;
#[cfg(feature = "testing")]
pub mod testing;
mod units;
mod value;
mod wait;

pub use backend::{Backend, Capabilities};
pub use clock::{Clock, CoarseClock, ManualClock, Tick};
pub use codec::Codec;
pub use coherence::Coherence;
pub use error::{Error, ErrorKind, Result};
pub use key::{
    Digest, DigestHasher, HashLong, Hashed, Key, KeyHasher, KeyMangler, KeyPart, KeyRef, KeyWriter,
    Prefix, ProcessHasher, Readable, Sha256Hasher,
};
pub use lease::{BoxFuture, LocalLocks, Locks, Owner};
pub use observe::{Event, Observer, Outcome, Reason, Source, Stats, Tier};
pub use policy::Freshness;
pub use region::{
    Always, And, AsRegion, DeclaredRegion, DetachedRef, EntriesRef, EntryRef, Explanation, Held,
    InProcessRef, Inspection, Keep, NegativeTtl, Observed, Region, RegionBuilder, Regions, Rule,
    ShouldCache, State, TtlBy, WriteGuard,
};
pub use shared::Shared;
pub use tag::{Invalidation, Tag, TagSpace, Tags};
pub use units::{hours, kilobytes, megabytes, millis, minutes, secs};
pub use value::Value;

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/cached.md")]
pub use dogpile_macros::cached;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/cached_multi.md")]
pub use dogpile_macros::cached_multi;

/// What the code that the attributes write calls. No part of the public interface.
#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod __private {
    pub use crate::function::*;
}

#[doc = include_str!("../docs/architecture.md")]
pub mod architecture {}

#[doc = include_str!("../docs/dogpile-parity.md")]
pub mod dogpile_parity {}

#[doc = include_str!("../docs/guarantees.md")]
pub mod guarantees {}
