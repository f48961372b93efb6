//! What is known of one relation, and of one function or procedure.

use std::sync::{Arc, OnceLock};

use crate::{Analysis, Changes, TableName};

/// What a name in `FROM` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RelationKind {
    /// A table, whole or a partition.
    Table,
    /// A view, and its query; without one, where it may not be read.
    View(Box<str>),
    /// A view whose rows are kept: they change when it is refreshed.
    MaterializedView,
    /// Its rows are elsewhere, and change there.
    Foreign,
    /// A crash of the server empties it, of which nobody is told.
    Unlogged,
    /// Of one connection alone.
    Temporary,
    /// Changes without a write.
    Sequence,
}

/// What a foreign key does to the rows that refer to a row that is removed, or whose key is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OnReferenced {
    /// When it is removed.
    pub deleted: Changes,
    /// When its key is changed.
    pub updated: Changes,
}

/// What runs when a trigger fires or a function is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// SQL, or the database's own language: searched for names.
    Text(Box<str>),
    /// Not to be searched: another language, or not to be read.
    Opaque,
}

/// What a database promises of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volatility {
    /// The same result for the same arguments, for ever.
    Immutable,
    /// The same result while nobody writes.
    Stable,
    /// Anything.
    Volatile,
}

#[derive(Debug)]
pub(super) struct Relation {
    pub(super) name: TableName,
    pub(super) kind: RelationKind,
    /// What was found out about the query of a view.
    pub(super) query: OnceLock<Arc<Analysis>>,
    /// What it is a part of.
    pub(super) parents: Vec<usize>,
    /// Its parts.
    pub(super) parts: Vec<usize>,
    /// Those that refer to it.
    pub(super) referring: Vec<(usize, OnReferenced)>,
    pub(super) triggers: Vec<(Changes, Body)>,
    /// What limits who sees which rows: queries.
    pub(super) policies: Vec<Box<str>>,
}

impl Relation {
    pub(super) fn new(name: TableName, kind: RelationKind) -> Self {
        Self {
            name,
            kind,
            query: OnceLock::new(),
            parents: Vec::new(),
            parts: Vec::new(),
            referring: Vec::new(),
            triggers: Vec::new(),
            policies: Vec::new(),
        }
    }

    /// Whether a schema that is written out is its own.
    pub(super) fn schema_is(&self, schema: &str) -> bool {
        self.name.schema() == Some(schema)
    }
}

/// A function or a procedure.
#[derive(Debug)]
pub(super) struct Routine {
    pub(super) name: TableName,
    pub(super) volatility: Volatility,
    pub(super) body: Body,
}
