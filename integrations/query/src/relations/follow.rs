//! What is written with what a statement writes.

use std::collections::BTreeSet;

use dogpile::{Tag, Tags};

use super::{Body, OnReferenced, RelationKind, Relations, few};
use crate::{Analysis, Changes, TableName, tags};

impl Relations {
    /// What `analysis` moves; empty if it cannot write.
    pub fn written(&self, analysis: &Analysis) -> Tags {
        let mut following = Following::new(self);
        following.flushes = analysis.flushes() && !self.calls_tell(analysis);
        let called = analysis.calls.iter().flat_map(|calls| calls.functions.iter());
        called.for_each(|function| following.call(function));
        for name in analysis.writes() {
            // What is made may not be known yet; what is dropped flushes where it takes others along.
            following.flushes |= !analysis.changes_schema() && !self.knows(name);
            following.known(name, analysis.changes());
        }
        following.tags(analysis)
    }

    /// What a write of any kind to `tables` moves, of which nobody knows the text.
    pub fn written_somehow(&self, tables: &[TableName]) -> Tags {
        let mut following = Following::new(self);
        tables.iter().for_each(|name| following.name(name, Changes::ALL));
        following.moved()
    }
}

struct Following<'r> {
    relations: &'r Relations,
    /// What was done to each, so far.
    done: Vec<Changes>,
    found: BTreeSet<TableName>,
    /// Those whose wholes are found too.
    placed: BTreeSet<usize>,
    flushes: bool,
}

impl<'r> Following<'r> {
    fn new(relations: &'r Relations) -> Self {
        let done = vec![Changes::NONE; relations.all.len()];
        let (found, placed) = (BTreeSet::new(), BTreeSet::new());
        Self { relations, done, found, placed, flushes: false }
    }

    fn tags(self, analysis: &Analysis) -> Tags {
        let plain = self.flushes == analysis.flushes() && self.found.iter().eq(analysis.writes());
        if plain { analysis.write_tags().clone() } else { self.moved() }
    }

    fn moved(self) -> Tags {
        let mut tags = tags::written(&few(self.found));
        if self.flushes {
            tags.insert(Tag::all_tables());
        }
        tags.prepared()
    }

    fn name(&mut self, name: &TableName, changes: Changes) {
        self.flushes |= !self.relations.knows(name);
        self.known(name, changes);
    }

    fn known(&mut self, name: &TableName, changes: Changes) {
        let relations = self.relations;
        self.found.insert(name.clone());
        for at in relations.named(name) {
            relations.all[at].parents.iter().for_each(|whole| self.whole(*whole));
            self.consequences(at, changes);
        }
    }

    /// Rows of a relation, and of its parts, are changed.
    fn relation(&mut self, at: usize, changes: Changes) {
        self.whole(at);
        self.consequences(at, changes);
    }

    /// A relation, and what it is a part of.
    fn whole(&mut self, at: usize) {
        if self.placed.insert(at) {
            self.found.insert(self.relations.canonical(at));
            self.relations.all[at].parents.iter().for_each(|whole| self.whole(*whole));
        }
    }

    fn consequences(&mut self, at: usize, changes: Changes) {
        if self.done[at].covers(changes) {
            return;
        }
        self.done[at] |= changes;
        let relation = &self.relations.all[at];
        if let RelationKind::View(query) = &relation.kind {
            let below = self.relations.query_of(query, &relation.query);
            self.flushes |= below.reads().is_empty();
            below.reads().iter().for_each(|name| self.name(name, changes));
        }
        for (events, body) in &relation.triggers {
            if events.meets(changes) {
                self.body(body);
            }
        }
        for (from, actions) in &relation.referring {
            self.reference(*from, *actions, changes);
        }
        // Reads of a part look for what was written through the whole: it need not be named.
        relation.parts.iter().for_each(|part| self.consequences(*part, changes));
    }

    fn reference(&mut self, from: usize, actions: OnReferenced, changes: Changes) {
        let mut follows = Changes::NONE;
        if changes.meets(Changes::DELETE) {
            follows |= actions.deleted;
        }
        if changes.meets(Changes::UPDATE) {
            follows |= actions.updated;
        }
        if follows != Changes::NONE {
            self.relation(from, follows);
        }
    }

    fn body(&mut self, body: &Body) {
        let touched = self.relations.touched(body);
        self.flushes |= touched.anything;
        touched.relations.into_iter().for_each(|at| self.relation(at, Changes::ALL));
    }

    /// What a function may write that a statement calls.
    fn call(&mut self, function: &TableName) {
        for routine in self.relations.routines_named(function) {
            if self.relations.may_write(routine) {
                self.body(&routine.body);
            }
        }
    }
}
