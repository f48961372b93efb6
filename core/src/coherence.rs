//! How the local tier keeps up with the backend.

use std::time::Duration;

use crate::backend::Backend;
use crate::error::Result;
use crate::policy::wrong;

/// How old what the local tier serves may be, compared with the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Coherence {
    /// The default: every hit asks the backend for the versions of its tags, and a copy in this
    /// process is as old as what the backend has. `strict` in configuration.
    #[default]
    Strict,
    /// The versions of a tag are believed for so long after they were asked for: a hit costs no
    /// trip, and may be as old as that. What this process invalidates it sees at once.
    /// `bounded(2s)` in configuration.
    Bounded(Duration),
    /// They are believed until the backend says that they have changed. `push` in configuration.
    Push,
}

impl Coherence {
    /// Whether a region with this backend and so many bytes of local tier can have it.
    pub(crate) fn check(self, backend: Option<&dyn Backend>, local: u64) -> Result<()> {
        if self == Self::Strict {
            return Ok(());
        }
        let Some(backend) = backend.filter(|_| local > 0) else {
            let why = "coherence is about copies of what a backend has; give a backend and local";
            return Err(wrong(why));
        };
        match self {
            Self::Bounded(bound) if bound.is_zero() => {
                Err(wrong("coherence is bounded by nothing at all; say strict"))
            }
            Self::Push if !backend.capabilities().pushes => {
                let why = "the backend does not tell of invalidations; say bounded, or strict";
                Err(wrong(why).with("backend", backend.kind()))
            }
            Self::Strict | Self::Bounded(_) | Self::Push => Ok(()),
        }
    }
}
