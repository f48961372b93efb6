use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use dogpile_replay::{Malformed, RowSet, replay};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::*;
use sqlx::postgres::{PgHasArrayType, PgRow, PgTypeInfo, PgValueRef};
use sqlx::types::chrono::{FixedOffset, NaiveTime};
use sqlx::types::{Decimal, Json, JsonValue};
use sqlx::{Decode, Postgres, Row, Type};

use crate::support::Server;

type Value<'a> = Option<&'a [u8]>;

/// A row set of one column of this type and one row.
fn one(oid: u32, defined: &[u8], cell: Value<'_>) -> Vec<u8> {
    let mut columns = b"\0\x01c\0\0\0\0\0\0\0".to_vec();
    columns.extend(oid.to_be_bytes());
    columns.extend(b"\xff\xff\xff\xff\xff\xff\0\x01");
    let mut row = b"\0\x01".to_vec();
    row.extend(cell.map_or(-1, |cell| i32::try_from(cell.len()).unwrap()).to_be_bytes());
    row.extend(cell.unwrap_or_default());
    set(&[&message(b'T', &columns), defined].concat(), &message(b'D', &row), 1)
}

fn message(kind: u8, contents: &[u8]) -> Vec<u8> {
    let len = i32::try_from(contents.len() + 4).unwrap().to_be_bytes();
    [&[kind], &len[..], contents].concat()
}

fn set(columns: &[u8], rows: &[u8], count: u32) -> Vec<u8> {
    let len = u32::try_from(columns.len()).unwrap().to_le_bytes();
    [&[1, 1], &count.to_le_bytes()[..], &len, columns, rows].concat()
}

fn read(bytes: Vec<u8>) -> Result<RowSet<Postgres>, Malformed> {
    RowSet::read(Bytes::from(bytes))
}

/// A type as a row set defines it.
fn define(oid: u32, kind: u8, name: &str, rest: &[u8]) -> Vec<u8> {
    let len = i32::try_from(name.len()).unwrap().to_be_bytes();
    [&oid.to_be_bytes()[..], &[kind], &len, name.as_bytes(), rest].concat()
}

/// A composite type of the user's.
struct Thing;

impl Type<Postgres> for Thing {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("thing")
    }
}

impl PgHasArrayType for Thing {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::array_of("thing")
    }
}

impl<'r> Decode<'r, Postgres> for Thing {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let mut fields = PgRecordDecoder::new(value)?;
        fields.try_decode::<Option<i32>>()?;
        fields.try_decode::<Option<String>>()?;
        fields.try_decode::<Option<Vec<String>>>()?;
        Ok(Self)
    }
}

/// Has every decoder of the driver read every cell that it says it can read. Dates and instants are
/// left out: PostgreSQL has some that `chrono` panics on, read from the server as well.
fn read_all(row: &PgRow) {
    macro_rules! try_all {
        ($($ty:ty),* $(,)?) => {
            for index in 0..row.len() {
                $(let _ = row.try_get::<Option<$ty>, _>(index);)*
            }
        };
    }
    try_all!(
        bool, i8, i16, i32, i64, f32, f64, Oid, &str, String, &[u8], Vec<u8>, [u8; 3], PgMoney,
        PgInterval, PgTimeTz<NaiveTime, FixedOffset>, NaiveTime, Decimal, JsonValue, Json<String>,
    );
    try_all!(
        PgPoint,
        PgLine,
        PgLSeg,
        PgBox,
        PgPath,
        PgPolygon,
        PgCircle,
        PgCube,
        PgHstore,
        PgLTree,
        PgLQuery,
        PgCiText,
        PgRange<i32>,
        PgRange<i64>,
        PgRange<Decimal>,
        Thing,
        Vec<Thing>,
    );
    try_all!(
        Vec<bool>,
        Vec<Option<i32>>,
        Vec<i64>,
        Vec<f32>,
        Vec<f64>,
        Vec<String>,
        Vec<Vec<u8>>,
        Vec<Decimal>,
        Vec<JsonValue>,
        Vec<PgMoney>,
        Vec<PgRange<i32>>,
        Vec<PgInterval>,
        Vec<Oid>,
        Vec<PgHstore>,
        Vec<PgLTree>,
        (i32,),
        (i32, String),
        ((i32,), Vec<(i32,)>),
        Vec<(i32, i32)>,
    );
}

