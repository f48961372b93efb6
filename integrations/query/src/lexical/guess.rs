//! The safe answer for a text that was not parsed, from its words.
//!
//! * What begins as a read (`SELECT`, `VALUES`, `TABLE`, `WITH`) is a read that is not cached. It
//!   flushes only if it could write: a data-modifying word after `WITH`, `SELECT .. INTO` in
//!   PostgreSQL, or, in PostgreSQL and MySQL, a call of a function that is not known. So a typing
//!   mistake in a `SELECT` does not empty the cache.
//! * Session commands neither cache nor flush.
//! * Everything else flushes, but for three that name what they write: an `INSERT .. VALUES` too
//!   long to parse, `REFRESH MATERIALIZED VIEW`, `LOAD DATA .. INTO TABLE`.

use super::scan::{Lexeme, Scanner};
use crate::analysis::{Analysis, Bypass, BypassReason, Changes, Kind};
use crate::functions::Functions;
use crate::policy::RulingMemo;
use crate::tags::TagMemo;
use crate::text_digest::TextDigest;
use crate::{Dialect, TableName};

const READS: &[&str] = &["select", "values", "table", "with"];
const SESSION: &[&str] = &[
    "abort",
    "analyze",
    "begin",
    "check",
    "checkpoint",
    "checksum",
    "close",
    "cluster",
    "deallocate",
    "declare",
    "desc",
    "describe",
    "discard",
    "explain",
    "fetch",
    "help",
    "kill",
    "listen",
    "move",
    "notify",
    "optimize",
    "pragma",
    "prepare",
    "reindex",
    "release",
    "reset",
    "rollback",
    "savepoint",
    "set",
    "show",
    "start",
    "unlisten",
    "unlock",
    "vacuum",
];
const WRITES: &[&str] = &[
    "insert", "update", "delete", "merge", "replace", "into", "call", "truncate", "create", "drop",
];
/// Words that make a session command more than one.
const WEIGHTY: &[&str] =
    &["autocommit", "transaction", "prepared", "global", "persist", "persist_only"];

/// What to assume of a text that was not parsed, and why it was not.
pub(crate) fn guess(sql: &str, functions: &Functions, why: Bypass) -> Analysis {
    let dialect = functions.dialect();
    let lexemes: Vec<_> = Scanner::new(sql, dialect).collect();
    let statements: Vec<Statement<'_>> = lexemes
        .split(|lexeme| *lexeme == Lexeme::Symbol(';'))
        .filter(|lexemes| !lexemes.is_empty())
        .map(|lexemes| Statement { lexemes, functions })
        .collect();
    match statements.as_slice() {
        [] => answer(Kind::Control, why, false),
        [statement] => statement.guess(why),
        several => {
            let reads =
                several.iter().all(|statement| statement.is_read() && !statement.may_write());
            let kind = if reads { Kind::Read } else { Kind::Unknown };
            let detail = format!("{} in one string", several.len());
            answer(kind, Bypass::new(BypassReason::MultipleStatements, detail), !reads)
        }
    }
}

fn answer(kind: Kind, why: Bypass, flushes: bool) -> Analysis {
    Analysis {
        kind,
        reads: Box::default(),
        writes: Box::default(),
        changes: Changes::ALL,
        calls: None,
        bypass: Some(why),
        flushes,
        changes_schema: kind == Kind::Unknown,
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

fn write(table: TableName) -> Analysis {
    let why = Bypass::new(BypassReason::NotARead, "");
    Analysis { writes: Box::new([table]), ..answer(Kind::Write, why, false) }
}

struct Statement<'a> {
    lexemes: &'a [Lexeme<'a>],
    functions: &'a Functions,
}

