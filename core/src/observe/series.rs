//! Every series that [`MetricsObserver`](super::MetricsObserver) sends: names, units, labels.
//!
//! The whole list is [`ALL`]. The labels of a series are always all there, and their values come
//! from small fixed sets: a region's name, the codes of [`Reason`](crate::Reason) (64 of them at
//! most are told apart, the rest are `other`) and the words below. No label holds a key, a tag or
//! SQL.
//!
//! | label | values |
//! |---|---|
//! | `region` | the region's name |
//! | `outcome` | `hit`, `stale`, `miss`, `bypass` |
//! | `tier` | `local`, `checked`, `backend` for a hit, or `none` |
//! | `result` | `stored`, `refused`, `failed` |
//! | `reason` | a reason's code, or `none` |
//! | `source` | `call`, `write`, `key`, `region` |
//! | `how` | `hard`, `soft` |
//! | `operation` | `read`, `store`, `bump` and the like |
//! | `direction` | `read`, `written` |

use metrics::Unit;

/// One series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Series {
    /// The name.
    pub name: &'static str,
    /// What it is.
    pub kind: SeriesKind,
    /// What it is counted in.
    pub unit: Unit,
    /// The labels.
    pub labels: &'static [&'static str],
    /// What it says.
    pub meaning: &'static str,
}

/// What a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesKind {
    /// A count that only grows.
    Counter,
    /// A value of the moment.
    Gauge,
    /// A distribution.
    Histogram,
}

macro_rules! series {
    ($($constant:ident = $name:literal, $kind:ident, $unit:ident, [$($label:literal),*], $meaning:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`: ", $meaning)]
            pub const $constant: Series = Series {
                name: $name,
                kind: SeriesKind::$kind,
                unit: Unit::$unit,
                labels: &[$($label),*],
                meaning: $meaning,
            };
        )*

        /// All of them.
        ///
        /// | series | kind | unit | labels | meaning |
        /// |---|---|---|---|---|
        $(#[doc = concat!(
            "| `", $name, "` | ", stringify!($kind), " | ", stringify!($unit), " | ",
            $("`", $label, "` ",)* "| ", $meaning, " |"
        )])*
        pub const ALL: &[Series] = &[$($constant),*];
    };
}

series! {
    LOOKUPS = "dogpile_lookups_total", Counter, Count, ["region", "outcome", "tier", "reason"],
        "Lookups, by how they ended and why.";
    CREATIONS = "dogpile_creations_total", Counter, Count, ["region", "result", "reason"],
        "Creations, by what became of the value and why.";
    LOAD = "dogpile_load_seconds", Histogram, Seconds, ["region", "result"],
        "How long creations took.";
    STORED_BYTES = "dogpile_stored_bytes", Histogram, Bytes, ["region"],
        "What stored entries weigh.";
    FELL_BACK = "dogpile_fell_back_total", Counter, Count, ["region", "reason"],
        "Old values served in the place of one that could not be created.";
    UNLOCKED = "dogpile_unlocked_total", Counter, Count, ["region", "reason"],
        "Creations without flight or lease, by the bound that was reached.";
    LOCK_WAIT = "dogpile_lock_wait_seconds", Histogram, Seconds, ["region"],
        "How long creators waited for a lease that was not free at once.";
    INVALIDATIONS = "dogpile_invalidations_total", Counter, Count, ["region", "source", "how"],
        "Invalidations, by what they came from.";
    INVALIDATED_TAGS = "dogpile_invalidated_tags_total", Counter, Count, ["region", "source", "how"],
        "Tags that were given fresh versions.";
    BACKEND_FAILURES = "dogpile_backend_failures_total", Counter, Count, ["region", "operation", "reason"],
        "Calls to the backend that were not answered as they should be.";
    REJECTED = "dogpile_rejected_total", Counter, Count, ["region", "reason"],
        "Times that bytes came back from the backend which were no entry.";
    BACKEND_BYTES = "dogpile_backend_bytes_total", Counter, Bytes, ["region", "direction"],
        "Bytes of entries that went over the wire.";
    BACKGROUND_REFUSED = "dogpile_background_refused_total", Counter, Count, ["region", "reason"],
        "Background work, such as a refresh, that was not begun.";
    DEGRADED = "dogpile_degraded_total", Counter, Count, ["region", "reason"],
        "Writes that were not fenced though they should have been.";
    ENTRIES = "dogpile_entries", Gauge, Count, ["region"],
        "Entries held in this process, valid or not, when it was last sampled.";
    WEIGHT = "dogpile_weight_bytes", Gauge, Bytes, ["region"],
        "What those weigh together.";
    FLIGHTS = "dogpile_flights", Gauge, Count, ["region"],
        "Flights under way.";
}

/// Tells the recorder what each series means. [`MetricsObserver::new`](super::MetricsObserver::new)
/// does it by itself.
pub fn describe() {
    for series in ALL {
        match series.kind {
            SeriesKind::Counter => {
                metrics::describe_counter!(series.name, series.unit, series.meaning);
            }
            SeriesKind::Gauge => metrics::describe_gauge!(series.name, series.unit, series.meaning),
            SeriesKind::Histogram => {
                metrics::describe_histogram!(series.name, series.unit, series.meaning);
            }
        }
    }
}
