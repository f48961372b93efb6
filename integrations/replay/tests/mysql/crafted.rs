//! Row sets that nobody captured.

use std::hint::black_box;

use bytes::Bytes;
use dogpile_replay::{RowSet, replay};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sqlx::mysql::MySqlRow;
use sqlx::mysql::types::MySqlTime;
use sqlx::types::{Json, JsonValue, chrono, time};
use sqlx::{MySql, Row, Type};
use tokio::runtime::{Builder, Runtime};

use crate::support::{Live, capture};

const QUERIES: [&str; 4] = [
    "SELECT 1 AS a, CAST(NULL AS CHAR) AS b, 'text' AS c",
    "SELECT DATE '2024-02-29' AS d, TIME '12:34:56' AS t, TIMESTAMP '2024-02-29 12:34:56.789012' \
     AS s, TIME '00:00:00' AS z FROM seq_1_to_2",
    "SELECT b'101' AS bits, 1.5 AS decimals, 1e5 AS doubles, JSON_OBJECT('a', 1) AS j, NULL AS n",
    "SELECT seq, seq AS other, x'00ff' AS bytes FROM seq_1_to_3",
];

fn bases(runtime: &Runtime) -> Vec<Bytes> {
    runtime.block_on(async {
        let mut live = Live::start().await;
        let mut bases = Vec::new();
        for sql in QUERIES {
            bases.push(capture(&live.rows(sql).await).unwrap().bytes().clone());
        }
        live.run("CREATE TABLE t (d DATETIME(6), s TIMESTAMP(6), y YEAR, f FLOAT, i TINYINT)")
            .await;
        live.run("INSERT INTO t VALUES ('2024-02-29 01:02:03.5', '2024-02-29', 2024, 1.5, 1)")
            .await;
        bases.push(capture(&live.rows("SELECT * FROM t").await).unwrap().bytes().clone());
        bases
    })
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Reads a cell as every type that takes it. Errors are fine.
fn decode(row: &MySqlRow, index: usize) {
    macro_rules! all {
        ($($of:ty),* $(,)?) => {
            $(drop(black_box(row.try_get::<Option<$of>, _>(index)));)*
        };
    }
    all!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, bool, String, Vec<u8>, Json<JsonValue>);
    all!(MySqlTime, time::Date, time::Time, time::PrimitiveDateTime, time::OffsetDateTime);
    all!(chrono::NaiveDate, chrono::NaiveTime, chrono::NaiveDateTime);
    all!(chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Local>);
    assert!(<i64 as Type<MySql>>::compatible(&<i64 as Type<MySql>>::type_info()));
}

/// Reads, replays and decodes. Whether the bytes are a row set.
fn survive(runtime: &Runtime, bytes: Bytes) -> bool {
    let Ok(set) = RowSet::<MySql>::read(bytes.clone()) else {
        return false;
    };
    // What is taken for a row set is one: nothing but what a capture would write.
    let rows = runtime.block_on(replay(&set)).unwrap();
    assert_eq!(rows.len(), set.len());
    for row in &rows {
        drop(black_box(format!("{row:?} {:?}", row.columns())));
        (0..row.len()).for_each(|index| decode(row, index));
    }
    assert!(rows.is_empty() || *capture(&rows).unwrap().bytes() == bytes);
    true
}

#[test]
fn a_part_of_a_row_set_is_none() {
    let runtime = runtime();
    for base in bases(&runtime) {
        assert!(survive(&runtime, base.clone()));
        for end in 0..base.len() {
            assert!(!survive(&runtime, base.slice(..end)));
        }
        assert!(!survive(&runtime, Bytes::from([&base[..], b"\0"].concat())));
    }
}

#[test]
fn a_flipped_bit_is_refused_or_harmless() {
    let runtime = runtime();
    for base in bases(&runtime) {
        for bit in 0..base.len() * 8 {
            let mut flipped = base.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            survive(&runtime, Bytes::from(flipped));
        }
    }
}

#[test]
fn a_changed_byte_is_refused_or_harmless() {
    let runtime = runtime();
    for base in bases(&runtime) {
        for at in 0..base.len() {
            for byte in [0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 0x7f, 0xfb, 0xfc, 0xfe, 0xff] {
                let mut changed = base.to_vec();
                changed[at] = byte;
                survive(&runtime, Bytes::from(changed));
            }
        }
    }
}

#[test]
fn random_changes_are_refused_or_harmless() {
    let runtime = runtime();
    let bases = bases(&runtime);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    let cut = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    let config = Config { cases: 3000, failure_persistence: None, ..Config::default() };
    let given = (0..bases.len(), changes, prop::option::of(cut));
    let test = |(base, changes, cut): (usize, Vec<(prop::sample::Index, u8)>, Option<_>)| {
        let mut bytes = bases[base].to_vec();
        if let Some((from, to)) = cut {
            let (from, to): (prop::sample::Index, prop::sample::Index) = (from, to);
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            bytes.drain(from.min(to)..from.max(to));
        }
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        survive(&runtime, Bytes::from(bytes));
        Ok(())
    };
    TestRunner::new(config).run(&given, test).unwrap();
}

#[test]
fn random_bytes_are_refused() {
    let runtime = runtime();
    let config = Config { cases: 3000, failure_persistence: None, ..Config::default() };
    let given = (1_u32..9, 0_u32..40, prop::collection::vec(any::<u8>(), 0..200));
    let test = |(rows, columns, rest): (u32, u32, Vec<u8>)| {
        let header = [&b"\x01\x02"[..], &rows.to_le_bytes(), &columns.to_le_bytes()].concat();
        survive(&runtime, Bytes::from([header, rest].concat()));
        Ok(())
    };
    TestRunner::new(config).run(&given, test).unwrap();
}
