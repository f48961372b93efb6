//! Whether two row sets hold the same rows.

use bytes::Bytes;
use dogpile_replay::{Recorder, RowSet, replay};

use crate::database::CacheDatabase;

/// Which rows were served of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of them.
    All,
    /// The first, where there is an order.
    First,
    /// Any one of them.
    Any,
}

/// Whether `served` is that part of `fresh`; `None` where that cannot be told.
pub(super) async fn is_same<DB: CacheDatabase>(
    part: Part,
    served: &RowSet<DB>,
    fresh: &RowSet<DB>,
) -> Option<bool> {
    if served.len() == fresh.len() && served.cells() == fresh.cells() {
        return Some(true);
    }
    let may_be_more = part == Part::Any && !served.is_empty();
    if served.len() != fresh.len() && !may_be_more {
        return Some(false);
    }
    let (mut served, mut fresh) = (cells_of_each(served).await?, cells_of_each(fresh).await?);
    if part == Part::Any {
        return Some(served.iter().all(|row| fresh.contains(row)));
    }
    served.sort_unstable();
    fresh.sort_unstable();
    Some(served == fresh)
}

/// The cells of each row by itself. What a row set does not tell: where a row ends.
async fn cells_of_each<DB: CacheDatabase>(rows: &RowSet<DB>) -> Option<Vec<Bytes>> {
    let rows = replay(rows).await.ok()?;
    let cells = |row: &DB::Row| {
        let mut recorder = Recorder::<DB>::new();
        recorder.push(row).ok()?;
        Some(recorder.finish().ok()?.cells())
    };
    rows.iter().map(cells).collect()
}
