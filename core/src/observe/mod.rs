//! What a region tells about itself: events with reasons, exact counts, one span a lookup.
//!
//! | who asks | where to look |
//! |---|---|
//! | a person, about a region | [`Region::stats`](crate::Region::stats), printed with `{:#}` |
//! | a person, about one key | [`Region::explain`](crate::Region::explain) |
//! | a dashboard | the series of `MetricsObserver` (feature `metrics`), listed in `series` |
//! | a trace | the spans `dogpile.lookup` and `dogpile.create`, with the [`fields`] |
//! | a program | an [`Observer`] of its own, which gets every [`Event`] |
//!
//! All of them say the same: an event moves the counters, then goes to the observer. None shows a
//! key, a value or SQL, except `explain`, which shows the key it is asked about.
//!
//! # At three in the morning
//!
//! Print the stats of the region, twice, a minute apart:
//!
//! ```
//! # let region = dogpile::Region::builder("shop").ttl(dogpile::minutes(5)).build()?;
//! println!("{:#}", region.stats());
//! # Ok::<(), dogpile::Error>(())
//! ```
//!
//! ```text
//! lookups        1,842
//!   hits         1,511   82.0 %
//!   stale            0    0.0 %
//!   misses         268   14.5 %  absent 201, invalidated 52, expired 15
//!   bypasses        63    3.4 %  in_transaction 63
//! creations           268, mean 3.1 ms, 99 % within 12.0 ms, longest 48.2 ms
//!   stored            262
//!   refused           6  moved 6
//!   failed            0
//!   unlocked          0
//! lock waits          0
//! ...
//! ```
//!
//! and ask, in this order:
//!
//! 1. **Is it the cache at all?** `creations` says how long the database, or whatever the creators
//!    ask, takes. If the mean or the 99 % have grown, the cause is there, and the cache only lets it
//!    through. `failed` with `creator_error` says the same.
//! 2. **Is the cache asked?** Many `bypasses` mean that it is not, and their reason says why:
//!    `disabled` or `closed` is somebody's decision; a reason of an adapter's is a property of the
//!    query, and its `explain` says how to mend it. `tainted`: a fenced write is about to commit, or
//!    its writer was killed less than `taint_life` ago.
//! 3. **Why are there misses?** `absent`: new keys, a cold start, or a tier that is too small (look at
//!    `at present`, and raise `local`). `invalidated`: something writes all the time; the series
//!    `dogpile_invalidations_total` says by `source` whether writes do, or a call. `expired`: `ttl`
//!    is short for how often the key is read, and `stale_for` would hide the reload. `other_tags`,
//!    `other_type`, `collision`: two pieces of code use one key for two things.
//! 4. **Is anything kept?** `refused` with `too_large` or `too_many_tags` is created again at every
//!    lookup. `moved` is a write that landed while the value was created: harmless in small numbers,
//!    and in large ones the same as many `invalidated`.
//! 5. **Does anybody wait?** `lock waits` and `flights` grow when creators hang. `unlocked` means that
//!    a bound was reached (`leader_timeout`: a creator took longer than `max_load`; `lease_timeout`:
//!    the lock store did not answer), so that the database sees more than one query for a key.
//! 6. **Is the backend there?** `backend failures` by reason: `backend_timeout` is slow,
//!    `backend_error` is broken, `backend_unavailable` means it is left alone for a moment because it
//!    failed so often. `rejected entries` with `other_format` belong to a rolling deploy and end with
//!    it; `malformed` ones do not, and somebody else may be writing there.
//!
//! To take the cache out of the picture, `region.set_reads(false)`: every lookup goes to the database,
//! and writes go on invalidating, so that it can be switched on again at any time. To make it cold,
//! `region.invalidate_all(Invalidation::Hard)`.
//!
//! # Alarms worth having
//!
//! | alarm | means |
//! |---|---|
//! | the sum over `outcome` of `dogpile_lookups_total` differs from what callers count | a defect: every lookup ends in exactly one way |
//! | `dogpile_unlocked_total` grows | the database is hit more than once for a key |
//! | `dogpile_backend_failures_total` grows for minutes | the shared cache is gone; the database carries all |
//! | `dogpile_lookups_total{outcome="bypass"}` above its usual share | somebody deployed a query that cannot be cached |
//! | the 99 % of `dogpile_load_seconds` | the database is slow |

mod by_reason;
mod counter;
mod counters;
mod creation;
mod event;
pub mod fields;
mod histogram;
mod lookup;
#[cfg(feature = "metrics")]
mod metrics_observer;
mod reason;
#[cfg(feature = "metrics")]
pub mod series;
mod stats;
mod stats_text;
mod text;
mod timings;

pub use by_reason::ReasonKind;
pub(crate) use counters::Counters;
pub(crate) use creation::CreationSpan;
pub use event::{Direction, Event, Observer, Outcome, Source, Tier};
pub(crate) use lookup::LookupSpan;
#[cfg(feature = "metrics")]
pub use metrics_observer::MetricsObserver;
pub use reason::Reason;
pub use stats::{ReasonCount, Stats};
pub(crate) use text::{Short, Size};
pub use timings::Timings;
