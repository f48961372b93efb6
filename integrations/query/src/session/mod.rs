//! What a statement does to the settings of its session, from its tokens.
//!
//! Not from the syntax tree: the parser lacks many spellings of `SET`, and none may be lost. What is
//! not recognised here is [`Unknown`](SessionChange::Unknown), or, where it is known not to be about
//! settings, [`Opaque`](SessionChange::Opaque).

mod calls;
mod mysql;
mod postgres;
mod sqlite;
mod temporary;
mod words;

use sqlparser::tokenizer::{Token, Tokenizer};

use crate::Dialect;
use crate::analysis::{Analysis, BypassReason, Kind, SessionChange, SettingValue};
use crate::lexical::Outline;
use words::Words;

/// Longer texts are taken for what they could be at worst.
const MAX_BYTES: usize = 256 * 1024;

/// Commands that leave the settings alone.
const HARMLESS: &[&str] = &[
    "",
    "analyze",
    "begin",
    "check",
    "checkpoint",
    "checksum",
    "close",
    "cluster",
    "comment",
    "copy",
    "deallocate",
    "declare",
    "desc",
    "describe",
    "explain",
    "fetch",
    "flush",
    "help",
    "kill",
    "listen",
    "lock",
    "move",
    "notify",
    "optimize",
    "prepare",
    "reindex",
    "release",
    "repair",
    "savepoint",
    "show",
    "start",
    "unlisten",
    "vacuum",
];
/// Commands that end a transaction, or a part of one.
const REVERTS: &[&str] = &["abort", "commit", "end", "rollback"];
/// Statements about rows.
const ROWS: &[&str] =
    &["delete", "insert", "merge", "replace", "select", "table", "update", "values", "with"];
/// Statements about objects that all sessions share.
const OBJECTS: &[&str] = &[
    "alter",
    "create",
    "drop",
    "grant",
    "import",
    "install",
    "reassign",
    "refresh",
    "rename",
    "revoke",
    "security",
    "truncate",
    "uninstall",
];
/// Commands that run code of which nothing is known.
const CALLS: &[&str] = &["call", "do", "execute"];

/// What the statement does, in order. Empty for what has nothing to do with settings.
pub(crate) fn changes(sql: &str, dialect: Dialect, analysis: &Analysis) -> Box<[SessionChange]> {
    let unknown = || Box::from([SessionChange::Unknown]);
    if sql.len() > MAX_BYTES {
        let told = analysis.kind() == Kind::Write && !analysis.flushes();
        return if told { Box::default() } else { unknown() };
    }
    if Outline::of(sql, dialect).executable_comment {
        return unknown();
    }
    let Ok(mut tokens) = Tokenizer::new(dialect.grammar(), sql).tokenize() else {
        return unknown();
    };
    tokens.retain(|token| !matches!(token, Token::Whitespace(_) | Token::EOF));
    let statements: Vec<_> = tokens
        .split(|token| *token == Token::SemiColon)
        .filter(|tokens| !tokens.is_empty())
        .map(Words)
        .collect();
    match statements.as_slice() {
        [] => Box::from([SessionChange::Harmless]),
        [statement] => one(*statement, dialect, analysis).into(),
        several => together(several, dialect, analysis).into(),
    }
}

fn one(statement: Words<'_>, dialect: Dialect, analysis: &Analysis) -> Vec<SessionChange> {
    let mut changes = of(statement, dialect);
    let is_temporary = analysis.kind() != Kind::Read
        && analysis.bypass().is_some_and(|why| why.reason() == BypassReason::TemporaryTable);
    if is_temporary && !changes.iter().any(|change| matches!(change, SessionChange::Set { .. })) {
        changes.push(SessionChange::Unknown);
    }
    let verb = statement.verb();
    let explains = verb == "explain";
    // What flushes and does not change the schema calls something that is not known.
    let calls = analysis.flushes()
        && !analysis.changes_schema()
        && (explains || ROWS.contains(&verb.as_str()));
    if calls || explains && (statement.has("execute") || statement.has("call")) {
        changes.push(SessionChange::Opaque);
    }
    if changes.len() > 1 {
        changes.retain(|change| *change != SessionChange::Harmless);
    }
    changes
}

/// Several statements in one string, run one after the other.
fn together(several: &[Words<'_>], dialect: Dialect, analysis: &Analysis) -> Vec<SessionChange> {
    let mut changes: Vec<_> =
        several.iter().flat_map(|statement| of(*statement, dialect)).collect();
    changes.retain(|change| *change != SessionChange::Harmless);
    let sets = changes.iter().any(|change| !matches!(change, SessionChange::Reverts));
    let transactional = several.iter().any(|statement| {
        let verb = statement.verb();
        REVERTS.contains(&verb.as_str()) || ["begin", "start", "savepoint"].contains(&&*verb)
    });
    if sets && transactional {
        return vec![SessionChange::Unknown];
    }
    let selects = |statement: &Words<'_>| ["select", "with"].contains(&statement.verb().as_str());
    if analysis.flushes() && several.iter().any(selects) {
        changes.push(SessionChange::Opaque);
    }
    if changes.is_empty() && analysis.kind() == Kind::Control {
        changes.push(SessionChange::Harmless);
    }
    changes
}

fn of(statement: Words<'_>, dialect: Dialect) -> Vec<SessionChange> {
    let verb = statement.verb();
    let mut rest = statement;
    rest.eat(&verb);
    let own = match dialect {
        Dialect::Postgres => postgres::command(&verb, rest),
        Dialect::MySql => mysql::command(&verb, rest),
        Dialect::Sqlite => sqlite::command(&verb, rest),
    };
    let mut changes = own.unwrap_or_else(|| common(&verb));
    if let Some(called) = calls::of(statement, dialect) {
        changes.retain(|change| *change != SessionChange::Harmless);
        changes.extend(called);
    }
    changes.extend(temporary::tables(statement, dialect));
    changes
}

fn common(verb: &str) -> Vec<SessionChange> {
    let is_in = |list: &[&str]| list.contains(&verb);
    if is_in(HARMLESS) {
        vec![SessionChange::Harmless]
    } else if is_in(REVERTS) {
        vec![SessionChange::Reverts]
    } else if is_in(ROWS) || is_in(OBJECTS) {
        Vec::new()
    } else if is_in(CALLS) {
        vec![SessionChange::Opaque]
    } else {
        vec![SessionChange::Unknown]
    }
}

/// A setting whose value is the rest of the statement.
fn set(setting: &str, value: Words<'_>, local: bool) -> SessionChange {
    SessionChange::Set { setting: setting.into(), value: value.value(), local }
}

/// Whether a value is the word, with or without quotes.
fn says(value: &SettingValue, words: &[&str]) -> bool {
    match value {
        SettingValue::Literal(text) => {
            let text = text.trim_matches(['\'', '"']);
            words.iter().any(|word| text.eq_ignore_ascii_case(word))
        }
        SettingValue::Argument | SettingValue::Computed => false,
    }
}
