//! An analysis, held against the account of a database.

use std::collections::BTreeSet;

use dogpile_query::{Analysis, BypassReason, Kind, TableName};

use crate::account::{Account, Touched};
use crate::corpus::Statement;

/// What came of the comparison for one statement.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) statement: Statement,
    /// What the database touches and the analysis does not know of.
    pub(crate) missed: Vec<String>,
    /// Tables of a cacheable read that the database does not touch.
    pub(crate) surplus: Vec<String>,
    /// A query that always returns the same rows while nothing is written.
    pub(crate) deterministic: bool,
    /// Why the result is not cached.
    pub(crate) bypass: Option<String>,
}

impl Judged {
    pub(crate) fn new(statement: Statement, account: Account, analysis: &Analysis) -> Self {
        let deterministic =
            statement.is_deterministic_query() && account.writes.is_empty() && !account.catalog;
        Self {
            missed: missed(&account, analysis),
            surplus: match statement.names_too_many() {
                true => Vec::new(),
                false => surplus(&account, analysis),
            },
            deterministic,
            bypass: analysis.bypass().map(ToString::to_string),
            statement,
        }
    }
}

fn missed(account: &Account, analysis: &Analysis) -> Vec<String> {
    let reads: BTreeSet<_> = analysis.reads().iter().collect();
    let writes: BTreeSet<_> = analysis.writes().iter().collect();
    let known: BTreeSet<_> = match analysis.kind() {
        Kind::Write => reads.union(&writes).copied().collect(),
        _ => reads,
    };
    let bypass = analysis.bypass().map(dogpile_query::Bypass::reason);
    let bypassed = bypass.is_some_and(|reason| reason != BypassReason::NotARead);
    let mut missed = Vec::new();
    if !analysis.flushes() {
        missed.extend(unknown(&account.writes, &writes, "writes"));
    }
    if !analysis.flushes() && !bypassed {
        missed.extend(unknown(&account.reads, &known, "reads"));
    }
    if account.catalog && analysis.kind() == Kind::Read && bypass.is_none() {
        missed.push(String::from("reads the catalog, and is cached"));
    }
    missed
}

fn unknown<'a>(
    touched: &'a BTreeSet<Touched>,
    known: &'a BTreeSet<&TableName>,
    does: &'a str,
) -> impl Iterator<Item = String> + 'a {
    touched
        .iter()
        .filter(|table| !table.covered_by.iter().any(|name| known.contains(name)))
        .map(move |table| format!("{does} {}", table.name))
}

fn surplus(account: &Account, analysis: &Analysis) -> Vec<String> {
    let touched: BTreeSet<_> = account.reads.iter().flat_map(|table| &table.covered_by).collect();
    let cached = analysis.bypass().is_none();
    let foreign = |name: &&TableName| cached && !touched.contains(name);
    analysis.reads().iter().filter(foreign).map(ToString::to_string).collect()
}

pub(crate) fn assert_nothing_is_missed(judged: &[Judged]) {
    let shown = |of: fn(&Judged) -> &Vec<String>| {
        let wrong = judged.iter().filter(|one| !of(one).is_empty());
        wrong.map(|one| format!("{}: {:?}", one.statement.sql, of(one))).collect::<Vec<_>>()
    };
    let (missed, surplus) = (shown(|one| &one.missed), shown(|one| &one.surplus));
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
    assert!(surplus.is_empty(), "{} read no such table:\n{}", surplus.len(), surplus.join("\n"));
}
