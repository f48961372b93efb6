//! What a store that others can write to may hand out as a row set of a database.

use bytes::Bytes;
use dogpile_replay::{Recorder, ReplayDatabase, RowSet, replay_copies};
use sqlx::{ColumnIndex, Row};
use tokio::runtime::{Builder, Runtime};

const FORMAT: u8 = 1;

thread_local! {
    static RUNTIME: Runtime =
        Builder::new_current_thread().enable_all().build().expect("a runtime");
}

/// Reads a row set whose header is right, or may be: how many rows and how long the columns are said to
/// be is in the first three bytes. What is taken for rows is replayed and captured again: neither
/// panics, and what was captured is a row set.
pub fn replayed<DB: ReplayDatabase>(code: u8, bytes: &[u8])
where
    usize: ColumnIndex<DB::Row>,
{
    let Some(([rows, low, high], body)) = bytes.split_first_chunk::<3>() else { return };
    let columns = u32::from(u16::from_le_bytes([*low, *high]));
    let mut set = vec![FORMAT, code];
    set.extend_from_slice(&u32::from(*rows).to_le_bytes());
    set.extend_from_slice(&columns.to_le_bytes());
    set.extend_from_slice(body);
    let Ok(set) = RowSet::<DB>::read(Bytes::from(set)) else { return };
    let Ok(copies) = RUNTIME.with(|runtime| runtime.block_on(replay_copies(&set, 2))) else { return };
    for rows in copies {
        assert_eq!(rows.len(), set.len());
        let mut recorder = Recorder::<DB>::new();
        for row in &rows {
            (0..row.len()).for_each(|at| drop(row.try_get_raw(at).expect("a cell")));
            if recorder.push(row).is_err() {
                return;
            }
        }
        if let Ok(captured) = recorder.finish() {
            RowSet::<DB>::read(captured.bytes().clone()).expect("a row set");
        }
    }
}
