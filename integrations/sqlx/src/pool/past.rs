//! What went past the pool, for adapters that learn of it.

use std::sync::Arc;

use dogpile::{Freshness, Tag, Tags, WriteGuard};
use dogpile_query::Analysis;

use super::CachedPool;
use crate::database::CacheDatabase;

impl<DB: CacheDatabase> CachedPool<DB> {
    /// What a statement does that somebody else has sent.
    #[doc(hidden)]
    pub fn analyze_past(&self, sql: &str) -> Arc<Analysis> {
        self.analyzer().analyze(sql)
    }

    /// What a statement moves that somebody else has sent.
    #[doc(hidden)]
    pub fn written_past(&self, analysis: &Analysis, sql: &str) -> Tags {
        self.tables_written(analysis, sql)
    }

    /// Owes an invalidation of all that was read from the database, for work that nobody sees.
    ///
    /// It is owed of a region too whose own writes invalidate nothing: the work may change the schema.
    #[doc(hidden)]
    pub fn guard_of_everything(&self) -> WriteGuard {
        let guard = self.region().write_guard(Tag::all_tables());
        match self.region().freshness() {
            Freshness::Ttl => guard.at(Freshness::AfterCommit),
            _ => guard,
        }
    }

    /// The schema may be changed by somebody else, at any time from now on.
    #[doc(hidden)]
    pub fn distrust_schema(&self) {
        self.catalog().distrust();
    }

    /// Somebody else begins what may change the schema at any time, until it
    /// [ends](Self::schema_work_ends).
    #[doc(hidden)]
    pub fn schema_work_begins(&self) {
        self.catalog().work_begins();
    }

    /// What may have changed the schema has ended.
    #[doc(hidden)]
    pub fn schema_work_ends(&self) {
        self.catalog().work_ends();
    }
}