/// An array of one element.
fn array(of: u32, element: &[u8]) -> Vec<u8> {
    let len = i32::try_from(element.len()).unwrap().to_be_bytes();
    [&[0, 0, 0, 1, 0, 0, 0, 0], &of.to_be_bytes()[..], &[0, 0, 0, 1, 0, 0, 0, 1], &len, element]
        .concat()
}

#[test]
fn a_cell_of_a_wrong_length_or_structure_is_refused() {
    let huge = [
        &[0, 0, 0, 1, 0, 0, 0, 0],
        &23_u32.to_be_bytes()[..],
        &[0x7f, 0xff, 0xff, 0xff],
        &[0, 0, 0, 1],
    ]
    .concat();
    let cases: &[(u32, &[u8])] = &[
        (16, b""),
        (16, b"\0\0"),
        (18, b""),
        (20, b"\0"),
        (21, b"\0"),
        (23, b"123456789"),
        (23, b""),
        (26, b"\0"),
        (700, b"\0\0\0"),
        (701, b"\0\0\0\0"),
        (790, b"\0"),
        (600, b"\0"),
        (601, &[0; 31]),
        (602, b""),
        (602, b"\x01\0\0\0\x01"),
        (602, b"\x01\xff\xff\xff\xff"),
        (603, &[0; 33]),
        (604, b"\x7f\xff\xff\xff"),
        (628, &[0; 23]),
        (718, &[0; 8]),
        (829, b"12345"),
        (774, b"1234567"),
        (869, b""),
        (869, b"\x02\x20\0\x04\0\0\0"),
        (869, b"\x03\x20\0\x04\0\0\0\0"),
        (650, b"\x02\x21\0\x04\0\0\0\0"),
        (1082, b"\x7f\xff\xff\xfe"),
        (1082, b"\0"),
        (1083, &[0xff; 8]),
        (1114, b"\x7f\xff\xff\xff\xff\xff\xff\xfe"),
        (1184, b"\0"),
        (1266, &[0x7f; 12]),
        (1186, &[0; 15]),
        (2950, &[0; 15]),
        (1560, b""),
        (1560, b"\0\0\0\x09\xff"),
        (1562, b"\xff\xff\xff\xff"),
        (1700, b""),
        (1700, b"\0\x01\0\0\0\0\0\0"),
        (1700, b"\0\0\0\0\0\0\0"),
        (1700, b"\0\x01\0\0\0\0\0\0\x27\x10"),
        (3802, b""),
        (3802, b"\x02{}"),
        (3904, b""),
        (3904, b"\0"),
        (3904, b"\x08\0\0\0\x01\0"),
        (3904, b"\x01\0"),
        (1007, b""),
        (1007, b"\0\0\0\x01"),
        (1007, &huge),
        (1007, b"\0\0\0\x07\0\0\0\0\0\0\0\x17"),
        (1009, &huge),
        (2249, b""),
        (2249, b"\0\0\0\x01"),
        (2249, b"\x7f\xff\xff\xff"),
        (2249, b"\0\0\0\x01\0\0\0\x17\0\0\0\x09\0"),
    ];
    for (oid, cell) in cases {
        assert_eq!(
            read(one(*oid, b"", Some(cell))).unwrap_err(),
            Malformed::Damaged,
            "{oid} {cell:?}"
        );
    }
    for (of, element) in [
        (1022, array(25, b"x")),
        (1007, array(23, b"12345")),
        (3807, array(3802, b"")),
        (3905, array(3904, b"\0")),
        (1231, array(1700, b"\0")),
    ] {
        assert_eq!(read(one(of, b"", Some(&element))).unwrap_err(), Malformed::Damaged, "{of}");
    }
    // What the server would send of the same types is taken.
    for (oid, cell) in [
        (16, &b"\x01"[..]),
        (1007, &array(23, b"1234")),
        (3802, b"\x01{}"),
        (3904, b"\x01"),
        (1700, b"\0\x01\0\0\0\0\0\0\0\x01"),
    ] {
        assert!(read(one(oid, b"", Some(cell))).is_ok(), "{oid}");
        assert!(read(one(oid, b"", None)).is_ok(), "{oid}");
    }
}

