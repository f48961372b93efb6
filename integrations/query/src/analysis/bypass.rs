//! Why a result is not cached.

use std::fmt;

/// Why a statement's result must not be cached, and what can be done about it.
///
/// ```
/// use dogpile_query::{Analyzer, Dialect};
///
/// let analysis = Analyzer::new(Dialect::Sqlite).analyze("SELECT random()");
/// let bypass = analysis.bypass().unwrap();
/// assert_eq!(bypass.to_string(), "volatile function random()");
/// assert_eq!(bypass.reason().code(), "volatile");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bypass {
    reason: BypassReason,
    detail: String,
    mend: Option<String>,
}

impl Bypass {
    pub(crate) fn new(reason: BypassReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), mend: None }
    }

    pub(crate) fn with_mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }

    /// The kind of obstacle.
    pub fn reason(&self) -> BypassReason {
        self.reason
    }

    /// The part of the statement that stands in the way, such as `now()`. May be empty.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// How the statement or the set-up can be changed so that the result is cached.
    pub fn how_to_mend(&self) -> Option<&str> {
        self.mend.as_deref()
    }
}

impl fmt::Display for Bypass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.title())?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " {}", self.detail) }
    }
}

/// The kinds of obstacle to caching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum BypassReason {
    /// A function or literal whose value changes from call to call, such as `now()`.
    Volatile,
    /// The result depends on the connection: its user, variables, last insert id.
    Session,
    /// A function not known to be deterministic and free of table access.
    UnknownFunction,
    /// A function in `FROM` that is not known to be pure.
    TableFunction,
    /// `FOR UPDATE`, `FOR SHARE` and the like: the lock is the point.
    Locking,
    /// More than one statement in one string.
    MultipleStatements,
    /// A table or function of the database's own catalog.
    SystemCatalog,
    /// A table that only this connection sees.
    TemporaryTable,
    /// Not a read.
    NotARead,
    /// The text could not be parsed.
    Unparsed,
    /// `TABLESAMPLE`: other rows each time.
    Sample,
    /// Longer or deeper than what is analysed.
    TooLarge,
    /// A comment says `dogpile: off`.
    Hint,
    /// A table of which the database's catalog says nothing.
    UnknownRelation,
    /// Its rows are on another server, and change there.
    ForeignTable,
    /// A crash of the server empties it.
    UnloggedTable,
    /// A sequence, read as a table.
    Sequence,
}

impl BypassReason {
    /// A short stable name, for metrics.
    pub const fn code(self) -> &'static str {
        self.texts().0
    }

    const fn title(self) -> &'static str {
        self.texts().1
    }

    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Volatile => ("volatile", "volatile function"),
            Self::Session => ("session", "session state"),
            Self::UnknownFunction => ("unknown_function", "unknown function"),
            Self::TableFunction => ("table_function", "table function"),
            Self::Locking => ("locking", "locking read"),
            Self::MultipleStatements => ("multiple_statements", "multiple statements"),
            Self::SystemCatalog => ("system_catalog", "system catalog"),
            Self::TemporaryTable => ("temporary_table", "temporary table"),
            Self::NotARead => ("not_a_read", "not a read"),
            Self::Unparsed => ("unparsed", "not understood:"),
            Self::Sample => ("sample", "random sample"),
            Self::TooLarge => ("too_large", "statement too large:"),
            Self::Hint => ("hint", "a comment says"),
            Self::UnknownRelation => ("unknown_relation", "unknown table"),
            Self::ForeignTable => ("foreign_table", "foreign table"),
            Self::UnloggedTable => ("unlogged_table", "unlogged table"),
            Self::Sequence => ("sequence", "sequence"),
        }
    }
}
