//! Fetching: from the cache, or by running the query's own fetch.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use dogpile::{Key, Shared, Tags};
use futures_core::future::BoxFuture;
use sqlx::Error;

use super::capture::Capture;
use super::decision::{Decision, Kept, decide};
use super::gate::Gate;
use super::held_back::{Asked, HeldBack};
use super::options::{AnyTagsFrom, Options, TagsFrom};
use super::rules::{Rules, Wanted};
use super::shape::Shape;
use super::{CachedQuery, TypedQuery};
use crate::database::CacheDatabase;
use crate::pool::CachedPool;

/// A query that has been answered, or is to be looked up.
#[expect(clippy::large_enum_variant, reason = "a hit goes this way: no box for it")]
pub(crate) enum Prepared<'p, 'q, DB: CacheDatabase, V> {
    Ended(Shared<V>),
    Asking(HeldBack<'p, 'q, DB, V>, Asked<V>),
}

/// Starts the query, and answers it where nothing is to be looked up.
pub(super) async fn prepare<'p, 'q, S, Q, W>(
    query: CachedQuery<Q, W>,
    pool: &'p CachedPool<Q::Database>,
    kept: Kept,
) -> Result<Prepared<'p, 'q, Q::Database, S::Value<Q::Output>>, Error>
where
    S: Shape<Value<Q::Output>: Send + Sync + 'static>,
    Q: TypedQuery + 'q,
{
    let CachedQuery { query, mut options, way: _ } = query;
    let capture = Capture::new();
    let mut running = S::start(query, Gate::new(&capture));
    if let Some(ended) = poll_once(&mut running).await {
        // An argument could not be encoded: the database was not asked.
        return ended.map(|value| Prepared::Ended(Shared::from(value)));
    }
    let decision = decide(pool, &mut options, S::CODE, kept, &capture).await;
    let held = HeldBack { pool, capture, running };
    match decision {
        Some(Decision::Cache(key, tags)) => {
            return Ok(Prepared::Asking(held, ask::<S, Q>(pool, key, tags, options)));
        }
        Some(Decision::Bypass(reason)) => options.region(pool).bypass(reason),
        None => {}
    }
    held.run().await.map(Prepared::Ended)
}

/// What is looked up for a query that may be cached.
pub(super) fn ask<S, Q>(
    pool: &CachedPool<Q::Database>,
    key: Key,
    mut tags: Tags,
    options: Options,
) -> Asked<S::Value<Q::Output>>
where
    S: Shape<Value<Q::Output>: Send + Sync + 'static>,
    Q: TypedQuery,
{
    let none_ttl = options.none_ttl;
    let tags_from = options.tags_from.as_ref().and_then(AnyTagsFrom::of);
    let wanted = tags_from.map(|find| learn::<S, Q>(pool, &key, &mut tags, find));
    let rules = Rules { none_ttl, is_none: S::is_none, wanted };
    Asked { key, tags, options, rules, first_only: S::FIRST_ONLY }
}

/// Adds the tags that the rows had before, and keeps rows only if they have no others.
fn learn<S, Q>(
    pool: &CachedPool<Q::Database>,
    key: &Key,
    tags: &mut Tags,
    find: TagsFrom<Q::Output>,
) -> Wanted<S::Value<Q::Output>>
where
    S: Shape,
    Q: TypedQuery,
{
    tags.extend(pool.found_tags(key).unwrap_or_default().iter());
    let (pool, key, known) = (pool.clone(), key.clone(), tags.clone());
    Arc::new(move |value| {
        let found = find(S::rows(value));
        let all_known = found.iter().all(|tag| known.contains(tag));
        pool.set_found_tags(&key, found);
        all_known
    })
}

/// Polls a future once; `None` if it is not done.
pub(super) async fn poll_once<T>(future: &mut BoxFuture<'_, T>) -> Option<T> {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
