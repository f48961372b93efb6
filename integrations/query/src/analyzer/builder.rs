//! Limits and declared functions of an [`Analyzer`].

use std::sync::Arc;

use super::memo::Memo;
use super::{Analyzer, Inner};
use crate::Dialect;
use crate::functions::{Functions, Touches};

const DEFAULT_CAPACITY: usize = 4096;
const DEFAULT_MAX_SQL_BYTES: usize = 64 * 1024;

/// Sets up an [`Analyzer`].
#[derive(Debug)]
pub struct AnalyzerBuilder {
    functions: Functions,
    capacity: usize,
    max_sql_bytes: usize,
}

impl AnalyzerBuilder {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            functions: Functions::new(dialect),
            capacity: DEFAULT_CAPACITY,
            max_sql_bytes: DEFAULT_MAX_SQL_BYTES,
        }
    }

    /// How many statements are remembered. A long one counts once more for each KiB of its text.
    /// 0 remembers none.
    ///
    /// Default: 4096.
    pub fn capacity(mut self, statements: usize) -> Self {
        self.capacity = statements;
        self
    }

    /// Declares a function of yours to be deterministic and to read and write no tables, so that
    /// statements calling it can be cached.
    ///
    /// `slugify` stands for the function in any schema, `app.slugify` for that one alone. Upper and
    /// lower case are the same.
    ///
    /// Default: none; a function that is not built in makes a statement bypass the cache.
    pub fn deterministic_function(mut self, name: impl AsRef<str>) -> Self {
        self.functions.declare(name.as_ref(), Touches::nothing());
        self
    }

    /// Declares what a function or procedure of yours reads and writes, in the same way.
    ///
    /// A function that writes nothing has to be deterministic as long as nobody writes what it reads: a
    /// statement that calls it is cached until somebody does. A `CALL` of a procedure invalidates what
    /// it writes. Whoever declares it answers for it: the database's catalog is not asked.
    ///
    /// Default: none; what a function touches is what the catalog says, and nobody knows of a procedure.
    pub fn function(mut self, name: impl AsRef<str>, touches: Touches) -> Self {
        self.functions.declare(name.as_ref(), touches);
        self
    }

    /// Longer SQL is not parsed: it is [`Kind::Unknown`](crate::Kind::Unknown) and flushes, unless
    /// it begins as a plain `INSERT INTO table (columns) VALUES` or can only read.
    ///
    /// Default: 64 KiB.
    pub fn max_sql_bytes(mut self, bytes: usize) -> Self {
        self.max_sql_bytes = bytes;
        self
    }

    /// The analyzer.
    pub fn build(self) -> Analyzer {
        let memo = Memo::new(self.capacity);
        let inner = Inner { functions: self.functions, max_sql_bytes: self.max_sql_bytes, memo };
        Analyzer { inner: Arc::new(inner) }
    }
}
