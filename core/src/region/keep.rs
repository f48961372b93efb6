//! Whether a value that was just created is kept, and for how long.

use std::time::Duration;

use crate::key::Key;

/// What a [`Rule`] says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Keep it as long as the call or the region says.
    Yes,
    /// Keep it, fresh for this long.
    For(Duration),
    /// Hand it out, and do not keep it.
    No,
}

/// Decides about values of type `T` after they were created.
///
/// Rules are made by the methods of [`EntryRef`](super::EntryRef): `should_cache`, `ttl_by`,
/// `negative_ttl`. Several rules of one call hold together: one `No` is enough, and of several
/// lives the shortest counts.
pub trait Rule<T> {
    /// What is to become of `value`, made under `key`.
    fn judge(&self, key: &Key, value: &T) -> Keep;
}

/// No rule: every value is kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct Always;

impl<T> Rule<T> for Always {
    fn judge(&self, _: &Key, _: &T) -> Keep {
        Keep::Yes
    }
}

/// A rule added to those before it.
#[derive(Debug, Clone, Copy)]
pub struct And<R, S>(pub(super) R, pub(super) S);

impl<T, R: Rule<T>, S: Rule<T>> Rule<T> for And<R, S> {
    fn judge(&self, key: &Key, value: &T) -> Keep {
        match (self.0.judge(key, value), self.1.judge(key, value)) {
            (Keep::No, _) | (_, Keep::No) => Keep::No,
            (Keep::For(a), Keep::For(b)) => Keep::For(a.min(b)),
            (Keep::Yes, other) | (other, Keep::Yes) => other,
        }
    }
}

/// Made by [`EntryRef::should_cache`](super::EntryRef::should_cache).
#[derive(Debug, Clone, Copy)]
pub struct ShouldCache<F>(pub(super) F);

impl<T, F: Fn(&Key, &T) -> bool> Rule<T> for ShouldCache<F> {
    fn judge(&self, key: &Key, value: &T) -> Keep {
        if (self.0)(key, value) { Keep::Yes } else { Keep::No }
    }
}

/// Made by [`EntryRef::ttl_by`](super::EntryRef::ttl_by).
#[derive(Debug, Clone, Copy)]
pub struct TtlBy<F>(pub(super) F);

impl<T, F: Fn(&T) -> Option<Duration>> Rule<T> for TtlBy<F> {
    fn judge(&self, _: &Key, value: &T) -> Keep {
        (self.0)(value).map_or(Keep::Yes, Keep::For)
    }
}

/// Made by [`EntryRef::negative_ttl`](super::EntryRef::negative_ttl).
#[derive(Debug, Clone, Copy)]
pub struct NegativeTtl(pub(super) Duration);

impl<T> Rule<Option<T>> for NegativeTtl {
    fn judge(&self, _: &Key, value: &Option<T>) -> Keep {
        if value.is_some() { Keep::Yes } else { Keep::For(self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Always, And, Keep, NegativeTtl, Rule, ShouldCache, TtlBy};
    use crate::{Key, secs};

    #[test]
    fn one_no_is_enough_and_the_shortest_life_counts() {
        let key = Key::from("k");
        let rule = And(
            And(
                And(Always, ShouldCache(|_: &Key, n: &Option<u64>| *n != Some(0))),
                NegativeTtl(secs(3)),
            ),
            TtlBy(|n: &Option<u64>| n.map_or(Some(secs(9)), |n| (n > 5).then_some(secs(1)))),
        );
        assert_eq!(rule.judge(&key, &Some(0)), Keep::No);
        assert_eq!(rule.judge(&key, &Some(2)), Keep::Yes);
        assert_eq!(rule.judge(&key, &Some(7)), Keep::For(secs(1)));
        assert_eq!(rule.judge(&key, &None), Keep::For(secs(3)));
    }
}
