//! What is in the database, and what that means.

use std::collections::BTreeMap;

use crate::script::{LEDGER, Migration, Plan};
use crate::{Error, Result, State, Status, Step};

/// What is in the database.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The tables in small letters, without schema and quotes, and whether each is logged.
    pub(super) tables: BTreeMap<String, bool>,
    /// The versions that were noted, and when.
    pub(super) applied: BTreeMap<i64, i64>,
}

impl Found {
    /// Whether the list of migrations is there.
    pub(super) fn has_ledger(&self, plan: Plan<'_>) -> bool {
        self.table(plan, LEDGER).is_some()
    }

    /// The migrations that are to be applied.
    pub(super) fn pending(&self, plan: Plan<'_>) -> impl Iterator<Item = &'static Migration> {
        plan.migrations()
            .iter()
            .filter(move |migration| !matches!(self.state(plan, migration), State::Applied { .. }))
    }

    /// The migrations of which anything is there.
    pub(super) fn with_traces(
        &self,
        plan: Plan<'_>,
    ) -> impl DoubleEndedIterator<Item = &'static Migration> {
        plan.migrations().iter().filter(move |migration| {
            let there = |table: &&str| self.table(plan, table).is_some();
            self.applied.contains_key(&migration.version) || migration.tables.iter().any(there)
        })
    }

    pub(super) fn status(&self, plan: Plan<'_>) -> Status {
        let step = |migration: &Migration| Step {
            version: migration.version,
            title: migration.title(),
            state: self.state(plan, migration),
        };
        Status { steps: plan.migrations().iter().map(step).collect(), newer: self.newer(plan) }
    }

    pub(super) fn check(&self, plan: Plan<'_>) -> Result<()> {
        let status = self.status(plan);
        let missing: Vec<_> = status.pending().map(in_words).collect();
        if !missing.is_empty() {
            let (missing, command) = (missing.join(" and "), plan.settings.command("up"));
            return Err(Error::NotReady { missing, command });
        }
        self.check_logged(plan)
    }

    /// Refuses tables that are not logged as the settings say: the store would believe versions that
    /// a new primary may have lost, or mask those that it cannot lose.
    pub(super) fn check_logged(&self, plan: Plan<'_>) -> Result<()> {
        let settings = plan.settings;
        let of_data = plan.tables().filter(|(migration, _)| !migration.durable);
        let mut found = of_data.filter_map(|(_, table)| Some((table, self.table(plan, table)?)));
        let Some((table, logged)) = found.find(|(_, logged)| *logged != settings.logged) else {
            return Ok(());
        };
        let word = |logged| if logged { "logged" } else { "unlogged" };
        Err(Error::Logged {
            table: plan.names().bare(table),
            found: word(logged),
            wanted: word(settings.logged),
            down: settings.command("down"),
            up: settings.command("up"),
        })
    }

    pub(super) fn check_not_newer(&self, plan: Plan<'_>) -> Result<()> {
        match self.newer(plan) {
            Some(found) => Err(Error::Newer { found, known: newest(plan) }),
            None => Ok(()),
        }
    }

    fn newer(&self, plan: Plan<'_>) -> Option<i64> {
        let (found, _) = self.applied.last_key_value()?;
        (*found > newest(plan)).then_some(*found)
    }

    fn state(&self, plan: Plan<'_>, migration: &Migration) -> State {
        let Some(at) = self.applied.get(&migration.version) else {
            return State::Pending;
        };
        let missing = migration.tables.iter().filter(|table| self.table(plan, table).is_none());
        let missing: Vec<_> = missing.map(|table| plan.names().bare(table)).collect();
        if missing.is_empty() { State::Applied { at: *at } } else { State::Damaged { missing } }
    }

    /// Whether a table is logged, if it is there.
    fn table(&self, plan: Plan<'_>, table: &str) -> Option<bool> {
        self.tables.get(&plan.names().bare(table).to_ascii_lowercase()).copied()
    }
}

fn newest(plan: Plan<'_>) -> i64 {
    plan.migrations().last().map_or(0, |migration| migration.version)
}

fn in_words(step: &Step) -> String {
    match &step.state {
        State::Damaged { missing } => format!("the tables {} are missing", missing.join(", ")),
        _ => format!("migration {} was not applied", step.title),
    }
}
