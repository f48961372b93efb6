//! One value for every reason that occurs, up to a bound.

use std::fmt;
use std::sync::OnceLock;

use super::Reason;

/// What a reason is given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ReasonKind {
    /// A lookup that was served a stale value.
    Stale,
    /// A lookup that found nothing to serve.
    Miss,
    /// A lookup that went past the cache.
    Bypass,
    /// A created value that was not stored.
    Refused,
    /// A creation that failed.
    Failed,
    /// An old value that was served in the place of one that could not be created.
    FellBack,
    /// A creation without flight or lease.
    Unlocked,
    /// A call to the backend that was not answered as it should be.
    BackendFailed,
    /// Bytes from the backend that were no entry.
    Rejected,
    /// Background work that was not begun.
    BackgroundRefused,
    /// A write that was not fenced though it should have been.
    Degraded,
}

const KINDS: usize = 11;

/// How many distinct reasons are told apart.
const REASONS: usize = 64;

impl ReasonKind {
    /// The name used in texts and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::FellBack => "fell_back",
            Self::Unlocked => "unlocked",
            Self::BackendFailed => "backend_failed",
            Self::Rejected => "rejected",
            Self::BackgroundRefused => "background_refused",
            Self::Degraded => "degraded",
        }
    }
}

/// A table that grows by one slot with every reason that occurs for the first time, without a lock,
/// and is searched from its beginning: a region has a dozen.
///
/// Beyond the bound there is one value for each kind, under [`Reason::OTHER`].
pub(super) struct ByReason<T> {
    slots: [OnceLock<Slot<T>>; REASONS],
    others: [OnceLock<T>; KINDS],
}

struct Slot<T> {
    kind: ReasonKind,
    reason: Reason,
    value: T,
}

impl<T> ByReason<T> {
    /// The value of this reason, made when it occurs for the first time.
    pub(super) fn get(&self, kind: ReasonKind, reason: Reason, make: impl Fn(Reason) -> T) -> &T {
        // Nobody passes an empty slot by, so no reason ever has two.
        for slot in &self.slots {
            let held = slot.get_or_init(|| Slot { kind, reason, value: make(reason) });
            if held.kind == kind && held.reason == reason {
                return &held.value;
            }
        }
        self.others[kind as usize].get_or_init(|| make(Reason::OTHER))
    }

    /// All reasons that have occurred so far.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ReasonKind, Reason, &T)> {
        const ALL: [ReasonKind; KINDS] = [
            ReasonKind::Stale,
            ReasonKind::Miss,
            ReasonKind::Bypass,
            ReasonKind::Refused,
            ReasonKind::Failed,
            ReasonKind::FellBack,
            ReasonKind::Unlocked,
            ReasonKind::BackendFailed,
            ReasonKind::Rejected,
            ReasonKind::BackgroundRefused,
            ReasonKind::Degraded,
        ];
        let slots = self.slots.iter().map_while(OnceLock::get);
        let slots = slots.map(|slot| (slot.kind, slot.reason, &slot.value));
        let others = ALL.into_iter().zip(&self.others);
        let others = others.filter_map(|(kind, value)| Some((kind, Reason::OTHER, value.get()?)));
        slots.chain(others)
    }
}

impl<T> Default for ByReason<T> {
    fn default() -> Self {
        let slots = [const { OnceLock::new() }; REASONS];
        Self { slots, others: [const { OnceLock::new() }; KINDS] }
    }
}

impl<T: fmt::Debug> fmt::Debug for ByReason<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons = self.iter().map(|(kind, reason, value)| ((kind, reason), value));
        f.debug_map().entries(reasons).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{ByReason, KINDS, REASONS, ReasonKind};
    use crate::Reason;

    fn reasons(n: usize) -> Vec<Reason> {
        (0..n).map(|i| Reason::new(format!("reason_{i}").leak())).collect()
    }

    #[test]
    fn every_count_goes_somewhere_and_the_table_is_bounded() {
        let table = ByReason::<AtomicU64>::default();
        let reasons = reasons(200);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for reason in &reasons {
                        for kind in [ReasonKind::Miss, ReasonKind::Bypass] {
                            let count = table.get(kind, *reason, |_| AtomicU64::default());
                            count.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let all: Vec<_> = table.iter().collect();
        assert!(all.len() <= REASONS + KINDS, "{}", all.len());
        for kind in [ReasonKind::Miss, ReasonKind::Bypass] {
            let of_kind = all.iter().filter(|(held, ..)| *held == kind);
            let total: u64 = of_kind.map(|(.., count)| count.load(Ordering::Relaxed)).sum();
            assert_eq!(total, 4 * 200);
        }
        let mut names: Vec<_> = all.iter().map(|(kind, reason, _)| (kind, reason)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len(), "a reason has two slots");
    }
}
