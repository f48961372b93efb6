//! What the rules of a pool add to the options of a query.

use dogpile::Reason;
use dogpile_query::{Analysis, Caching, Hint, Ruling};

use super::Options;
use crate::database::CacheDatabase;
use crate::pool::CachedPool;

/// Bypass: the pool's policy does not allow one of the tables.
pub(in crate::query) const DENIED_TABLE: Reason = Reason::new("denied_table");
/// Bypass: the pool's policy allows one of the tables only to reads that are marked.
pub(in crate::query) const NOT_MARKED: Reason = Reason::new("not_marked");
/// Bypass: the pool's policy asks for a scope, and there is none.
pub(in crate::query) const NO_SCOPE: Reason = Reason::new("no_scope");

/// What a rule keeps results apart by, at this moment: each by its name.
pub(in crate::query) type Scopes<'r> = Vec<(&'r str, String)>;

impl Options {
    /// Takes over what the rules say and the query does not; says what they keep it apart by, or why
    /// they forbid it. Doing so again changes nothing.
    pub(in crate::query) fn obey<'r, DB: CacheDatabase>(
        &mut self,
        pool: &CachedPool<DB>,
        analysis: &Analysis,
        ruling: &'r Ruling,
    ) -> Result<Scopes<'r>, Reason> {
        match ruling.caching() {
            Caching::Never => return Err(DENIED_TABLE),
            Caching::Marked if self.is_plain && analysis.hint() != Some(Hint::On) => {
                return Err(NOT_MARKED);
            }
            Caching::Marked | Caching::Always => {}
        }
        let scopes = ruling.scopes().ok_or(NO_SCOPE)?;
        let has_scope = !(scopes.is_empty() && self.scope.is_empty() && pool.scope().is_empty());
        if ruling.needs_scope() && !has_scope {
            return Err(NO_SCOPE);
        }
        self.ttl = self.ttl.or(ruling.ttl());
        self.stale_for = self.stale_for.or(ruling.stale_for());
        self.none_ttl = self.none_ttl.or(ruling.none_ttl());
        Ok(scopes)
    }

    /// Takes over what `others` say and these do not: their lives, mode, name and region; tags, tables
    /// and scopes add up.
    pub(in crate::query) fn under(&mut self, others: &Self) {
        self.ttl = self.ttl.or(others.ttl);
        self.stale_for = self.stale_for.or(others.stale_for);
        self.stale_on_error = self.stale_on_error.or(others.stale_on_error);
        self.none_ttl = self.none_ttl.or(others.none_ttl);
        self.tags.extend(others.tags.iter());
        self.tables.extend(others.tables.iter().cloned());
        self.scope.splice(..0, others.scope.iter().cloned());
        self.key = self.key.take().or_else(|| others.key.clone());
        self.region = self.region.take().or_else(|| others.region.clone());
        self.mode = self.mode.or(others.mode);
        self.is_plain |= others.is_plain;
    }
}
