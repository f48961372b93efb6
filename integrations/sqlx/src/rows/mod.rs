//! What a region that has a backend keeps of a query: its raw cells, and in this process also what
//! was made of them.
//!
//! The cells are what the key stands for, so a process that maps them in another way, or to another
//! version of a type, uses the same entry. What was mapped once stays beside the cells for as long
//! as the entry stays in this process: the next hit is a pointer.

mod spare;
mod views;

use std::any::TypeId;
use std::fmt;

use dogpile::Keep;
use dogpile_replay::{ReplayError, RowSet, Unfit, replay_cost};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use tokio::time::Instant;

use crate::database::CacheDatabase;
use crate::pool::CachedPool;
use crate::query::Capture;
use spare::Spare;
pub(crate) use views::Views;

/// The rows of one query.
pub(crate) struct Rows<DB: CacheDatabase> {
    cells: Result<RowSet<DB>, Unkept>,
    spare: Spare<DB>,
    /// What the query says that is to become of them.
    pub(crate) keep: Keep,
    pub(crate) views: Views,
}

/// Why the cells of a result are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unkept {
    /// They could not be read again as they were.
    Unfit(Unfit),
    /// To read them again would take longer than the query did.
    TooQuick,
    /// They are too large for the region, and were not read to their end.
    TooLarge,
}

impl<DB: CacheDatabase> Rows<DB> {
    /// The rows that `capture` has recorded of a query that began at `begun`, and that `mapper` maps.
    pub(crate) fn of(
        pool: &CachedPool<DB>,
        capture: &Capture<'_, DB>,
        begun: Instant,
        keep: Keep,
        mapper: Option<TypeId>,
    ) -> Self {
        // Where what was made of them stays beside them, and they are there to be compared.
        let is_view = mapper.is_some() && !pool.region().is_shared();
        let cells = capture.recorded().map_err(Unkept::Unfit);
        if let (Err(_), Some(sql)) = (&cells, capture.recorded_sql()) {
            pool.set_unfit(sql);
        }
        let is_worth = |cells: &RowSet<DB>| is_view || replay_cost(cells) < begun.elapsed();
        let cells = cells.and_then(|it| if is_worth(&it) { Ok(it) } else { Err(Unkept::TooQuick) });
        Self { cells, spare: Spare::default(), keep, views: Views::default() }
    }

    /// Those of a result that is too large to be kept.
    pub(crate) fn too_large() -> Self {
        let spare = Spare::default();
        Self { cells: Err(Unkept::TooLarge), spare, keep: Keep::No, views: Views::default() }
    }

    /// The cells, where they are kept.
    pub(crate) fn cells(&self) -> Option<&RowSet<DB>> {
        self.cells.as_ref().ok()
    }

    /// Why the cells are not kept, where they are not.
    pub(crate) fn unkept(&self) -> Option<Unkept> {
        self.cells.as_ref().err().copied()
    }

    /// The rows, as the driver's own; `None` where their cells are not kept.
    pub(crate) async fn replay(&self) -> Option<Result<Vec<DB::Row>, ReplayError>> {
        Some(self.spare.rows(self.cells.as_ref().ok()?).await)
    }
}

impl<DB: CacheDatabase> Serialize for Rows<DB> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.cells {
            Ok(cells) => cells.serialize(serializer),
            // Such rows are not stored.
            Err(_) => serializer.serialize_bytes(&[]),
        }
    }
}

impl<'de, DB: CacheDatabase> Deserialize<'de> for Rows<DB> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RowSet::deserialize(deserializer).map(|cells| Self {
            cells: Ok(cells),
            spare: Spare::default(),
            keep: Keep::Yes,
            views: Views::default(),
        })
    }
}

impl<DB: CacheDatabase> fmt::Debug for Rows<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("cells", &self.cells).finish_non_exhaustive()
    }
}
