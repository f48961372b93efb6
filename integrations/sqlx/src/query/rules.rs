//! Whether a result is kept, and how long, as its own query says.

use std::sync::Arc;
use std::time::Duration;

use dogpile::{EntryRef, Keep, Rule};

/// Whether a result is wanted.
pub(super) type Wanted<V> = Arc<dyn Fn(&V) -> bool + Send + Sync>;

/// What a query says of its result once it has one.
pub(crate) struct Rules<V> {
    pub(super) none_ttl: Option<Duration>,
    pub(super) is_none: fn(&V) -> bool,
    pub(super) wanted: Option<Wanted<V>>,
}

impl<V> Rules<V> {
    /// What is to become of `value`.
    pub(super) fn judge(&self, value: &V) -> Keep {
        if self.wanted.as_ref().is_some_and(|wanted| !wanted(value)) {
            return Keep::No;
        }
        match self.none_ttl {
            Some(ttl) if (self.is_none)(value) => Keep::For(ttl),
            _ => Keep::Yes,
        }
    }

    /// The rules, on an entry that holds the values themselves.
    pub(super) fn on_values<'r>(
        &self,
        entry: EntryRef<'r>,
    ) -> EntryRef<'r, impl Rule<V> + Send + Sync + 'static + use<V>>
    where
        V: 'static,
    {
        let (wanted, none_ttl, is_none) = (self.wanted.clone(), self.none_ttl, self.is_none);
        entry
            .should_cache(move |_, value: &V| wanted.as_ref().is_none_or(|wanted| wanted(value)))
            .ttl_by(move |value: &V| none_ttl.filter(|_| is_none(value)))
    }
}
