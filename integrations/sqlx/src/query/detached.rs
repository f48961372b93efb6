//! Queries that run in a task of their own.

use std::any::TypeId;
use std::sync::{Arc, Mutex, PoisonError};

use dogpile::{Keep, Shared};
use futures_core::future::BoxFuture;
use futures_util::TryStreamExt;
use sqlx::Error;
use tokio::time::Instant;

use super::capture::Capture;
use super::failure::Failure;
use super::held_back::{Asked, HeldBack, create};
use super::options::Mode;
use super::route::Route;
use super::through_cells::wanted;
use crate::database::CacheDatabase;
use crate::pool::CachedPool;
use crate::rows::Rows;

/// What is left here by whoever had it, and taken by whoever needs it.
type Slot<T> = Arc<Mutex<Option<T>>>;

impl<DB: CacheDatabase, V: Send + Sync + 'static> HeldBack<'_, 'static, DB, V> {
    /// As [`through_values`](Self::through_values), in a task of its own.
    pub(super) async fn values_detached(self, asked: &Asked<V>) -> Result<Shared<V>, Error> {
        if asked.options.mode() != Mode::Normal {
            return self.through_values(asked).await;
        }
        let Self { pool, capture, running } = self;
        let waiting: Slot<BoxFuture<'static, _>> = Arc::new(Mutex::new(Some(running)));
        let entry = asked.rules.on_values(asked.entry(pool)).in_process();
        let (weighed, owned) = (Arc::clone(&capture), pool.clone());
        let (captured, taken) = (Arc::clone(&capture), Arc::clone(&waiting));
        let created = entry.get_or_create_detached(
            move |_| weighed.weight(),
            move || async move {
                let mut running = take(&taken).ok_or(Failure::Cache)?;
                create(&owned, &captured, &mut running).await
            },
        );
        match created.await {
            Ok(value) => Ok(value),
            Err(failure) => match take(&waiting) {
                Some(running) => Self { pool, capture, running }.after(failure.shared()).await,
                None => failure.ended().map(Shared::from),
            },
        }
    }

    /// As [`through_cells`](Self::through_cells), in a task of its own: it runs the statement, and the
    /// caller maps its rows.
    pub(super) async fn cells_detached(
        mut self,
        asked: &Asked<V>,
        mapper: Option<TypeId>,
    ) -> Result<Shared<V>, Error> {
        // Tags are found in the mapped rows, which the task does not have.
        if asked.options.mode() != Mode::Normal || asked.rules.wanted.is_some() {
            return self.through_cells(asked, mapper).await;
        }
        let mine: Slot<Vec<DB::Row>> = Slot::default();
        let (pool, capture, made) =
            (self.pool.clone(), Arc::clone(&self.capture), Arc::clone(&mine));
        let (first_only, none_ttl) = (asked.first_only, asked.rules.none_ttl);
        let entry = wanted::<DB>(asked.entry(self.pool)).detached();
        let created = entry.get_or_create(move || async move {
            capture.record();
            let begun = Instant::now();
            let rows = fetch(&pool, &capture, first_only).await?;
            let keep = none_ttl.filter(|_| rows.is_empty()).map_or(Keep::Yes, Keep::For);
            put(&made, rows);
            Ok(Rows::of(&pool, &capture, begun, keep, mapper))
        });
        match created.await {
            Ok(rows) => match take(&mine) {
                Some(fresh) => self.map(fresh, &rows, mapper).await,
                None => {
                    self.verify(asked, &rows);
                    self.out_of_cells(asked, mapper, &rows).await
                }
            },
            Err(Failure::Cache) if self.capture.read(|_| ()).is_some() => self.run_unlocked().await,
            Err(failure) => {
                self.capture.release(Route::Rows(failure.ended()?));
                self.running.await.map(Shared::from)
            }
        }
    }
}

/// Runs the statement that was captured.
async fn fetch<DB: CacheDatabase>(
    pool: &CachedPool<DB>,
    capture: &Capture<'_, DB>,
    first_only: bool,
) -> Result<Vec<DB::Row>, Failure<Vec<DB::Row>>> {
    let keep = !pool.server_has_changed().await;
    let trusts = pool.trusts_connections();
    let statement = capture.take().ok_or(Failure::Cache)?;
    let route = Route::Pool(pool.clone());
    let mut rows = Vec::new();
    if first_only {
        if let Some(first) = route.fetch_first(statement).await.map_err(Failure::Query)? {
            capture.saw_first(&first);
            rows.extend(first.right());
        }
    } else {
        let mut steps = route.fetch_many(statement);
        while let Some(step) = steps.try_next().await.map_err(Failure::Query)? {
            capture.saw(&step);
            rows.extend(step.right());
        }
    }
    match capture.weight() {
        Some(_) if keep && trusts() => Ok(rows),
        _ => Err(Failure::NotToKeep(rows)),
    }
}

fn put<T>(slot: &Slot<T>, value: T) {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
}

fn take<T>(slot: &Slot<T>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}
