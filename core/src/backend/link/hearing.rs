//! Hearing of what others invalidate.

use std::fmt;
use std::sync::{Arc, Weak};

use super::Link;
use super::shared::Shared;
use crate::backend::Listener;

/// Passes on what a backend tells. Does not keep alive what it tells it to.
struct Hearing(Weak<Shared>);

impl Hearing {
    fn tell(&self, what: impl Fn(&Shared)) {
        if let Some(shared) = self.0.upgrade() {
            what(&shared);
        }
    }
}

impl Listener for Hearing {
    fn begins(&self) {
        self.tell(|shared| shared.known.listens());
    }

    fn moved(&self, register: &str) {
        self.tell(|shared| shared.known.moved(register));
    }

    fn lost(&self) {
        self.tell(|shared| shared.known.deaf());
    }
}

impl fmt::Debug for Hearing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hearing").finish_non_exhaustive()
    }
}

impl Link {
    /// Sees to it that the backend tells this process what others invalidate: asked once, for all
    /// regions on it.
    pub(crate) fn hear(&self) {
        let shared = &self.member.shared;
        shared
            .listening
            .get_or_init(|| self.member.backend.listen(Arc::new(Hearing(Arc::downgrade(shared)))));
    }
}
