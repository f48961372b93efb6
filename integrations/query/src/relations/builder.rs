//! Puts together what a catalog tells, in whatever order.

use std::collections::HashMap;

use super::relation::{Relation, Routine};
use super::{Body, OnReferenced, RelationKind, Relations, Volatility};
use crate::lexical::words;
use crate::{Analyzer, Changes, TableName};

/// Sets up [`Relations`].
///
/// Names are those of the catalog: in its own spelling, with the schema. What is said of a relation
/// that was not [named](Self::relation) before is not kept.
#[derive(Debug)]
pub struct RelationsBuilder {
    analyzer: Analyzer,
    all: Vec<Relation>,
    places: HashMap<TableName, usize>,
    routines: Vec<Routine>,
    /// Tables whose rows are in others, and the texts that name those.
    virtual_tables: Vec<(usize, Box<str>)>,
}

impl RelationsBuilder {
    pub(super) fn new(analyzer: Analyzer) -> Self {
        let (places, virtual_tables) = (HashMap::new(), Vec::new());
        Self { analyzer, all: Vec::new(), places, routines: Vec::new(), virtual_tables }
    }

    /// There is a relation.
    pub fn relation(&mut self, name: TableName, kind: RelationKind) {
        let name = self.folded(&name);
        self.places.insert(name.clone(), self.all.len());
        self.all.push(Relation::new(name, kind));
    }

    /// There is a table whose rows are, or may be, those of the tables that `text` names.
    pub fn virtual_table(&mut self, name: TableName, text: &str) {
        self.virtual_tables.push((self.all.len(), text.into()));
        self.relation(name, RelationKind::Table);
    }

    /// `part` is a partition of `whole`, or inherits from it.
    pub fn part(&mut self, part: &TableName, whole: &TableName) {
        if let (Some(part), Some(whole)) = (self.place(part), self.place(whole)) {
            self.all[part].parents.push(whole);
            self.all[whole].parts.push(part);
        }
    }

    /// `from` has a foreign key that refers to `to`, with these actions.
    pub fn reference(&mut self, from: &TableName, to: &TableName, actions: OnReferenced) {
        if let (Some(from), Some(to)) = (self.place(from), self.place(to)) {
            self.all[to].referring.push((from, actions));
        }
    }

    /// What runs when rows of `table` change in one of these ways. The name of a function is a text too.
    pub fn trigger(&mut self, table: &TableName, changes: Changes, body: Body) {
        if let Some(table) = self.place(table) {
            self.all[table].triggers.push((changes, body));
        }
    }

    /// What decides which rows of `table` a reader sees: an expression over its columns.
    pub fn policy(&mut self, table: &TableName, expression: &str) {
        if let Some(table) = self.place(table) {
            self.all[table].policies.push(format!("SELECT 1 WHERE {expression}").into());
        }
    }

    /// There is a function or procedure.
    pub fn routine(&mut self, name: &TableName, volatility: Volatility, body: Body) {
        let name = self.folded(name);
        self.routines.push(Routine { name, volatility, body });
    }

    /// The picture.
    pub fn build(mut self) -> Relations {
        let by_name = index(self.all.iter().map(|relation| &relation.name));
        for (at, text) in &self.virtual_tables {
            let named = words(text, self.analyzer.dialect());
            let named = named.iter().filter_map(|word| by_name.get(word)).flatten();
            self.all[*at].parents.extend(named.filter(|named| *named != at));
        }
        let routines_by_name = index(self.routines.iter().map(|routine| &routine.name));
        let Self { analyzer, all, routines, .. } = self;
        Relations { analyzer, all, by_name, routines, routines_by_name }
    }

    fn place(&self, name: &TableName) -> Option<usize> {
        self.places.get(&self.folded(name)).copied()
    }

    /// As the names in statements are.
    fn folded(&self, name: &TableName) -> TableName {
        let dialect = self.analyzer.dialect();
        let parts = name.schema().into_iter().chain([name.name()]);
        let parts: Vec<_> = parts.map(|part| dialect.fold_str(part, true)).collect();
        TableName::from_parts(dialect, &parts).unwrap_or_else(|| name.clone())
    }
}

fn index<'a>(names: impl Iterator<Item = &'a TableName>) -> HashMap<Box<str>, Vec<usize>> {
    let mut index: HashMap<Box<str>, Vec<usize>> = HashMap::new();
    for (at, name) in names.enumerate() {
        index.entry(name.name().into()).or_default().push(at);
    }
    index
}
