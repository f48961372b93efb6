//! What the rules say of one statement.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use dogpile::Tags;

use super::rule::Scope;
use super::{Caching, Rule, TablePattern};
use crate::TableName;

/// What a [`Policy`](crate::Policy) says of one statement.
#[derive(Debug, Clone)]
pub struct Ruling {
    caching: Caching,
    decisive: Option<Decisive>,
    ttl: Option<Duration>,
    stale_for: Option<Duration>,
    none_ttl: Option<Duration>,
    tags: Tags,
    scopes: Vec<Scope>,
    needs_scope: bool,
    rules: Vec<Decisive>,
}

/// A table of a statement, and the rule that counts for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decisive {
    table: TableName,
    pattern: Option<TablePattern>,
}

impl Ruling {
    /// Everything is allowed, and nothing is said.
    pub(super) const fn new() -> Self {
        Self {
            caching: Caching::Always,
            decisive: None,
            ttl: None,
            stale_for: None,
            none_ttl: None,
            tags: Tags::new(),
            scopes: Vec::new(),
            needs_scope: false,
            rules: Vec::new(),
        }
    }

    /// Notes the most that the policy allows, whatever the table.
    pub(super) fn limit(&mut self, caching: Caching) {
        self.caching = self.caching.min(caching);
    }

    /// Notes which reads of one more table may be cached.
    pub(super) fn permit(
        &mut self,
        caching: Caching,
        table: &TableName,
        pattern: Option<&TablePattern>,
    ) {
        if caching < self.caching {
            self.caching = caching;
            self.decisive = Some(Decisive { table: table.clone(), pattern: pattern.cloned() });
        }
    }

    /// Adds a rule that counts for `table`.
    pub(super) fn add(&mut self, table: &TableName, pattern: &TablePattern, rule: &Rule) {
        self.permit(rule.caching, table, Some(pattern));
        self.ttl = shortest(self.ttl, rule.ttl);
        self.stale_for = shortest(self.stale_for, rule.stale_for);
        self.none_ttl = shortest(self.none_ttl, rule.none_ttl);
        self.tags.extend(rule.tags.iter());
        self.needs_scope |= rule.needs_scope;
        if let Some(scope) = &rule.scope
            && !self.scopes.iter().any(|known| known.is(scope))
        {
            self.scopes.push(scope.clone());
        }
        let counts = Decisive { table: table.clone(), pattern: Some(pattern.clone()) };
        if !self.rules.contains(&counts) {
            self.rules.push(counts);
        }
    }

    /// With what it holds in an order that does not depend on that of the rules.
    pub(super) fn settled(mut self) -> Self {
        self.scopes.sort_by(|one, other| one.name.cmp(&other.name));
        Self { tags: self.tags.prepared(), ..self }
    }

    /// Which reads may be cached.
    pub const fn caching(&self) -> Caching {
        self.caching
    }

    /// The first table, with its rule, that allows no more than [`caching`](Self::caching); `None` if
    /// none allows less than all do.
    pub const fn decisive(&self) -> Option<&Decisive> {
        self.decisive.as_ref()
    }

    /// How long the result is fresh; `None` if no rule says.
    pub const fn ttl(&self) -> Option<Duration> {
        self.ttl
    }

    /// How long past that it may be served; `None` if no rule says.
    pub const fn stale_for(&self) -> Option<Duration> {
        self.stale_for
    }

    /// How long the answer is fresh that there is no row; `None` if no rule says.
    pub const fn none_ttl(&self) -> Option<Duration> {
        self.none_ttl
    }

    /// What the result depends on, beside its tables.
    pub const fn tags(&self) -> &Tags {
        &self.tags
    }

    /// The scopes of this moment, each with its name, by name; `None` if one has no value now, and the
    /// read must not be cached.
    pub fn scopes(&self) -> Option<Vec<(&str, String)>> {
        self.scopes.iter().map(|scope| Some((&*scope.name, (scope.value)()?))).collect()
    }

    /// Whether a read without any scope must not be cached.
    pub const fn needs_scope(&self) -> bool {
        self.needs_scope
    }

    /// The tables for which there are rules, each with the one that counts for it.
    pub fn rules(&self) -> &[Decisive] {
        &self.rules
    }
}

impl Decisive {
    /// The table.
    pub const fn table(&self) -> &TableName {
        &self.table
    }

    /// What the rule was given for; `None` if no rule names the table.
    pub const fn pattern(&self) -> Option<&TablePattern> {
        self.pattern.as_ref()
    }
}

/// `orders by shop.*`; `orders by no rule`.
impl fmt::Display for Decisive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pattern {
            Some(pattern) => write!(f, "{} by {pattern}", self.table),
            None => write!(f, "{} by no rule", self.table),
        }
    }
}

fn shortest(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    one.into_iter().chain(other).min()
}

/// How many policies' rulings are remembered with an analysis. Most programs have one or two; one that
/// makes them as it goes has its rulings worked out each time, which takes longer and needs no more room.
const MOST_POLICIES: usize = 4;

/// The rulings on one analysis, by policy, as they are first asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct RulingMemo([OnceLock<Box<(u64, Ruling)>>; MOST_POLICIES]);

impl RulingMemo {
    /// The ruling of the policy `id`, which is `judge`'s.
    pub(super) fn get_or(&self, id: u64, judge: impl Fn() -> Ruling) -> Cow<'_, Ruling> {
        for slot in &self.0 {
            let (owner, ruling) = &**slot.get_or_init(|| Box::new((id, judge())));
            if *owner == id {
                return Cow::Borrowed(ruling);
            }
        }
        Cow::Owned(judge())
    }
}
