//! Which unqualified names stand for a CTE at the point the walk has reached.

use sqlparser::ast::Query;

use crate::Dialect;

/// The `WITH` of one query.
struct Scope {
    names: Vec<Box<str>>,
    /// How many of the names, from the first, can be used here.
    visible: usize,
    /// How many bodies of CTEs have been walked.
    walked: usize,
    recursive: bool,
}

/// The open queries, outermost first.
///
/// The visitor walks a query's `WITH` before anything else in it, and a CTE holds exactly one query
/// directly. So the first n queries directly inside a query are the bodies of its n CTEs, in order:
/// the body of the first does not see its own name, the second sees the first, the main query
/// sees all. In SQLite, and with `RECURSIVE`, they all see each other.
pub(super) struct Scopes {
    dialect: Dialect,
    open: Vec<Scope>,
}

impl Scopes {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, open: Vec::new() }
    }

    pub(super) fn enter(&mut self, query: &Query) {
        let dialect = self.dialect;
        let (names, recursive) = match &query.with {
            Some(with) => {
                let names = with.cte_tables.iter().map(|cte| dialect.fold(&cte.alias.name));
                (names.collect(), with.recursive)
            }
            None => (Vec::new(), false),
        };
        let mut scope = Scope { names, visible: 0, walked: 0, recursive };
        scope.update(dialect);
        self.open.push(scope);
    }

    pub(super) fn leave(&mut self) {
        self.open.pop();
        let dialect = self.dialect;
        if let Some(parent) = self.open.last_mut() {
            parent.walked += 1;
            parent.update(dialect);
        }
    }

    pub(super) fn is_cte(&self, name: &str) -> bool {
        self.open.iter().any(|scope| scope.names[..scope.visible].iter().any(|cte| **cte == *name))
    }
}

impl Scope {
    fn update(&mut self, dialect: Dialect) {
        let count = self.names.len();
        let visible = match (self.recursive, dialect) {
            // SQLite does not care for the word RECURSIVE.
            (_, Dialect::Sqlite) | (true, Dialect::Postgres) => count,
            (false, _) => self.walked,
            // MySQL sees itself and earlier siblings.
            (true, Dialect::MySql) => self.walked + 1,
        };
        self.visible = visible.min(count);
    }
}
