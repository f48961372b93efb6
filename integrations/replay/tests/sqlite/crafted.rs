//! Bytes that nobody captured.

use bytes::Bytes;
use dogpile_replay::{Malformed, RowSet, replay};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::{collection, prop_assert, prop_assert_eq, proptest};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite};
use tokio::runtime::{Builder, Runtime};

use crate::support::capture;

const HEADER: usize = 10;

/// A row set as the documents describe it, made without the crate.
fn set(columns: &[(u8, &[u8])], rows: u32, cells: &[u8]) -> Vec<u8> {
    let mut described = u16::try_from(columns.len()).unwrap().to_le_bytes().to_vec();
    for (declared, name) in columns {
        described.push(*declared);
        described.extend(u32::try_from(name.len()).unwrap().to_le_bytes());
        described.extend(*name);
    }
    let mut all = vec![1, 3];
    all.extend(rows.to_le_bytes());
    all.extend(u32::try_from(described.len()).unwrap().to_le_bytes());
    all.extend(described);
    all.extend(cells);
    all
}

fn read(bytes: Vec<u8>) -> Result<RowSet<Sqlite>, Malformed> {
    RowSet::read(Bytes::from(bytes))
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Reads each cell of each row as many things: whatever that gives, it ends.
fn read_all(rows: &[SqliteRow]) {
    for row in rows {
        for at in 0..row.len() {
            let _ = row.try_get_unchecked::<Option<i64>, _>(at);
            let _ = row.try_get_unchecked::<Option<f64>, _>(at);
            let _ = row.try_get_unchecked::<Option<bool>, _>(at);
            let _ = row.try_get::<Option<String>, _>(at);
            let _ = row.try_get::<Option<&[u8]>, _>(at);
        }
    }
}

fn cell() -> impl Strategy<Value = Vec<u8>> {
    let behind = |class: u8, bytes: Vec<u8>| {
        let mut cell = vec![class];
        cell.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        cell.extend(bytes);
        cell
    };
    let number = |class: u8, bytes: [u8; 8]| [&[class][..], &bytes].concat();
    prop_oneof![
        Just(vec![0]),
        any::<i64>().prop_map(move |n| number(1, n.to_le_bytes())),
        any::<f64>()
            .prop_filter("SQLite has no NaN", |real| !real.is_nan())
            .prop_map(move |real| number(2, real.to_le_bytes())),
        ".{0,12}".prop_map(move |text| behind(3, text.into_bytes())),
        collection::vec(any::<u8>(), 0..12).prop_map(move |bytes| behind(3, bytes)),
        collection::vec(any::<u8>(), 0..12).prop_map(move |bytes| behind(4, bytes)),
    ]
}

fn sets() -> impl Strategy<Value = Vec<u8>> {
    let columns = collection::vec((0_u8..10, "[^\0]{0,6}"), 1..6);
    (columns, 1_u32..20).prop_flat_map(|(columns, rows)| {
        let cells = columns.len() * usize::try_from(rows).unwrap();
        collection::vec(cell(), cells).prop_map(move |cells| {
            let columns: Vec<_> =
                columns.iter().map(|(declared, name)| (*declared, name.as_bytes())).collect();
            set(&columns, rows, &cells.concat())
        })
    })
}

proptest! {
    #[test]
    fn whatever_is_well_formed_comes_back_byte_for_byte(bytes in sets()) {
        let set = read(bytes.clone()).unwrap();
        let rows = runtime().block_on(replay(&set)).unwrap();
        let captured = capture(&rows);
        prop_assert_eq!(captured.bytes(), &bytes);
    }

    #[test]
    fn a_set_cut_short_is_damaged(bytes in sets(), cut in any::<Index>()) {
        let kept = cut.index(bytes.len());
        prop_assert!(read(bytes[..kept].to_vec()).is_err());
    }

    #[test]
    fn a_set_with_something_behind_it_is_damaged(bytes in sets(), more in any::<u8>()) {
        prop_assert_eq!(read([bytes, vec![more]].concat()).err(), Some(Malformed::Damaged));
    }

    #[test]
    fn a_flipped_bit_is_an_error_or_other_rows(
        mut bytes in sets(),
        at in any::<Index>(),
        bit in 0_u32..8,
    ) {
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(set) = read(bytes.clone()) {
            let rows = runtime().block_on(replay(&set)).unwrap();
            let captured = capture(&rows);
            prop_assert_eq!(captured.bytes(), &bytes);
            read_all(&rows);
        }
    }

    #[test]
    fn random_bytes_behind_a_header_never_panic(
        body in collection::vec(any::<u8>(), 0..200),
        rows in 0_u32..5,
        columns in 0_u32..100,
    ) {
        let header = [&[1, 3][..], &rows.to_le_bytes(), &columns.to_le_bytes()].concat();
        if let Ok(set) = read([header, body].concat()) {
            read_all(&runtime().block_on(replay(&set)).unwrap());
        }
    }
}

#[test]
fn what_a_column_cannot_be_is_damaged() {
    let one = [1_u8, 7, 0, 0, 0, 0, 0, 0, 0];
    assert!(read(set(&[(1, b"id")], 1, &one)).is_ok());
    let names: [&[u8]; 3] = [b"a\0b", b"\0", b"\xff"];
    for name in names {
        assert_eq!(read(set(&[(1, name)], 1, &one)).err(), Some(Malformed::Damaged));
    }
    assert_eq!(read(set(&[(10, b"id")], 1, &one)).err(), Some(Malformed::Damaged));
    assert_eq!(read(set(&[], 1, &[])).err(), Some(Malformed::Damaged));
    let many = vec![(0, &b"c"[..]); 2001];
    assert!(read(set(&many[1..], 1, &[0; 2000])).is_ok());
    assert_eq!(read(set(&many, 1, &[0; 2001])).err(), Some(Malformed::Damaged));
    let long = vec![b'n'; 250_001];
    assert!(read(set(&[(1, &long[1..])], 1, &one)).is_ok());
    assert_eq!(read(set(&[(1, &long)], 1, &one)).err(), Some(Malformed::Damaged));
}

/// The columns are said to be longer than those that are described.
#[test]
fn something_behind_the_columns_is_damaged() {
    let whole = set(&[(1, b"id")], 1, &[]);
    let (header, described) = whole.split_at(HEADER);
    let longer = u32::try_from(described.len() + 1).unwrap().to_le_bytes();
    let bytes = [&header[..HEADER - 4], &longer, described, &[0], &[0]].concat();
    assert_eq!(read(bytes).err(), Some(Malformed::Damaged));
}

#[test]
fn what_a_cell_cannot_be_is_damaged() {
    let nan = [&[2_u8][..], &f64::NAN.to_le_bytes()].concat();
    let infinite = [&[2_u8][..], &f64::INFINITY.to_le_bytes()].concat();
    assert!(read(set(&[(3, b"r")], 1, &infinite)).is_ok());
    let too_long = [&[3_u8][..], &u32::MAX.to_le_bytes(), b"text"].concat();
    for cell in [&nan[..], &too_long, &[5], &[1, 0, 0], &[4, 0, 0, 0]] {
        assert_eq!(read(set(&[(3, b"r")], 1, cell)).err(), Some(Malformed::Damaged));
    }
}

#[test]
fn more_rows_than_there_are_cells_are_damaged() {
    for rows in [0, 2, u32::MAX] {
        assert_eq!(read(set(&[(1, b"id")], rows, &[0])).err(), Some(Malformed::Damaged));
    }
}

#[test]
fn a_name_cannot_add_to_the_statement() {
    let name = b"x\" FROM cells UNION ALL SELECT 1 --";
    let bytes = set(&[(1, name)], 1, &[0]);
    let rows = runtime().block_on(replay(&read(bytes.clone()).unwrap())).unwrap();
    assert_eq!(capture(&rows).bytes(), &bytes);
}

/// The layout of format 1, for ever.
#[tokio::test]
async fn the_first_format_is_read() {
    let golden: &[u8] = b"\x01\x03\x02\0\0\0\x18\0\0\0\
        \x03\0\x01\x02\0\0\0id\x02\x01\0\0\0n\0\x04\0\0\0name\
        \x01\x07\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\xf8\x3f\x03\x02\0\0\0ab\
        \0\0\x04\x01\0\0\0\xff";
    assert_eq!(golden.len(), HEADER + 24 + 25 + 8);
    let rows = replay(&read(golden.to_vec()).unwrap()).await.unwrap();
    let first: (i64, f64, String) = (rows[0].get("id"), rows[0].get(1), rows[0].get("name"));
    assert_eq!(first, (7, 1.5, "ab".to_owned()));
    let second: (Option<i64>, Option<i32>, &[u8]) =
        (rows[1].get(0), rows[1].get(1), rows[1].get(2));
    assert_eq!(second, (None, None, &b"\xff"[..]));
    assert_eq!(capture(&rows).bytes(), golden);
}
