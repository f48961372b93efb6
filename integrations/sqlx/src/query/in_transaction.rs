//! Cached queries inside a transaction: private to it.
//!
//! A transaction must see its own writes, and what it sees must not reach others before it
//! commits. So nothing is taken from the region and nothing stored in it. Whether the isolation
//! level would allow more is not known here: under snapshot isolation even a valid entry may be
//! newer than what the transaction may see.

use std::any::Any;
use std::sync::Arc;

use dogpile::{Observed, Reason, Shared};
use sqlx::Error;

use super::capture::Capture;
use super::decision::{Decision, decide_privately};
use super::fetch::poll_once;
use super::gate::Gate;
use super::route::Route;
use super::shape::Shape;
use super::{CachedQuery, TypedQuery};
use crate::connection::CachedConnection;

/// Bypass: the query ran inside a transaction.
pub(super) const IN_TRANSACTION: Reason = Reason::new("in_transaction");
/// A value that a transaction has read, and what it depended on.
struct Remembered<T> {
    value: Shared<T>,
    observed: Observed,
}

impl<Q: TypedQuery, W> CachedQuery<Q, W> {
    /// From the transaction's own memory, or by running the query on its connection.
    pub(super) async fn in_transaction<S>(
        self,
        connection: &mut CachedConnection<Q::Database>,
    ) -> Result<Shared<S::Value<Q::Output>>, Error>
    where
        S: Shape<Value<Q::Output>: Send + Sync + 'static>,
    {
        let Self { query, mut options, .. } = self;
        let capture = Capture::new();
        let mut running = S::start(query, Gate::new(&capture));
        if let Some(ended) = poll_once(&mut running).await {
            return ended.map(Shared::from);
        }
        let pool = connection.pool().clone();
        pool.region().bypass(IN_TRANSACTION);
        let decision = decide_privately(connection, &mut options, S::CODE, Q::mapper(), &capture);
        let mut remember = None;
        if let (Some(Decision::Cache(key, tags)), true) = (decision, connection.is_clean()) {
            let digest = key.digest();
            if let Some(value) = recall(connection.layers.recall(digest).cloned()).await {
                return Ok(value);
            }
            let entry = options.entry(pool.region(), &key, &tags);
            remember = Some((digest, entry.observe().await));
        }
        capture.release(Route::Connection(&mut *connection));
        let value = Shared::from(running.await?);
        let weight = capture.weight();
        drop(capture);
        if let (Some((digest, observed)), Some(bytes)) = (remember, weight) {
            let remembered = Remembered { value: value.clone(), observed };
            connection.layers.remember(digest, bytes, Arc::new(remembered));
        }
        Ok(value)
    }
}

/// What was remembered, if it is of this type and nothing it depends on has moved.
async fn recall<T: Send + Sync + 'static>(
    remembered: Option<Arc<dyn Any + Send + Sync>>,
) -> Option<Shared<T>> {
    let remembered = remembered?.downcast::<Remembered<T>>().ok()?;
    remembered.observed.is_current().await.then(|| remembered.value.clone())
}
