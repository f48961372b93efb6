//! Analyses by SQL text, bounded.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::Analysis;

/// Text is charged by this unit, so that a few huge statements cannot fill the memory that the
/// capacity promises for ordinary ones.
const BYTES_PER_STATEMENT: usize = 1024;

#[derive(Debug, Clone)]
struct ByTextLength;

impl Weighter<Box<str>, Arc<Analysis>> for ByTextLength {
    fn weight(&self, sql: &Box<str>, _: &Arc<Analysis>) -> u64 {
        u64::try_from(sql.len() / BYTES_PER_STATEMENT).map_or(u64::MAX, |units| units + 1)
    }
}

pub(super) struct Memo {
    cache: Cache<Box<str>, Arc<Analysis>, ByTextLength>,
}

impl Memo {
    pub(super) fn new(statements: usize) -> Self {
        let weight = u64::try_from(statements).unwrap_or(u64::MAX);
        Self { cache: Cache::with_weighter(statements, weight, ByTextLength) }
    }

    pub(super) fn get(&self, sql: &str) -> Option<Arc<Analysis>> {
        self.cache.get(sql)
    }

    pub(super) fn insert(&self, sql: &str, analysis: Arc<Analysis>) {
        self.cache.insert(sql.into(), analysis);
    }

    pub(super) fn len(&self) -> usize {
        self.cache.len()
    }
}
