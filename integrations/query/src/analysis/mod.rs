//! What is known about one statement.

mod bypass;
mod calls;
mod changes;
mod new_rows;
mod row;
mod session;
mod transaction;

pub use bypass::{Bypass, BypassReason};
pub(crate) use calls::Calls;
pub use changes::Changes;
pub use new_rows::NewRows;
pub use row::{ColumnPin, RowFilter, RowValue};
pub use session::{Hint, SessionChange, SettingValue};
pub use transaction::TransactionText;

use crate::TableName;
use crate::policy::RulingMemo;
use crate::tags::TagMemo;
use crate::text_digest::TextDigest;

/// What a statement does, seen from the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Returns rows and writes no table that is named in it.
    Read,
    /// Changes rows or the schema.
    Write,
    /// Session and transaction commands, `SHOW`, `PRAGMA`, `EXPLAIN`: neither cached nor, unless it
    /// [flushes](Analysis::flushes), invalidating.
    Control,
    /// Not understood. [Flushes](Analysis::flushes).
    Unknown,
}

/// What one SQL text reads and writes, and whether its result may be cached.
///
/// Made by [`Analyzer::analyze`](crate::Analyzer::analyze).
#[derive(Debug, Clone)]
pub struct Analysis {
    pub(crate) kind: Kind,
    pub(crate) reads: Box<[TableName]>,
    pub(crate) writes: Box<[TableName]>,
    pub(crate) changes: Changes,
    /// Of functions that are not built in, if there are any.
    pub(crate) calls: Option<Box<Calls>>,
    pub(crate) bypass: Option<Bypass>,
    pub(crate) flushes: bool,
    pub(crate) changes_schema: bool,
    pub(crate) row: Option<RowFilter>,
    pub(crate) new_rows: Option<NewRows>,
    pub(crate) transaction: Option<TransactionText>,
    pub(crate) session: Box<[SessionChange]>,
    pub(crate) hint: Option<(Hint, Box<str>)>,
    pub(crate) tags: TagMemo,
    pub(crate) text: TextDigest,
    pub(crate) rulings: RulingMemo,
}

impl Analysis {
    /// What the statement does.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The tables read, sorted, each once. A table that is only written is not among them. Empty if the
    /// text could not be parsed.
    pub fn reads(&self) -> &[TableName] {
        &self.reads
    }

    /// The tables written, sorted, each once: all that are, unless it [flushes](Self::flushes).
    pub fn writes(&self) -> &[TableName] {
        &self.writes
    }

    /// In which ways it writes them.
    pub fn changes(&self) -> Changes {
        self.changes
    }

    /// Why the result must not be cached, whatever a [catalog](crate::Relations) may tell of the
    /// functions that it calls.
    pub fn bypass_for_good(&self) -> Option<&Bypass> {
        match &self.calls {
            Some(calls) => calls.bypass.as_ref(),
            None => self.bypass(),
        }
    }

    /// Why the result must not be cached. `None` only for a cacheable [`Kind::Read`].
    pub fn bypass(&self) -> Option<&Bypass> {
        self.bypass.as_ref()
    }

    /// What it writes is not fully known: everything must be invalidated.
    ///
    /// So for statements that are not understood, `CALL`, `DO`, permission changes, a `COMMIT` sent
    /// as text, statement strings that hold more than reads, and in PostgreSQL and MySQL for unknown
    /// functions, which may write.
    pub fn flushes(&self) -> bool {
        self.flushes
    }

    /// Whether a transaction of the connection begins or ends with it.
    pub fn transaction(&self) -> Option<TransactionText> {
        self.transaction
    }

    /// What it does to the settings of its session, in order. Never empty for a [`Kind::Control`].
    ///
    /// What a trigger or a user-defined operator does to them is not known from the text.
    pub fn session(&self) -> &[SessionChange] {
        &self.session
    }

    /// What a comment before or after the statement wishes. One that says `off` is obeyed by
    /// [`bypass`](Self::bypass); `on` is for whoever caches nothing without being told.
    pub fn hint(&self) -> Option<Hint> {
        self.hint.as_ref().map(|(hint, _)| *hint)
    }

    /// The text without the comments that hold its hint, where it has one: what a key is made of.
    pub fn sql_without_hint(&self) -> Option<&str> {
        self.hint.as_ref().map(|(_, sql)| &**sql)
    }

    /// Tables, views, triggers or the like changed: what was learnt from the catalog is outdated.
    pub fn changes_schema(&self) -> bool {
        self.changes_schema
    }

    /// The rows that a `SELECT`, `UPDATE` or `DELETE` of one table is limited to.
    pub fn row(&self) -> Option<&RowFilter> {
        self.row.as_ref()
    }

    /// The rows that an `INSERT` adds, where its text tells and there are not many.
    pub fn new_rows(&self) -> Option<&NewRows> {
        self.new_rows.as_ref()
    }
}
