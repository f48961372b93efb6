//! The walk over syntax trees: what is read, what is written, what stands in the way of caching.
//!
//! The generated visitor of `sqlparser` reaches every node. What it does not know is added here:
//! which names are CTEs ([`scope`]), which are targets of writes ([`targets`]), what a statement
//! does beyond its parts ([`effect`]), and what makes a read uncacheable ([`calls`], [`literals`],
//! [`tables`]).

mod calls;
mod effect;
mod literals;
mod new_rows;
mod row;
mod scope;
mod sqlite_time;
mod tables;
mod targets;
mod visitor;

use std::collections::BTreeSet;

use sqlparser::ast::{ObjectName, Statement, Visit};

use crate::analysis::{Analysis, Bypass, BypassReason, Calls, Changes, Kind, TransactionText};
use crate::functions::Functions;
use crate::lexical::{self, Outline};
use crate::parse::{self, Parsed};
use crate::policy::RulingMemo;
use crate::tags::TagMemo;
use crate::text_digest::TextDigest;
use crate::{Dialect, TableName};
use scope::Scopes;

/// What the text does, whatever the text.
pub(crate) fn analyze(sql: &str, functions: &Functions, max_bytes: usize) -> Analysis {
    let guess =
        |reason, detail: String| lexical::guess(sql, functions, Bypass::new(reason, detail));
    if sql.len() > max_bytes {
        return guess(BypassReason::TooLarge, format!("more than {max_bytes} bytes"));
    }
    let outline = Outline::of(sql, functions.dialect());
    if !outline.statement {
        return guess(BypassReason::NotARead, String::new());
    }
    if !outline.fits() {
        return guess(BypassReason::TooLarge, "too deeply nested or too many operators".to_owned());
    }
    if outline.executable_comment {
        return guess(BypassReason::Unparsed, "a comment that is executed".to_owned());
    }
    parse::parse(sql, functions.dialect(), outline, |parsed| match parsed {
        Ok(parsed) => statements(&parsed, functions).unwrap_or_else(|| {
            guess(BypassReason::Unparsed, "the parser dropped part of it".to_owned())
        }),
        Err(error) => guess(BypassReason::Unparsed, error.to_string()),
    })
}

/// `None` if the tree does not hold all that the text says.
fn statements(parsed: &Parsed, functions: &Functions) -> Option<Analysis> {
    match parsed.statements.as_slice() {
        [statement] => {
            let mut analysis = one(statement, functions)?;
            let (dialect, placeholders) = (functions.dialect(), &parsed.placeholders);
            analysis.row = row::filter(statement, &analysis, dialect, placeholders);
            analysis.new_rows = new_rows::of(statement, &analysis, dialect, placeholders);
            Some(analysis)
        }
        [] => None,
        several => {
            let all: Option<Vec<_>> = several.iter().map(|s| one(s, functions)).collect();
            Some(together(&all?))
        }
    }
}

fn one(statement: &Statement, functions: &Functions) -> Option<Analysis> {
    let mut walker = Walker::new(functions);
    let effect = match statement {
        Statement::Call(call) if walker.touch(&call.name) => effect::WRITE,
        _ => effect::of(statement, functions.dialect()),
    };
    walker.writes_count = effect.writes_count;
    // The visitor's Break type is never made: it always runs to the end.
    let _ = statement.visit(&mut walker);
    if walker.not_understood {
        return None;
    }
    let transaction = TransactionText::of(statement, functions.dialect());
    Some(Analysis { transaction, ..walker.finish(&effect) })
}

