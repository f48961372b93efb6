//! Where a region's events go: its counts, and its observer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::backend::LinkEvent;
use crate::observe::{Counters, Event, Observer};

/// Shared by the region and by what works for it in the background.
pub(crate) struct Reports {
    region: Box<str>,
    pub(crate) counters: Counters,
    observer: Option<Arc<dyn Observer>>,
}

impl Reports {
    pub(super) fn new(region: &str, observer: Option<Arc<dyn Observer>>) -> Self {
        Self { region: region.into(), counters: Counters::default(), observer }
    }

    /// The name of the region.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    #[inline]
    pub(crate) fn emit(&self, event: &Event) {
        self.counters.count(event);
        if let Some(observer) = &self.observer {
            // Nobody who reads or writes has done anything wrong.
            let told = || observer.on_event(&self.region, event);
            if catch_unwind(AssertUnwindSafe(told)).is_err() {
                tracing::error!(region = self.region(), "the observer panicked at {event:?}");
            }
        }
    }

    /// Tells what happened between the region and its backend.
    pub(super) fn link(&self, event: &LinkEvent) {
        if let LinkEvent::Failed { operation, down } = *event {
            let operation = operation.name();
            self.emit(&Event::BackendFailed { operation, reason: down.reason() });
        }
    }
}
