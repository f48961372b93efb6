//! Lengths at which something changes.

use bytes::Bytes;
use dogpile_replay::{Malformed, Recorder, RowSet, replay};
use sqlx::MySql;

use crate::support::Live;

/// A packet that is full.
const FULL: usize = 0xff_ff_ff;

#[tokio::test]
async fn no_rows_are_no_rows() {
    let captured = Recorder::<MySql>::new().finish().unwrap();
    let read = RowSet::<MySql>::read(captured.bytes().clone()).unwrap();
    assert!(replay(&read).await.unwrap().is_empty());
}

#[tokio::test]
async fn cells_of_any_length_come_back() {
    let mut live = Live::start().await;
    for length in [0, 1, 8, 9, 250, 251, 252, 255, 256, 65_535, 65_536, 65_537, 1 << 20, 9 << 20] {
        live.round_trip(&format!("SELECT REPEAT('x', {length}), 1, REPEAT(x'ff', {length})")).await;
    }
}

#[tokio::test]
async fn rows_that_fill_packets_come_back() {
    let mut live = Live::start().await;
    // In front of the cell: the kind of the packet, what is NULL, and the length.
    for (full, front) in [(FULL, 1 + 1 + 4), (FULL, 1 + 1 + 9), (2 * FULL, 1 + 1 + 9)] {
        for around in [-1, 0, 1] {
            let length = (full - front).checked_add_signed(around).unwrap();
            let captured = live.round_trip(&format!("SELECT REPEAT('x', {length})")).await;
            let bytes = captured.bytes();
            let cut = bytes.slice(..bytes.len() - 1);
            assert_eq!(RowSet::<MySql>::read(cut).unwrap_err(), Malformed::Damaged);
        }
    }
}

#[tokio::test]
async fn many_rows_come_back_in_their_order() {
    let mut live = Live::start().await;
    let captured = live
        .round_trip("SELECT seq, REPEAT('x', seq % 300), NULLIF(seq % 3, 1) FROM seq_1_to_50000")
        .await;
    assert_eq!(captured.len(), 50_000);
    live.round_trip("SELECT seq, REPEAT('x', 1000000) FROM seq_1_to_40").await;
}

#[tokio::test]
async fn any_number_of_columns_comes_back() {
    let mut live = Live::start().await;
    for columns in [1, 5, 6, 7, 8, 13, 14, 15, 249, 250, 251, 252, 300, 1500] {
        let names: Vec<_> = (0..columns).map(|n| format!("NULLIF({n}, 3) AS c{n}")).collect();
        live.round_trip(&format!("SELECT {} FROM seq_1_to_3", names.join(", "))).await;
    }
}

#[tokio::test]
async fn what_is_replayed_often_leaves_nothing_behind() {
    let mut live = Live::start().await;
    let captured = live.round_trip("SELECT 1 AS n").await;
    // More than a socket has room for, if each left its question there.
    for _ in 0..30_000 {
        assert_eq!(replay(&captured).await.unwrap().len(), 1);
    }
}

#[test]
fn bytes_of_other_things_are_no_row_set() {
    let read = |bytes: &'static [u8]| RowSet::<MySql>::read(Bytes::from_static(bytes)).map(drop);
    assert_eq!(read(b""), Err(Malformed::Damaged));
    assert_eq!(read(b"\x09\x02\0\0\0\0\0\0\0\0"), Err(Malformed::Format));
    assert_eq!(read(b"\x01\x01\0\0\0\0\0\0\0\0"), Err(Malformed::Database));
    assert_eq!(read(b"\x01\x02\0\0\0\0\0\0\0\0x"), Err(Malformed::Damaged));
    assert_eq!(read(b"\x01\x02\xff\xff\xff\xff\xff\xff\xff\xff"), Err(Malformed::Damaged));
}