#[test]
fn values_within_values_end_somewhere() {
    let nested = |levels: i32| {
        let mut value = Vec::new();
        for inner in (0..levels).rev() {
            value.extend(b"\0\0\0\x01\0\0\x08\xc9");
            value.extend((4 + 12 * inner).to_be_bytes());
        }
        value.extend(b"\0\0\0\0");
        value
    };
    assert!(read(one(2249, b"", Some(&nested(20)))).is_ok());
    assert_eq!(read(one(2249, b"", Some(&nested(100_000)))).unwrap_err(), Malformed::Damaged);
}

#[test]
fn a_type_is_not_what_its_name_or_parts_belie() {
    let refused = |oid: u32, defined: &[u8], cell: Value<'_>| {
        assert_eq!(read(one(oid, defined, cell)).unwrap_err(), Malformed::Damaged, "{defined:?}");
    };
    // Of no kind; not defined; made of itself; made of what comes later; twice; the driver's own.
    refused(90_000, &define(90_000, 9, "x", b""), None);
    refused(90_000, b"", None);
    refused(90_000, &define(90_000, 2, "x", &90_000_u32.to_be_bytes()), None);
    let later = [define(90_000, 3, "x[]", &90_001_u32.to_be_bytes()), define(90_001, 0, "x", b"")];
    refused(90_000, &later.concat(), None);
    refused(90_000, &define(90_000, 0, "x", b"").repeat(2), None);
    refused(23, &define(23, 0, "x", b""), None);
    // What the driver finds by name.
    refused(90_000, &define(90_000, 0, "circle", b""), Some(b""));
    refused(90_000, &define(90_000, 5, "\"point\"", &[0; 4]), Some(b"x"));
    refused(90_000, &define(90_000, 0, "LTREE", b""), Some(b""));
    refused(90_000, &define(90_000, 0, "lquery", b""), Some(b"\x01a.*x"));
    refused(90_000, &define(90_000, 0, "lquery", b""), Some(b"\x01*{\xc3\xa9"));
    refused(90_000, &define(90_000, 0, "thing[]", b""), Some(b""));
    // As what it stands for.
    refused(90_000, &define(90_000, 2, "small", &23_u32.to_be_bytes()), Some(b""));
    refused(90_000, &define(90_000, 3, "a", &23_u32.to_be_bytes()), Some(&array(25, b"x")));
    let thing = define(90_000, 6, "thing", b"\0\0\0\x01\0\0\0\x01a\0\0\0\x17");
    refused(90_000, &thing, Some(b""));
    refused(90_000, &thing, Some(b"\0\0\0\0"));
    refused(90_000, &thing, Some(b"\0\0\0\x01\0\0\0\x19\xff\xff\xff\xff"));
    refused(
        90_000,
        &thing,
        Some(b"\0\0\0\x02\0\0\0\x17\xff\xff\xff\xff\0\0\0\x17\xff\xff\xff\xff"),
    );
    assert!(read(one(90_000, &thing, Some(b"\0\0\0\x01\0\0\0\x17\xff\xff\xff\xff"))).is_ok());
    // Lists that say more than there is, and names that no driver gave out.
    refused(90_000, &define(90_000, 5, "mood", &[0x7f, 0xff, 0xff, 0xff]), None);
    refused(90_000, &define(90_000, 6, "thing", &[0x7f, 0xff, 0xff, 0xff]), None);
    let foreign = [b"\0\0\0\x01\0\0\0\x03", "☃".as_bytes(), b"\0\0\0\x17"].concat();
    refused(90_000, &define(90_000, 6, "thing", &foreign), None);
    refused(90_000, &define(90_000, 0, &"x".repeat(2000), b""), None);
}

#[test]
fn counts_and_lengths_are_not_believed() {
    let column = message(b'T', b"\0\0");
    let row = message(b'D', b"\0\0");
    assert!(read(set(&column, &row, 1)).is_ok());
    for bytes in [
        set(&column, &row, 2),
        set(&column, &row.repeat(2), 1),
        set(&column, &row, u32::MAX),
        set(&column, &row, 0),
        set(&column, b"", 1),
        set(b"", &row, 1),
        set(&message(b'T', b"\xff\xff"), &row, 1),
        set(&message(b'T', b"\0\0\0"), &row, 1),
        set(&column, &message(b'D', b"\0\x01"), 1),
        set(&column, &message(b'D', b"\0\0\0"), 1),
        set(&column, &message(b'E', b"\0\0"), 1),
        set(&column, b"D\0\0\0\x03\0\0", 1),
        set(&column, b"D\xff\xff\xff\xff\0\0", 1),
        set(&column, b"D\x7f\xff\xff\xff\0\0", 1),
    ] {
        assert_eq!(read(bytes).unwrap_err(), Malformed::Damaged);
    }
}

