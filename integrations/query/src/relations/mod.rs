//! What a database's catalog says that the text of a statement does not: which tables are behind a
//! name, and what is written with them.
//!
//! [`Relations`] are told by whoever can ask a catalog, through [`RelationsBuilder`], and answer two
//! questions. Both close over what they find, and go on until nothing new is found:
//!
//! * **What a read depends on** ([`read`](Relations::read)): a view on itself and on what its query
//!   reads; a partition or an inheriting table also on those it is a part of, so that a write through
//!   the parent need not name a thousand partitions; a table with policies on what these read. What
//!   stands in the way of caching in the query of a view stands in the way of whoever reads the view,
//!   and what stands in the way of caching a part in the way of whoever reads the whole.
//! * **What a write moves** ([`written`](Relations::written)): a part moves its parents; a view what
//!   its query reads; a foreign key the table that follows, by the action of the statement; a trigger
//!   or a rule all tables that its text, or that of the functions it calls, names anywhere.
//!
//! The text of a trigger is not understood, only searched for names: too many tables are moved, never
//! too few. Where a text puts statements together at run time, or is in a language other than SQL or
//! the database's own, what it writes is not known, and everything is moved.
//!
//! A name without a schema stands for the relations of this name in all schemas. What is not known
//! at all may be anything: a read of it is not cached, and a write to it moves everything.

mod builder;
mod calls;
mod follow;
mod read;
mod relation;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

pub use builder::RelationsBuilder;
pub use relation::{Body, OnReferenced, RelationKind, Volatility};

use crate::{Analysis, Analyzer, TableName};
use relation::{Relation, Routine};

/// What is known of the relations of a database: a picture of its catalog, taken once.
///
/// ```
/// use dogpile_query::{Analyzer, Dialect, RelationKind, Relations, TableName};
///
/// let analyzer = Analyzer::new(Dialect::Postgres);
/// let mut relations = Relations::builder(analyzer.clone());
/// let name = |name| TableName::new(Some("public"), name);
/// relations.relation(name("post"), RelationKind::Table);
/// let query = "SELECT * FROM post WHERE visible";
/// relations.relation(name("visible_post"), RelationKind::View(query.into()));
/// let relations = relations.build();
///
/// let read = analyzer.analyze("SELECT title FROM visible_post");
/// let write = analyzer.analyze("UPDATE post SET title = 'new'");
/// let (depends, moved) = (relations.read(&read).unwrap(), relations.written(&write));
/// assert!(moved.iter().any(|tag| depends.contains(tag)));
/// ```
#[derive(Debug)]
pub struct Relations {
    analyzer: Analyzer,
    all: Vec<Relation>,
    by_name: HashMap<Box<str>, Vec<usize>>,
    routines: Vec<Routine>,
    routines_by_name: HashMap<Box<str>, Vec<usize>>,
}

impl Relations {
    /// To be told what is in a catalog; `analyzer` is asked about the queries of views.
    pub fn builder(analyzer: Analyzer) -> RelationsBuilder {
        RelationsBuilder::new(analyzer)
    }

    /// How many relations are known.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a relation of this name is known.
    pub fn knows(&self, name: &TableName) -> bool {
        self.named(name).next().is_some()
    }

    /// Those that a name may stand for.
    fn named<'r>(&'r self, name: &'r TableName) -> impl Iterator<Item = usize> + 'r {
        let all = self.by_name.get(name.name()).map(Vec::as_slice).unwrap_or_default();
        all.iter()
            .copied()
            .filter(|at| name.schema().is_none_or(|schema| self.all[*at].schema_is(schema)))
    }

    /// The name of a relation under which its reads and writes meet.
    fn canonical(&self, at: usize) -> TableName {
        self.spelled(&self.all[at].name)
    }

    /// A name, without its schema where there is no other relation of the name.
    fn spelled(&self, name: &TableName) -> TableName {
        match self.by_name.get(name.name()) {
            Some(all) if all.len() == 1 => bare(name),
            _ => name.clone(),
        }
    }

    /// What was worked out of the query of the view at this place.
    fn query_of<'r>(&self, query: &str, known: &'r OnceLock<Arc<Analysis>>) -> &'r Analysis {
        known.get_or_init(|| self.analyzer.analyze(query))
    }
}

/// With more names than this, schemas are not told apart: thousands of tenants may each have one.
const MOST_NAMES: usize = 16;

/// These names, or fewer that stand for at least as much.
fn few(names: BTreeSet<TableName>) -> Vec<TableName> {
    if names.len() <= MOST_NAMES {
        return names.into_iter().collect();
    }
    let names: BTreeSet<_> = names.iter().map(bare).collect();
    names.into_iter().collect()
}

fn bare(name: &TableName) -> TableName {
    TableName::new(None, name.name())
}
