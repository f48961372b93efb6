//! What a stream finds in the cache, and what it leaves there.

use std::any::TypeId;
use std::time::Duration;

use dogpile::{EntryRef, Keep, Observed, Region, Shared};
use tokio::time::Instant;

use super::capture::Capture;
use super::decision::Kept;
use crate::database::CacheDatabase;
use crate::pool::CachedPool;
use crate::rows::Rows;

/// What may be served in place of the database.
pub(super) enum Found<DB: CacheDatabase, O> {
    /// Values that rows were mapped to.
    Values(Shared<Vec<O>>),
    /// Rows to be mapped.
    Rows(Vec<DB::Row>),
}

/// Looks for what `entry` holds. Rows are shown to `compare`.
pub(super) async fn find<DB, O>(
    entry: EntryRef<'_>,
    kept: Kept,
    mapper: Option<TypeId>,
    compare: impl FnOnce(&Shared<Rows<DB>>),
) -> Option<Found<DB, O>>
where
    DB: CacheDatabase,
    O: Send + Sync + 'static,
{
    match kept {
        Kept::Values(_) => entry.in_process().get().await.map(Found::Values),
        Kept::Cells | Kept::Serialized(_) => {
            let rows: Shared<Rows<DB>> = entry.get().await?;
            compare(&rows);
            match mapper.and_then(|mapper| rows.views.get(mapper)) {
                Some(values) => Some(Found::Values(values)),
                None => rows.replay().await?.ok().map(Found::Rows),
            }
        }
    }
}

/// How a value is copied.
pub(super) type Copying<O> = fn(&O) -> O;

/// How a stream maps its rows.
pub(super) struct Mapped<O> {
    pub(super) by: Option<TypeId>,
    /// None where the rows are the caller's own: only their raw cells can be kept.
    pub(super) copy: Option<Copying<O>>,
}

impl<O> Mapped<O> {
    /// What `region` holds of such rows on `pool`.
    pub(super) fn kept<DB: CacheDatabase>(&self, pool: &CachedPool<DB>, region: &Region) -> Kept {
        match self.copy {
            Some(_) => Kept::by(pool, region, self.by),
            None => Kept::Cells,
        }
    }

    /// Whose values may be handed out in place of rows.
    pub(super) fn view(&self) -> Option<TypeId> {
        self.copy.and(self.by)
    }
}

/// What a stream keeps while it is consumed, to be stored at its clean end.
pub(super) struct Keeping<O> {
    observed: Observed,
    /// The same for a result without rows; `None` where that has no life of its own.
    without_rows: Option<Observed>,
    has_rows: bool,
    /// The values that were yielded, and how to copy one; `None` where the cells are kept instead.
    values: Option<(Vec<O>, Copying<O>)>,
    begun: Instant,
    fits: bool,
}

impl<O: Send + Sync + 'static> Keeping<O> {
    /// Observes, before the query runs. Without a way to `copy` values the cells are kept.
    pub(super) async fn begin<DB: CacheDatabase>(
        entry: EntryRef<'_>,
        copy: Option<Copying<O>>,
        none_ttl: Option<Duration>,
        capture: &Capture<'_, DB>,
    ) -> Self {
        let values = copy.map(|copy| (Vec::new(), copy));
        if values.is_none() {
            capture.record();
        }
        let without_rows = match none_ttl {
            Some(ttl) => Some(entry.clone().ttl(ttl).observe().await),
            None => None,
        };
        let observed = entry.observe().await;
        let (begun, has_rows, fits) = (Instant::now(), false, true);
        Self { observed, without_rows, has_rows, values, begun, fits }
    }

    /// Notes a value that is about to be yielded. What is too large to be stored is not kept either.
    pub(super) fn saw<DB: CacheDatabase>(&mut self, row: &O, capture: &Capture<'_, DB>) {
        self.has_rows = true;
        if self.fits && !self.observed.fits(capture.bytes()) {
            (self.fits, self.values) = (false, None);
            capture.forget();
        }
        if let Some((values, copy)) = &mut self.values {
            values.push(copy(row));
        }
    }

    /// Stores what was kept, if the driver has said all there is to say.
    pub(super) async fn store<DB: CacheDatabase>(
        self,
        pool: &CachedPool<DB>,
        capture: &Capture<'_, DB>,
    ) {
        let Some(weight) = capture.weight().filter(|_| self.fits) else { return };
        let observed = match self.without_rows {
            Some(without_rows) if !self.has_rows => without_rows,
            _ => self.observed,
        };
        match self.values {
            Some((values, _)) => drop(observed.store_weighing(values, weight).await),
            None => {
                // A stream runs at the pace of its consumer: how long the query takes is not known.
                let rows = Rows::of(pool, capture, self.begun, Keep::Yes, None);
                if rows.unkept().is_none() {
                    observed.store(rows).await;
                }
            }
        }
    }
}
