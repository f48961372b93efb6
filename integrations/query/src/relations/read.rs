//! What a read depends on.

use std::collections::BTreeSet;

use dogpile::Tags;

use super::{RelationKind, Relations, few};
use crate::{Analysis, Bypass, BypassReason, Kind, TableName, tags};

impl Relations {
    /// What the result of `analysis` depends on, which may be cached as far as its text tells.
    ///
    /// # Errors
    ///
    /// Why it may not be cached all the same: one of its tables is of a kind that never is or is not
    /// known, there is something in the query of a view, or it calls what is not constant.
    pub fn read(&self, analysis: &Analysis) -> Result<Tags, Bypass> {
        if let Some(bypass) = self.bypass_of(analysis) {
            return Err(bypass);
        }
        let mut reading =
            Reading { relations: self, seen: BTreeSet::new(), found: BTreeSet::new() };
        for name in analysis.reads() {
            reading.name(name)?;
        }
        let found = few(reading.found);
        if found == analysis.reads() {
            return Ok(analysis.read_tags().clone());
        }
        Ok(tags::read(&found).prepared())
    }
}

struct Reading<'r> {
    relations: &'r Relations,
    seen: BTreeSet<usize>,
    found: BTreeSet<TableName>,
}

impl Reading<'_> {
    fn name(&mut self, name: &TableName) -> Result<(), Bypass> {
        let relations = self.relations;
        if !relations.knows(name) {
            return Err(Bypass::new(BypassReason::UnknownRelation, name.to_string()));
        }
        self.found.insert(relations.spelled(name));
        relations.named(name).try_for_each(|at| self.relation(at))
    }

    fn relation(&mut self, at: usize) -> Result<(), Bypass> {
        if !self.seen.insert(at) {
            return Ok(());
        }
        let relation = &self.relations.all[at];
        let name = self.relations.canonical(at);
        if let Some(reason) = never(&relation.kind) {
            return Err(Bypass::new(reason, name.to_string()));
        }
        self.parts(&name, at)?;
        if let RelationKind::View(query) = &relation.kind {
            self.query(&name, self.relations.query_of(query, &relation.query))?;
        }
        for policy in &relation.policies {
            self.policy(&name, &self.relations.analyzer.analyze(policy))?;
        }
        relation.parents.iter().for_each(|whole| self.whole(*whole));
        Ok(())
    }

    /// The rows of its parts are read with it, also those that change without a write.
    fn parts(&self, whole: &TableName, at: usize) -> Result<(), Bypass> {
        self.relations.all[at].parts.iter().try_for_each(|part| {
            let Some(reason) = never(&self.relations.all[*part].kind) else {
                return self.parts(whole, *part);
            };
            let part = self.relations.canonical(*part);
            Err(Bypass::new(reason, part.to_string()).within(format!("the parts of {whole}")))
        })
    }

    /// What a table is a part of is written with it, and not read.
    fn whole(&mut self, at: usize) {
        if self.found.insert(self.relations.canonical(at)) {
            let wholes = self.relations.all[at].parents.iter();
            wholes.copied().for_each(|whole| self.whole(whole));
        }
    }

    fn query(&mut self, view: &TableName, query: &Analysis) -> Result<(), Bypass> {
        if let Some(bypass) = self.relations.bypass_of(query) {
            return Err(bypass.within(format!("view {view}")));
        }
        query.reads().iter().try_for_each(|name| self.name(name))
    }

    /// Who the reader is and what the session is set to belongs to every key.
    fn policy(&mut self, table: &TableName, policy: &Analysis) -> Result<(), Bypass> {
        let bypass = self.relations.bypass_of(policy);
        let counts = |bypass: &Bypass| bypass.reason() != BypassReason::Session;
        if let Some(bypass) = bypass.filter(counts) {
            return Err(bypass.within(format!("a policy of {table}")));
        }
        if policy.kind() != Kind::Read {
            return Err(Bypass::new(BypassReason::Unparsed, format!("a policy of {table}")));
        }
        policy.reads().iter().try_for_each(|name| self.name(name))
    }
}

/// Why a relation of this kind is never cached.
fn never(kind: &RelationKind) -> Option<BypassReason> {
    match kind {
        RelationKind::Table | RelationKind::View(_) | RelationKind::MaterializedView => None,
        RelationKind::Foreign => Some(BypassReason::ForeignTable),
        RelationKind::Unlogged => Some(BypassReason::UnloggedTable),
        RelationKind::Temporary => Some(BypassReason::TemporaryTable),
        RelationKind::Sequence => Some(BypassReason::Sequence),
    }
}
