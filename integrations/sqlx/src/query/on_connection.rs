//! Cached queries on one connection, outside of a transaction.
//!
//! The region answers, and what the connection answers is kept for others, under a key that says how
//! the settings of its session differ. Nobody waits for anybody else here: whoever holds a connection
//! and waits for one who needs a connection would wait for ever.

use std::any::TypeId;
use std::time::Duration;

use dogpile::{Keep, Shared};
use sqlx::Error;
use tokio::time::Instant;

use super::capture::Capture;
use super::decision::{Decision, Kept, decide_on};
use super::fetch::{ask, poll_once};
use super::gate::Gate;
use super::held_back::{Asked, HeldBack};
use super::options::Mode;
use super::route::Route;
use super::shape::Shape;
use super::{CachedQuery, TypedQuery};
use crate::connection::CachedConnection;
use crate::database::CacheDatabase;
use crate::rows::Rows;

impl<Q: TypedQuery, W> CachedQuery<Q, W> {
    /// From the region, or by running the query on this connection.
    pub(super) async fn on_connection<'e, S>(
        self,
        connection: &'e mut CachedConnection<Q::Database>,
    ) -> Result<Shared<S::Value<Q::Output>>, Error>
    where
        S: Shape<Value<Q::Output>: Send + Sync + 'static>,
        Q: 'e,
    {
        if connection.layers.depth() > 0 {
            return self.in_transaction::<S>(connection).await;
        }
        let Self { query, mut options, .. } = self;
        let capture = Capture::new();
        let mut running = S::start(query, Gate::new(&capture));
        if let Some(ended) = poll_once(&mut running).await {
            return ended.map(Shared::from);
        }
        let pool = connection.pool().clone();
        let kept = Kept::of::<Q>(&pool, options.region(&pool));
        let decision = decide_on(connection, &mut options, S::CODE, kept, &capture).await;
        let held = HeldBack { pool: &pool, capture, running };
        match decision {
            Some(Decision::Cache(key, tags)) => {
                let asked = ask::<S, Q>(&pool, key, tags, options);
                return held.on_connection(&asked, kept, Q::mapper(), connection).await;
            }
            Some(Decision::Bypass(reason)) => options.region(&pool).bypass(reason),
            None => {}
        }
        held.capture.release(Route::Connection(connection));
        held.running.await.map(Shared::from)
    }
}

impl<'q, DB: CacheDatabase, V: Send + Sync + 'static> HeldBack<'_, 'q, DB, V> {
    async fn on_connection(
        mut self,
        asked: &Asked<V>,
        kept: Kept,
        mapper: Option<TypeId>,
        connection: &'q mut CachedConnection<DB>,
    ) -> Result<Shared<V>, Error> {
        let mode = asked.options.mode();
        if mode != Mode::Refresh
            && let Some(found) = self.find(asked, kept, mapper).await
        {
            return found;
        }
        if mode == Mode::ReadOnly {
            self.capture.release(Route::Connection(connection));
            return self.running.await.map(Shared::from);
        }
        self.fetch_and_keep(asked, kept, mapper, connection).await
    }

    /// What may be served. Nobody would refresh a stale value: fresh ones only.
    async fn find(
        &mut self,
        asked: &Asked<V>,
        kept: Kept,
        mapper: Option<TypeId>,
    ) -> Option<Result<Shared<V>, Error>> {
        let entry = asked.entry(self.pool).stale_for(Duration::ZERO);
        match kept {
            Kept::Values(_) => entry.in_process().get().await.map(Ok),
            Kept::Cells | Kept::Serialized(_) => {
                let rows: Shared<Rows<DB>> = entry.get().await?;
                self.replay(&rows, mapper).await
            }
        }
    }

    async fn fetch_and_keep(
        self,
        asked: &Asked<V>,
        kept: Kept,
        mapper: Option<TypeId>,
        connection: &'q mut CachedConnection<DB>,
    ) -> Result<Shared<V>, Error> {
        let entry = asked.entry(self.pool);
        let without_rows = match asked.rules.none_ttl {
            Some(ttl) => Some(entry.clone().ttl(ttl).observe().await),
            None => None,
        };
        let observed = entry.observe().await;
        if !matches!(kept, Kept::Values(_)) {
            self.capture.record();
        }
        let begun = Instant::now();
        self.capture.release(Route::Connection(connection));
        let value = self.running.await?;
        let keep = asked.rules.judge(&value);
        let observed = match (keep, without_rows) {
            (Keep::No, _) => return Ok(value.into()),
            (Keep::For(_), Some(observed)) => observed,
            _ => observed,
        };
        let sound = self.pool.server().known().is_ok();
        let Some(weight) = self.capture.weight().filter(|_| sound) else {
            return Ok(value.into());
        };
        if matches!(kept, Kept::Values(_)) {
            return Ok(observed.store_weighing(value, weight).await);
        }
        let value = Shared::from(value);
        let rows = Rows::of(self.pool, &self.capture, begun, keep, mapper);
        if rows.unkept().is_none() {
            if let Some(mapper) = mapper {
                rows.views.keep(mapper, value.clone());
            }
            observed.store(rows).await;
        }
        Ok(value)
    }
}
