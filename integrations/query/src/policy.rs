//! Which tables' reads may be cached.

use crate::{Analysis, TableName};

/// Allows or denies the caching of reads by the tables they name.
///
/// Names are compared without regard to case; one without a schema stands for the table of that name
/// in every schema. A read of several tables is cached only if all of them are allowed. Writes
/// invalidate whatever a policy says.
///
/// ```
/// use dogpile_query::{Analyzer, Dialect, Policy};
///
/// let policy = Policy::all().except(["sessions", "audit.log"]);
/// let analyzer = Analyzer::new(Dialect::Postgres);
/// let denied = |sql| policy.denied(&analyzer.analyze(sql)).map(ToString::to_string);
///
/// assert_eq!(denied("SELECT * FROM orders"), None);
/// assert_eq!(denied("SELECT * FROM orders JOIN app.sessions USING (id)"), Some("app.sessions".into()));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Policy {
    only: Option<Vec<String>>,
    except: Vec<String>,
}

impl Policy {
    /// Every table is allowed. The default.
    pub fn all() -> Self {
        Self::default()
    }

    /// No table but these is allowed.
    pub fn only(tables: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let only = tables.into_iter().map(Into::into).collect();
        Self { only: Some(only), except: Vec::new() }
    }

    /// Denies these tables, whatever else is said of them.
    ///
    /// Default: none.
    #[must_use]
    pub fn except(mut self, tables: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.except.extend(tables.into_iter().map(Into::into));
        self
    }

    /// The first table of a statement that is not allowed.
    pub fn denied<'a>(&self, analysis: &'a Analysis) -> Option<&'a TableName> {
        let allowed = |table: &TableName| {
            let listed = |list: &[String]| list.iter().any(|name| names(name, table));
            self.only.as_deref().is_none_or(listed) && !listed(&self.except)
        };
        analysis.reads().iter().find(|table| !allowed(table))
    }
}

/// Whether `name`, which may have a schema, stands for `table`.
fn names(name: &str, table: &TableName) -> bool {
    match name.rsplit_once('.') {
        None => table.name().eq_ignore_ascii_case(name),
        // A table without a schema may be in any: it is taken for the one that is meant.
        Some((schema, name)) => {
            let same_schema = table.schema().is_none_or(|own| own.eq_ignore_ascii_case(schema));
            same_schema && table.name().eq_ignore_ascii_case(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Policy;
    use crate::{Analyzer, Dialect};

    fn allows(policy: &Policy, sql: &str) -> bool {
        policy.denied(&Analyzer::new(Dialect::Postgres).analyze(sql)).is_none()
    }

    #[test]
    fn every_table_of_a_read_must_be_allowed() {
        let all = Policy::all();
        assert!(allows(&all, "SELECT * FROM a JOIN b USING (id)"));
        let only = Policy::only(["a", "s.b"]).except(["s.a"]);
        assert!(allows(&only, "SELECT * FROM t.a"));
        assert!(allows(&only, "SELECT * FROM T.A, s.b"));
        assert!(allows(&only, "SELECT 1"));
        assert!(!allows(&only, "SELECT * FROM t.a, c"));
        assert!(!allows(&only, "SELECT * FROM t.b"));
        assert!(!allows(&only, "SELECT * FROM s.a"));
    }

    #[test]
    fn a_name_that_may_stand_for_a_denied_table_is_denied() {
        assert!(!allows(&Policy::all().except(["audit.log"]), "SELECT * FROM log"));
        assert!(allows(&Policy::all().except(["audit.log"]), "SELECT * FROM app.log"));
    }
}
