//! A plain read that runs on the database, and may be kept.

use std::sync::Arc;
use std::time::Duration;

use dogpile::Keep;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};
use sqlx::Error;
use tokio::time::Instant;

use crate::database::{CacheDatabase, Step};
use crate::pool::CachedPool;
use crate::query::capture::Capture;
use crate::query::failure::Failure;
use crate::rows::Rows;
use crate::statement::Statement;

/// A statement, and what the database has said of it so far.
pub(super) struct Live<DB: CacheDatabase> {
    pool: CachedPool<DB>,
    pub(super) capture: Arc<Capture<'static, DB>>,
    /// What has been read and nobody was told.
    pub(super) taken: Vec<Step<DB>>,
    /// What comes after that; `None` where that was all.
    rest: Option<BoxStream<'static, Result<Step<DB>, Error>>>,
    /// What came in place of the rest.
    pub(super) error: Option<Error>,
    /// Whether an entry was made of what was read.
    pub(super) is_created: bool,
}

impl<DB: CacheDatabase> Live<DB> {
    pub(super) fn new(pool: &CachedPool<DB>, statement: Statement<DB>) -> Self {
        let (pool, capture) = (pool.clone(), Capture::new());
        capture.put(statement);
        let (taken, rest, error) = (Vec::new(), None, None);
        Self { pool, capture, taken, rest, error, is_created: false }
    }

    /// Whether the database has not been asked.
    pub(super) fn is_unread(&self) -> bool {
        self.capture.read(|_| ()).is_some()
    }

    /// The creator: reads the result, and says what is to be kept of it.
    pub(super) async fn create(
        &mut self,
        none_ttl: Option<Duration>,
    ) -> Result<Rows<DB>, Failure<()>> {
        let pool = self.pool.clone();
        pool.refresh_catalog();
        let keep = !pool.server_has_changed().await;
        let trusts = pool.trusts_connections();
        self.capture.record();
        let begun = Instant::now();
        self.read().await;
        if self.rest.is_some() {
            self.is_created = true;
            return Ok(Rows::too_large());
        }
        // A driver that broke off has not said that this is all.
        let is_whole = self.error.is_none() && self.capture.weight().is_some();
        if !(is_whole && keep && trusts()) {
            return Err(Failure::NotToKeep(()));
        }
        self.is_created = true;
        let is_none = !self.taken.iter().any(Step::<DB>::is_right);
        let keep = none_ttl.filter(|_| is_none).map_or(Keep::Yes, Keep::For);
        Ok(Rows::of(&pool, &self.capture, begun, keep, None))
    }

    /// Reads the result to its end, or as far as the region would keep it.
    pub(super) async fn read(&mut self) {
        let most = self.pool.region().max_value();
        let Some(statement) = self.capture.take() else { return };
        // Kept outside of this future: where the region ends it early, the rest is still to be had.
        let steps = self.rest.insert(self.pool.run(statement));
        while let Some(step) = steps.next().await {
            match step {
                Ok(step) => {
                    self.capture.saw(&step);
                    self.taken.push(step);
                }
                Err(error) => {
                    self.error = Some(error);
                    break;
                }
            }
            if self.capture.bytes() as u64 > most {
                self.capture.forget();
                return;
            }
        }
        self.rest = None;
    }

    /// All that has not been read.
    pub(super) fn into_rest(self) -> BoxStream<'static, Result<Step<DB>, Error>> {
        match (self.rest, self.capture.take()) {
            (Some(rest), _) => rest,
            (None, Some(statement)) => self.pool.run(statement),
            (None, None) => stream::empty().boxed(),
        }
    }
}
