//! What a region tells about itself: events with reasons, exact counts, one span a lookup.

mod counter;
mod event;
mod lookup;
mod reason;
mod stats;

pub use event::{Event, Observer, Outcome};
pub(crate) use lookup::LookupSpan;
pub use reason::Reason;
pub(crate) use stats::Counters;
pub use stats::Stats;
