//! The steps of a plain read on a pool.

use std::mem::take;

use async_stream::try_stream;
use dogpile::{Key, Tags};
use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;
use sqlx::{Either, Error};

use super::live::Live;
use crate::database::{CacheDatabase, Step};
use crate::pool::CachedPool;
use crate::query::decision::{Decision, Kept, decide};
use crate::query::failure::Failure;
use crate::query::held_back::LEADERS_FAILED;
use crate::query::options::Options;
use crate::query::shape::{All, Shape};
use crate::query::through_cells::wanted;
use crate::statement::Statement;
use crate::verify::Place;

/// From the cache, or as the database says them.
pub(super) fn steps<'e, DB: CacheDatabase>(
    pool: CachedPool<DB>,
    statement: Statement<DB>,
) -> BoxStream<'e, Result<Step<DB>, Error>> {
    Box::pin(try_stream! {
        let (mut live, mut options) = (Live::new(&pool, statement), Options::of_plain());
        match decide(&pool, &mut options, All::CODE, Kept::Cells, &live.capture).await {
            Some(Decision::Cache(key, tags)) => {
                if let Some(rows) = look(&pool, &mut live, &options, &key, &tags).await {
                    for row in rows {
                        yield Either::Right(row);
                    }
                    yield Either::Left(DB::QueryResult::default());
                    return;
                }
            }
            Some(Decision::Bypass(reason)) => pool.region().bypass(reason),
            None => {}
        }
        for step in take(&mut live.taken) {
            yield step;
        }
        if let Some(error) = live.error.take() {
            Err(error)?;
        }
        let mut rest = live.into_rest();
        while let Some(step) = rest.try_next().await? {
            yield step;
        }
    })
}

/// The rows that somebody else has read; `None` where they are `live`'s to hand on.
async fn look<DB: CacheDatabase>(
    pool: &CachedPool<DB>,
    live: &mut Live<DB>,
    options: &Options,
    key: &Key,
    tags: &Tags,
) -> Option<Vec<DB::Row>> {
    let (region, none_ttl) = (pool.region(), options.none_ttl);
    let entry = || wanted::<DB>(options.entry(region, key, tags));
    let read = &mut *live;
    let created = entry().get_or_create(move || async move { read.create(none_ttl).await }).await;
    match created {
        Ok(rows) if live.is_created || rows.unkept().is_some() => return None,
        Ok(rows) => {
            live.capture.compare(pool, || Place::of(key, tags, options, false), &rows);
            if let Some(Ok(replayed)) = rows.replay().await {
                return Some(replayed);
            }
        }
        Err(Failure::Cache) if live.is_unread() => {
            region.unlocked(LEADERS_FAILED, live.read()).await;
            return None;
        }
        Err(_) => return None,
    }
    // Whoever comes next shall find rows that can be read.
    let read = &mut *live;
    match entry().refresh(move || async move { read.create(none_ttl).await }).await {
        Ok(rows) if !live.is_created => rows.replay().await?.ok(),
        _ => None,
    }
}
