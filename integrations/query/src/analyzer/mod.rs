//! The entry point: SQL text in, a memoised [`Analysis`] out.

mod builder;
mod memo;

use std::fmt;
use std::sync::Arc;

pub use builder::AnalyzerBuilder;

use crate::functions::Functions;
use crate::{Analysis, Bypass, BypassReason, Dialect, Hint, Kind, lexical, session, walk};
use memo::Memo;

/// Analyses SQL of one dialect, and remembers the result by text. Cheap to clone: clones share
/// what is remembered.
#[derive(Clone)]
pub struct Analyzer {
    inner: Arc<Inner>,
}

struct Inner {
    functions: Functions,
    max_sql_bytes: usize,
    memo: Memo,
}

impl Analyzer {
    /// An analyzer with the default limits.
    pub fn new(dialect: Dialect) -> Self {
        Self::builder(dialect).build()
    }

    /// An analyzer with limits and declared functions of your own.
    ///
    /// ```
    /// use dogpile_query::{Analyzer, Dialect};
    ///
    /// let analyzer = Analyzer::builder(Dialect::Postgres).deterministic_function("slugify").build();
    /// assert!(analyzer.analyze("SELECT slugify(title) FROM post").bypass().is_none());
    /// ```
    pub fn builder(dialect: Dialect) -> AnalyzerBuilder {
        AnalyzerBuilder::new(dialect)
    }

    /// The dialect it understands.
    pub fn dialect(&self) -> Dialect {
        self.inner.functions.dialect()
    }

    /// What the statement reads and writes. Never fails: what is not understood is
    /// [`Kind::Unknown`](crate::Kind::Unknown).
    ///
    /// A text seen before costs one look-up and no allocation. Texts are compared in full, so that
    /// no two statements can share an answer.
    pub fn analyze(&self, sql: &str) -> Arc<Analysis> {
        if let Some(known) = self.inner.memo.get(sql) {
            return known;
        }
        let analysis = Arc::new(self.analyze_afresh(sql));
        self.inner.memo.insert(sql, Arc::clone(&analysis));
        analysis
    }

    fn analyze_afresh(&self, sql: &str) -> Analysis {
        let mut analysis = walk::analyze(sql, &self.inner.functions, self.inner.max_sql_bytes);
        analysis.session = session::changes(sql, self.dialect(), &analysis);
        analysis.hint = lexical::hint(sql, self.dialect());
        if analysis.kind() == Kind::Read && analysis.hint() == Some(Hint::Off) {
            analysis.bypass = Some(Bypass::new(BypassReason::Hint, "dogpile: off"));
        }
        analysis
    }
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analyzer")
            .field("dialect", &self.dialect())
            .field("memoised", &self.inner.memo.len())
            .finish_non_exhaustive()
    }
}