#[derive(Debug, Clone)]
enum Damage {
    Cut(usize),
    Flip(usize, u8),
    Put(usize, u32),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<usize>();
    let numbers = prop_oneof![0..9_u32, any::<u32>(), 0xffff_fff0..=u32::MAX, 15..4100_u32];
    prop_oneof![
        at.prop_map(Damage::Cut),
        (at, any::<u8>()).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        (at, numbers).prop_map(|(at, number)| Damage::Put(at, number)),
        (at, 0..40_usize).prop_map(|(at, len)| Damage::Repeat(at, len)),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        let len = bytes.len().max(1);
        match damage {
            Damage::Cut(at) => bytes.truncate(at % len),
            Damage::Flip(at, bits) => {
                bytes.iter_mut().skip(at % len).take(1).for_each(|byte| *byte ^= bits);
            }
            Damage::Put(at, number) => {
                let places = bytes.iter_mut().skip(at % len);
                places.zip(number.to_be_bytes()).for_each(|(byte, new)| *byte = new);
            }
            Damage::Repeat(at, length) => {
                let from = at % len;
                let to = (from + length).min(bytes.len());
                let part = bytes[from.min(to)..to].to_vec();
                bytes.splice(to..to, part);
            }
        }
    }
    bytes
}

const SETS: &[&str] = &[
    "select 1 as a, 'x'::text, true, 1.5::float8, array[1,null], '[1,2)'::int4range, 12.34::numeric",
    "select '{\"a\":1}'::jsonb, '(1,2)'::point, '[(1,2)]'::path, '1 day'::interval, 1::money, '::1'::inet",
    "select row(1,'x','{a}')::thing, array[row(1,'x','{a}')::thing], row(1,row(2),array['x']), 'sad'::mood",
    "select 'a=>1'::hstore, 'a.b'::ltree, '*{1,2}.a'::lquery, '(1,2)'::cube, array['a'::ltree], '1'::small, '12:00+01'::timetz",
    "select g, 'row' || g from generate_series(1, 4) g",
];

async fn originals() -> Vec<Vec<u8>> {
    let mut server = Server::start().await;
    server.run("create extension hstore; create extension ltree; create extension cube").await;
    server.run("create type thing as (id int4, name text, moods text[])").await;
    server.run("create type mood as enum ('sad'); create domain small as int4").await;
    let mut sets = Vec::new();
    for sql in SETS {
        sets.push(server.record(sql).await.bytes().to_vec());
    }
    sets
}

#[test]
fn damaged_row_sets_are_an_error_or_rows_that_can_be_read() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let originals = runtime.block_on(originals());
    for original in &originals {
        let rows = runtime.block_on(replay(&read(original.clone()).unwrap())).unwrap();
        rows.iter().for_each(read_all);
        for len in 0..original.len() {
            assert!(read(original[..len].to_vec()).is_err());
        }
    }
    let which = 0..originals.len();
    let (refused, replayed) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: 5000, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&(which, vec(damage(), 1..3)), |(which, damages)| {
        let Ok(set) = read(damaged(originals[which].clone(), &damages)) else {
            refused.set(refused.get() + 1);
            return Ok(());
        };
        replayed.set(replayed.get() + 1);
        let used = AssertUnwindSafe(|| match runtime.block_on(replay(&set)) {
            Ok(rows) => rows.iter().for_each(read_all),
            Err(dogpile_replay::ReplayError::Driver(_)) => {}
            Err(other) => panic!("{other}"),
        });
        catch_unwind(used).map_err(|_| TestCaseError::fail("panicked"))
    });
    run.unwrap();
    assert!(refused.get() > 100 && replayed.get() > 100, "{refused:?} and {replayed:?}");
}

#[test]
fn any_bytes_are_an_error_or_a_row_set() {
    let config = Config { cases: 2000, failure_persistence: None, ..Config::default() };
    let bytes = (vec(any::<u8>(), 0..120), any::<bool>(), 0..3_u32);
    let run = TestRunner::new(config).run(&bytes, |(bytes, framed, count)| {
        let columns = message(b'T', &bytes);
        let _ = read(if framed { set(&columns, &bytes, count) } else { bytes });
        Ok(())
    });
    run.unwrap();
}
