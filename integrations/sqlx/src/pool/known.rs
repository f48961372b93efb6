//! What the rest of the crate asks a pool.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dogpile::{Freshness, Key, Reason, Tags};
use dogpile_query::{Analyzer, Caching, Hint, TableName, tags};

use super::CachedPool;
use crate::catalog::Catalog;
use crate::connection::{Carrier, Settings};
use crate::database::CacheDatabase;
use crate::left_behind::LeftBehind;
use crate::server::Server;

impl<DB: CacheDatabase> CachedPool<DB> {
    /// What carries invalidations in transactions that invalidate so strictly.
    pub(crate) fn carrier_of(&self, freshness: Freshness) -> Option<&Arc<Carrier>> {
        match freshness {
            Freshness::Transactional => Some(&self.inner.carrier),
            Freshness::Durable => Some(&self.inner.noter),
            _ => None,
        }
    }

    /// What carries invalidations in the transactions of this pool, as far as it can tell before one
    /// says more of itself.
    pub(crate) fn carrier_to_ask(&self) -> Option<&Arc<Carrier>> {
        let own = self.carrier_of(self.freshness());
        own.or_else(|| self.carrier_of(Freshness::Transactional))
    }

    /// Whether the catalog is asked what is behind the names in a statement.
    pub(crate) fn asks_catalog(&self) -> bool {
        !self.inner.is_literal
    }

    /// Lets go of what is too old to be believed of the catalog, and has it asked for anew. Not for the
    /// path of a hit.
    pub(crate) fn refresh_catalog(&self) {
        self.catalog().refresh();
        if self.asks_catalog() && self.catalog().is_due() {
            let pool = self.clone();
            // Nobody waits for it.
            drop(self.region().spawn(async move { pool.learn_relations().await }));
        }
    }

    /// Asks for the relations, unless they are known.
    pub(crate) async fn learn_relations(&self) {
        self.catalog().learn_relations(self.inner(), self.analyzer()).await;
    }

    /// What a write to `tables` moves that somebody else has made, in whatever way.
    pub(crate) async fn written_outside(&self, tables: &[TableName]) -> Tags {
        if !self.asks_catalog() {
            return tags::written(tables);
        }
        self.catalog().refresh();
        if self.catalog().is_due() {
            self.learn_relations().await;
        }
        self.catalog().moved_somehow(tables)
    }

    /// What the catalog tells.
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.inner.catalog
    }

    /// For adapters: whether a statement of which nobody said that it be cached is looked up. Nobody
    /// counts those that only would be if they were marked.
    #[doc(hidden)]
    pub fn looks_up_plain(&self, sql: &str) -> bool {
        let analysis = self.analyzer().analyze(sql);
        self.policy().judge(&analysis).caching() != Caching::Marked
            || analysis.hint() == Some(Hint::On)
    }

    pub(crate) fn analyzer(&self) -> &Analyzer {
        &self.inner.analyzer
    }

    /// Whether a connection of the pool may be inside a transaction that was begun by SQL text: a
    /// read on it would see what is not committed.
    pub(crate) fn in_text_transaction(&self) -> bool {
        self.inner.text_transaction.load(Ordering::SeqCst)
    }

    /// Notes a transaction that was begun, or ended, by SQL text on some connection of the pool.
    ///
    /// Where there are several connections nobody can tell which of them it was: from the first BEGIN
    /// on, reads of such a pool stay away from the cache.
    pub(crate) fn set_text_transaction(&self, open: bool) {
        if open || self.has_one_connection() {
            self.inner.text_transaction.store(open, Ordering::SeqCst);
        }
    }

    /// Whether there is never more than one connection.
    pub(crate) fn has_one_connection(&self) -> bool {
        self.inner.pool.options().get_max_connections() == 1
    }

    /// What connections of the pool may have left set.
    pub(crate) fn left_behind(&self) -> &LeftBehind {
        &self.inner.left_behind
    }

    /// What is known of the settings of whichever of its connections a read gets.
    pub(crate) fn settings(&self) -> Settings {
        match self.left_behind().clean() {
            Some(_) => Settings::default(),
            None => Settings::unknown(),
        }
    }

    /// Who the server is, as a part of every fingerprint. Asks on a connection of the pool.
    pub(crate) async fn identity(&self) -> Result<&str, Reason> {
        let trusts = self.trusts_connections();
        self.server().identity(self.inner(), trusts).await
    }

    /// Whether results are not to be stored, because the server has become a replica, or another.
    pub(crate) async fn server_has_changed(&self) -> bool {
        let trusts = self.trusts_connections();
        self.server().has_changed(self.inner(), trusts).await
    }

    /// Tells, after a connection has said who its server is, whether that goes for all of the pool.
    pub(crate) fn trusts_connections(&self) -> impl Fn() -> bool + Send + Sync + '_ {
        let before = self.left_behind().clean();
        move || before.is_some() && before == self.left_behind().clean()
    }

    /// Whether the rows of this query are known not to be fit for a replay.
    pub(crate) fn is_unfit(&self, sql: &str) -> bool {
        self.inner.unfit.get(sql).is_some()
    }

    pub(crate) fn set_unfit(&self, sql: String) {
        self.inner.unfit.insert(sql, ());
    }

    /// The tags that the rows of the query under `key` were found to have.
    pub(crate) fn found_tags(&self, key: &Key) -> Option<Tags> {
        self.inner.found_tags.get(&key.digest())
    }

    pub(crate) fn set_found_tags(&self, key: &Key, tags: Tags) {
        self.inner.found_tags.insert(key.digest(), tags);
    }

    /// What a write does.
    pub(crate) fn freshness(&self) -> Freshness {
        self.inner.freshness.unwrap_or_else(|| self.region().freshness())
    }

    /// Which database this is.
    pub(crate) fn server(&self) -> &Server {
        &self.inner.server
    }

    /// What the results are kept apart by, beside the server.
    pub(crate) fn scope(&self) -> &str {
        &self.inner.scope
    }
}
