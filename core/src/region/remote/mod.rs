//! A region whose values live in a backend: the same protocol, with trips instead of loads.

mod bytes;
mod inspect;
mod invalidate;
mod look;
mod names;
mod near;
mod store;
mod trip;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(super) use look::{Looked, Purpose};
pub(super) use store::Storing;

use super::reports::Reports;
use crate::backend::{Backend, Capabilities, Link, LinkSettings, Transactional};
use crate::clock::Clock;
use crate::codec::{Codec, Trials};
use crate::lease::Locks;
use crate::policy::Policy;
use crate::tag::{Invalidation, Tag};

/// What a region needs to keep its values in a backend.
pub(super) struct Remote {
    pub(super) link: Link,
    pub(super) capabilities: Capabilities,
    pub(super) locks: Option<Arc<dyn Locks>>,
    /// What bumps inside of transactions, where the region wants that and the backend can.
    pub(super) transactional: Option<Arc<dyn Transactional>>,
    pub(super) codec: Codec,
    /// The user's own version of the types of values: raised, older entries are misses.
    pub(super) value_version: u64,
    /// The first store of each type is on trial.
    pub(super) trials: Trials,
    /// Whether the leases are the backend's own, so that it can check them when it stores.
    pub(super) fences: bool,
}

impl Remote {
    /// The way to `backend`, with this region's limits, which reports to the region.
    pub(super) fn link(
        backend: &Arc<dyn Backend>,
        policy: &Policy,
        clock: &Arc<dyn Clock>,
        epoch: &Tag,
        reports: &Arc<Reports>,
    ) -> Link {
        // Losing a register costs hits only: it should outlive what depends on it.
        let day = Duration::from_secs(24 * 60 * 60);
        let reports = Arc::clone(reports);
        let epoch = names::register(epoch, Invalidation::Hard, &backend.capabilities());
        let settings = LinkSettings {
            region: reports.region().into(),
            op_timeout: policy.op_timeout,
            clock: Arc::clone(clock),
            register_life: policy.longest_life().saturating_mul(2).max(day),
            report: Arc::new(move |event| reports.link(event)),
        };
        Link::new(Arc::clone(backend), settings, epoch)
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("codec", &self.codec).finish_non_exhaustive()
    }
}
