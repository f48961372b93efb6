//! Whatever the bytes are, reading them as a row set gives an error or rows, for every database.

#![cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use bytes::Bytes;
use dogpile_replay::{Malformed, Recorder, ReplayDatabase, RowSet, replay, replay_cost};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, prop_assert, prop_assert_eq, proptest};
use sqlx::{ColumnIndex, Row};
use tokio::runtime::Builder;

const FORMAT: u8 = 1;
const HEADER: usize = 10;

fn header(format: u8, database: u8, rows: u32, columns: u32) -> Vec<u8> {
    let numbers = [rows.to_le_bytes(), columns.to_le_bytes()].concat();
    [&[format, database][..], &numbers].concat()
}

fn read<DB: ReplayDatabase>(bytes: &[u8]) -> Result<RowSet<DB>, Malformed> {
    RowSet::read(Bytes::copy_from_slice(bytes))
}

/// Bytes that are numbers of something as often as not: lengths, types and counts are small.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        4 => Just(vec![0]),
        3 => (0_u8..12).prop_map(|small| vec![small]),
        2 => (0_u32..5).prop_map(|length| length.to_le_bytes().to_vec()),
        1 => (0_u32..5).prop_map(|length| length.to_be_bytes().to_vec()),
        1 => any::<u32>().prop_map(|length| length.to_be_bytes().to_vec()),
        2 => "[a-z]{1,4}".prop_map(String::into_bytes),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    collection::vec(word, 0..60).prop_map(|words| words.concat())
}

/// Replays whatever was taken for a row set. It may fail, but not otherwise than with an error.
fn end_to_end<DB: ReplayDatabase>(bytes: &[u8])
where
    usize: ColumnIndex<DB::Row>,
{
    let Ok(set) = read::<DB>(bytes) else { return };
    assert_eq!(set.bytes(), bytes);
    assert_eq!(set.is_empty(), replay_cost(&set).is_zero());
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    if let Ok(rows) = runtime.block_on(replay(&set)) {
        assert_eq!(rows.len(), set.len());
        for row in rows {
            let columns = row.len();
            assert!((0..columns).all(|at| row.try_get_raw(at).is_ok()));
        }
    }
}

/// The rows of a result that had none.
fn nothing<DB: ReplayDatabase>()
where
    usize: ColumnIndex<DB::Row>,
{
    let set = Recorder::<DB>::new().finish().unwrap();
    assert!(set.is_empty());
    assert_eq!(set.bytes(), &header(FORMAT, DB::CODE, 0, 0));
    assert!(read::<DB>(set.bytes()).unwrap().is_empty());
    end_to_end::<DB>(set.bytes());
}

/// Every field of the header is looked at.
fn headers<DB: ReplayDatabase>() {
    let damaged = |bytes: &[u8]| assert_eq!(read::<DB>(bytes).err(), Some(Malformed::Damaged));
    let whole = header(FORMAT, DB::CODE, 0, 0);
    (0..HEADER).for_each(|kept| damaged(&whole[..kept]));
    damaged(&[&whole[..], &[0]].concat());
    for (rows, columns) in [(1, 0), (0, 1), (1, 1), (u32::MAX, 0), (0, u32::MAX), (1, u32::MAX)] {
        damaged(&header(FORMAT, DB::CODE, rows, columns));
    }
    for other in (0..=u8::MAX).filter(|other| *other != DB::CODE) {
        let error = read::<DB>(&header(FORMAT, other, 0, 0)).err();
        assert_eq!(error, Some(Malformed::Database));
    }
    for other in (0..=u8::MAX).filter(|other| *other != FORMAT) {
        let error = read::<DB>(&header(other, DB::CODE, 0, 0)).err();
        assert_eq!(error, Some(Malformed::Format));
    }
}

macro_rules! databases {
    ($($feature:literal: $module:ident, $database:ident;)*) => {$(
        #[cfg(feature = $feature)]
        mod $module {
            use sqlx::$database as Database;

            use super::*;

            #[test]
            fn no_rows_are_a_row_set() {
                nothing::<Database>();
            }

            #[test]
            fn a_header_that_is_wrong_is_refused_with_the_reason() {
                headers::<Database>();
            }

            proptest! {
                #[test]
                fn any_bytes_are_an_error_or_rows(bytes in collection::vec(any::<u8>(), 0..64)) {
                    end_to_end::<Database>(&bytes);
                }

                #[test]
                fn any_body_is_an_error_or_rows(
                    columns in body(),
                    cells in body(),
                    rows in 0_u32..4,
                ) {
                    let length = u32::try_from(columns.len()).unwrap();
                    let header = header(FORMAT, Database::CODE, rows, length);
                    end_to_end::<Database>(&[header, columns, cells].concat());
                }

                #[test]
                fn a_length_of_columns_beyond_the_end_is_damaged(
                    body in body(),
                    rows in any::<u32>(),
                    more in 1_u32..,
                ) {
                    let length = u32::try_from(body.len()).unwrap().saturating_add(more);
                    let bytes = [header(FORMAT, Database::CODE, rows, length), body].concat();
                    prop_assert_eq!(read::<Database>(&bytes).err(), Some(Malformed::Damaged));
                }

                #[test]
                fn more_rows_than_bytes_are_not_rows(columns in body(), cells in body()) {
                    let length = u32::try_from(columns.len()).unwrap();
                    let header = header(FORMAT, Database::CODE, u32::MAX, length);
                    prop_assert!(read::<Database>(&[header, columns, cells].concat()).is_err());
                }
            }
        }
    )*};
}

databases! {
    "postgres": postgres, Postgres;
    "mysql": mysql, MySql;
    "sqlite": sqlite, Sqlite;
}