/// Several statements in one string: none is cached, and only reads do not flush.
fn together(all: &[Analysis]) -> Analysis {
    let merged = |tables: fn(&Analysis) -> &[TableName]| {
        let set: BTreeSet<_> = all.iter().flat_map(tables).cloned().collect();
        set.into_iter().collect()
    };
    let reads_only = all.iter().all(|one| one.kind == Kind::Read);
    let writes = all.iter().any(|one| one.kind == Kind::Write);
    let kind = match (reads_only, writes) {
        (true, _) => Kind::Read,
        (false, true) => Kind::Write,
        (false, false) => Kind::Unknown,
    };
    let detail = format!("{} in one string", all.len());
    Analysis {
        kind,
        reads: merged(Analysis::reads),
        writes: merged(Analysis::writes),
        changes: Changes::ALL,
        calls: None,
        bypass: Some(Bypass::new(BypassReason::MultipleStatements, detail)),
        flushes: !reads_only || all.iter().any(Analysis::flushes),
        changes_schema: all.iter().any(Analysis::changes_schema),
        row: None,
        new_rows: None,
        transaction: all.iter().rev().find_map(Analysis::transaction),
        session: Box::default(),
        hint: None,
        tags: TagMemo::default(),
        text: TextDigest::default(),
        rulings: RulingMemo::default(),
    }
}

/// What has been seen of one statement.
struct Walker<'a> {
    functions: &'a Functions,
    scopes: Scopes,
    reads: BTreeSet<TableName>,
    writes: BTreeSet<TableName>,
    changes: Changes,
    bypass: Option<Bypass>,
    flushes: bool,
    /// The functions called that are not known.
    calls: BTreeSet<TableName>,
    /// The first obstacle that is not such a call.
    bypass_but_calls: Option<Bypass>,
    changes_schema: bool,
    /// The tree does not hold all that the text says.
    not_understood: bool,
    /// `EXPLAIN INSERT ..` writes nothing.
    writes_count: bool,
    /// A data-modifying statement was met.
    modifies: bool,
    /// Names that the visitor will show as relations but that are not read: the targets of writes,
    /// functions in `FROM`. By address: the tree does not move while it is walked.
    not_reads: Vec<*const ObjectName>,
}

impl<'a> Walker<'a> {
    fn new(functions: &'a Functions) -> Self {
        Self {
            functions,
            scopes: Scopes::new(functions.dialect()),
            reads: BTreeSet::new(),
            writes: BTreeSet::new(),
            changes: Changes::NONE,
            bypass: None,
            flushes: false,
            calls: BTreeSet::new(),
            bypass_but_calls: None,
            changes_schema: false,
            not_understood: false,
            writes_count: true,
            modifies: false,
            not_reads: Vec::new(),
        }
    }

    fn dialect(&self) -> Dialect {
        self.functions.dialect()
    }

    /// The first obstacle met is the one reported.
    fn obstacle(&mut self, bypass: Bypass) {
        self.bypass_but_calls.get_or_insert_with(|| bypass.clone());
        self.bypass.get_or_insert(bypass);
    }

    fn finish(self, effect: &effect::Effect) -> Analysis {
        let kind = match effect.kind {
            Kind::Read | Kind::Control if self.modifies && self.writes_count => Kind::Write,
            kind => kind,
        };
        let bypass = |first: Option<Bypass>| {
            let temporary = |why: &Bypass| why.reason() == BypassReason::TemporaryTable;
            let first = first.filter(|why| kind == Kind::Read || temporary(why));
            first.or_else(|| (kind != Kind::Read).then(|| Bypass::new(BypassReason::NotARead, "")))
        };
        let (flushes, calls) = (self.flushes || effect.flushes, self.calls);
        let by_calls = !calls.is_empty() && self.functions.unknown_may_write();
        let calls = (!calls.is_empty()).then(|| {
            let functions = calls.into_iter().collect();
            Box::new(Calls { functions, bypass: bypass(self.bypass_but_calls), flushes })
        });
        Analysis {
            kind,
            reads: self.reads.into_iter().collect(),
            writes: self.writes.into_iter().collect(),
            changes: self.changes,
            calls,
            bypass: bypass(self.bypass),
            flushes: flushes || by_calls,
            changes_schema: self.changes_schema || effect.changes_schema,
            row: None,
            new_rows: None,
            transaction: None,
            session: Box::default(),
            hint: None,
            tags: TagMemo::default(),
            text: TextDigest::default(),
            rulings: RulingMemo::default(),
        }
    }
}