impl Statement<'_> {
    fn guess(&self, why: Bypass) -> Analysis {
        if let Some(table) = self.only_target() {
            return write(table);
        }
        if self.is_read() {
            let why = if self.locks() { Bypass::new(BypassReason::Locking, "") } else { why };
            return answer(Kind::Read, why, self.may_write());
        }
        let heavy = self.has(WRITES) || self.has(WEIGHTY) || self.calls_unknown();
        if self.starts_with(SESSION) && !heavy && !self.has_executable_comment() {
            return answer(Kind::Control, Bypass::new(BypassReason::NotARead, ""), false);
        }
        answer(Kind::Unknown, why, true)
    }

    fn first(&self) -> Option<&Lexeme<'_>> {
        self.lexemes.iter().find(|lexeme| **lexeme != Lexeme::Symbol('('))
    }

    fn starts_with(&self, words: &[&str]) -> bool {
        self.first().is_some_and(|first| words.iter().any(|word| first.is_word(word)))
    }

    fn has(&self, words: &[&str]) -> bool {
        self.lexemes.iter().any(|lexeme| words.iter().any(|word| lexeme.is_word(word)))
    }

    fn has_executable_comment(&self) -> bool {
        self.lexemes.contains(&Lexeme::ExecutableComment)
    }

    fn is_read(&self) -> bool {
        self.starts_with(READS)
    }

    fn may_write(&self) -> bool {
        let postgres = self.functions.dialect() == Dialect::Postgres;
        let into = postgres && self.has(&["into"]);
        let modifies = self.starts_with(&["with"]) && self.modifies();
        into || modifies || self.calls_unknown() || self.has_executable_comment()
    }

    /// Holds a data-modifying word, not counting the `UPDATE` of `FOR UPDATE`.
    fn modifies(&self) -> bool {
        let update = self.lexemes.windows(2).any(|pair| {
            pair[1].is_word("update") && !pair[0].is_word("for") && !pair[0].is_word("key")
        });
        update || self.has(&["insert", "delete", "merge", "replace"])
    }

    fn locks(&self) -> bool {
        self.lexemes.windows(2).any(|pair| {
            (pair[0].is_word("for")
                && ["update", "share", "no", "key"].iter().any(|w| pair[1].is_word(w)))
                || (pair[0].is_word("lock") && pair[1].is_word("in"))
        })
    }

    /// Calls a function that may write.
    fn calls_unknown(&self) -> bool {
        self.functions.unknown_may_write()
            && self.lexemes.windows(2).any(|pair| match pair {
                [Lexeme::Word(name), Lexeme::Symbol('(')] => !self.functions.harmless_call(name),
                [Lexeme::Quoted(_), Lexeme::Symbol('(')] => true,
                _ => false,
            })
    }

    /// The table, where the words say that one table and nothing else is written.
    fn only_target(&self) -> Option<TableName> {
        if self.has_executable_comment() {
            return None;
        }
        if self.starts_with(&["insert", "replace"]) {
            return self.bulk_insert_target();
        }
        if self.starts_with(&["refresh"]) {
            let name = self.after(&["materialized", "view"])?;
            return self
                .name_at(name + usize::from(self.lexemes.get(name)?.is_word("concurrently")));
        }
        let load = self.starts_with(&["load"]) && !self.calls_unknown() && !self.has(&["select"]);
        if load { self.name_at(self.after(&["into", "table"])?) } else { None }
    }

    fn bulk_insert_target(&self) -> Option<TableName> {
        let into = self.after(&["into"])?;
        let name = self.name_at(into)?;
        let list = self.lexemes[into..].iter().position(|l| *l == Lexeme::Symbol('('))? + into;
        let values = Statement { lexemes: &self.lexemes[list..], functions: self.functions };
        let elsewhere = values.has(&["select", "with", "merge", "call", "table"]);
        if elsewhere || values.calls_unknown() { None } else { Some(name) }
    }

    /// The index after the first run of these words.
    fn after(&self, words: &[&str]) -> Option<usize> {
        let run = |window: &[Lexeme<'_>]| window.iter().zip(words).all(|(l, word)| l.is_word(word));
        self.lexemes.windows(words.len()).position(run).map(|at| at + words.len())
    }

    fn name_at(&self, at: usize) -> Option<TableName> {
        let mut parts = vec![self.part(at)?];
        let mut at = at + 1;
        while self.lexemes.get(at) == Some(&Lexeme::Symbol('.')) {
            parts.push(self.part(at + 1)?);
            at += 2;
        }
        TableName::from_parts(self.functions.dialect(), &parts)
    }

    fn part(&self, at: usize) -> Option<Box<str>> {
        let dialect = self.functions.dialect();
        match self.lexemes.get(at)? {
            Lexeme::Word(word) => Some(dialect.fold_str(word, false)),
            Lexeme::Quoted(name) => Some(dialect.fold_str(name, true)),
            _ => None,
        }
    }
}
