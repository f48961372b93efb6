//! Which reads may be cached, and how, by the tables that they name.

mod pattern;
mod rule;
mod ruling;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

pub use pattern::TablePattern;
pub use rule::{Caching, Rule};
pub use ruling::{Decisive, Ruling};

pub(crate) use ruling::RulingMemo;

use crate::{Analysis, TableName};

/// Rules for the reads of tables: whether they are cached, for how long, and what they depend on.
///
/// A rule is for the tables that its [pattern](TablePattern) names. Of several patterns that name one
/// table the longest wins, whatever their order, and its rule alone counts; where one pattern was
/// given several rules, all of them do. A read of several tables is cached only if all are allowed; of
/// several lives the shortest counts; tags and scopes add up. Writes invalidate whatever a policy says.
///
/// What a query says of itself wins over the rules, and they win over the region; but no query can
/// allow what a rule denies.
///
/// ```
/// use std::time::Duration;
///
/// use dogpile_query::{Analyzer, Caching, Dialect, Policy, Rule};
///
/// let policy = Policy::all()
///     .except(["sessions", "audit.*"])
///     .rule("log_*", Rule::allow().ttl(Duration::from_secs(10)))
///     .rule("log_days", Rule::allow().tag("calendar"));
/// let analyzer = Analyzer::new(Dialect::Postgres);
///
/// let sql = analyzer.analyze("SELECT * FROM log_mail JOIN log_days USING (day)");
/// let ruling = policy.judge(&sql);
/// assert_eq!(ruling.caching(), Caching::Always);
/// assert_eq!(ruling.ttl(), Some(Duration::from_secs(10)));
/// assert_eq!(ruling.tags().to_string(), "calendar");
///
/// let sql = analyzer.analyze("SELECT * FROM orders JOIN app.sessions USING (id)");
/// let ruling = policy.judge(&sql);
/// assert_eq!(ruling.caching(), Caching::Never);
/// assert_eq!(ruling.decisive().map(ToString::to_string), Some("app.sessions by sessions".into()));
/// ```
#[derive(Debug, Clone)]
pub struct Policy {
    /// What goes for a table that no pattern names.
    others: Caching,
    rules: Vec<(TablePattern, Rule)>,
    /// The most that any table is allowed.
    most: Caching,
    /// Under which rulings are remembered. No two policies that differ have the same.
    id: u64,
}

impl Policy {
    /// Every table is allowed. The default.
    pub fn all() -> Self {
        Self::with(Caching::Always)
    }

    /// Every table is allowed to the reads that say of themselves that they be cached, and to no
    /// others.
    pub fn explicit() -> Self {
        Self::with(Caching::Marked)
    }

    /// No table but these is allowed.
    pub fn only(tables: impl IntoIterator<Item = impl Into<TablePattern>>) -> Self {
        let allowed = tables.into_iter().map(|table| (table.into(), Rule::allow())).collect();
        Self { rules: allowed, ..Self::with(Caching::Never) }
    }

    /// Denies these tables. It is [`rule`](Self::rule) with [`Rule::deny`] for each.
    ///
    /// Default: none.
    #[must_use]
    pub fn except(self, tables: impl IntoIterator<Item = impl Into<TablePattern>>) -> Self {
        tables.into_iter().fold(self, |policy, table| policy.rule(table, Rule::deny()))
    }

    /// Adds a rule for the tables that `pattern` names.
    ///
    /// Default: none.
    #[must_use]
    pub fn rule(mut self, pattern: impl Into<TablePattern>, rule: Rule) -> Self {
        self.rules.push((pattern.into(), rule));
        self.id = next_id() | (self.id & MARKED_ONLY);
        self
    }

    /// The same policy for reads that say of themselves that they be cached; no other is.
    ///
    /// Unlike [`explicit`](Self::explicit) it goes for tables too that a rule allows to all reads.
    #[must_use]
    pub fn marked_only(mut self) -> Self {
        if self.most > Caching::Marked {
            // One that is made again and again is remembered as one.
            (self.most, self.id) = (Caching::Marked, self.id | MARKED_ONLY);
        }
        self
    }

    /// What the rules say of a statement. Worked out once for each analysis, as long as no more than a
    /// few policies are asked about it.
    pub fn judge<'a>(&'a self, analysis: &'a Analysis) -> Cow<'a, Ruling> {
        match (self.others.min(self.most), &*self.rules) {
            (Caching::Always, []) => Cow::Borrowed(const { &Ruling::new() }),
            _ => analysis.rulings.get_or(self.id, || self.judge_afresh(analysis.reads())),
        }
    }

    /// The first table of a statement that is not allowed to any read.
    pub fn denied<'a>(&self, analysis: &'a Analysis) -> Option<&'a TableName> {
        let tables = analysis.reads();
        tables.iter().find(|table| self.caching_of(table) == Caching::Never)
    }

    fn with(others: Caching) -> Self {
        Self { others, rules: Vec::new(), most: Caching::Always, id: next_id() }
    }

    fn caching_of(&self, table: &TableName) -> Caching {
        let of_rules = self.longest(table).map(|(_, rule)| rule.caching).min();
        of_rules.unwrap_or(self.others)
    }

    /// The rules that count for `table`: those of the longest pattern that names it.
    fn longest(&self, table: &TableName) -> impl Iterator<Item = &(TablePattern, Rule)> {
        let longest = self.rules.iter().filter_map(|(pattern, _)| pattern.length(table)).max();
        self.rules
            .iter()
            .filter(move |(pattern, _)| longest.is_some() && pattern.length(table) == longest)
    }

    fn judge_afresh(&self, tables: &[TableName]) -> Ruling {
        let mut ruling = Ruling::new();
        if tables.is_empty() {
            // There is no table to deny.
            ruling.limit(self.others.max(Caching::Marked));
        }
        ruling.limit(self.most);
        for table in tables {
            let mut is_ruled = false;
            for (pattern, rule) in self.longest(table) {
                is_ruled = true;
                ruling.add(table, pattern, rule);
            }
            if !is_ruled {
                ruling.permit(self.others, table, None);
            }
        }
        ruling.settled()
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::all()
    }
}

/// The part of an id that a policy has which is for marked reads only.
const MARKED_ONLY: u64 = 1;

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(MARKED_ONLY << 1, Ordering::Relaxed)
}
