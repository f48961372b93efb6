//! Types that only PostgreSQL has, as arguments and as cells.

use std::str::FromStr;

use sqlx::postgres::types::PgInterval;
use sqlx::types::chrono::{DateTime, FixedOffset};
use sqlx::types::ipnetwork::IpNetwork;
use sqlx::types::{Decimal, Json, Uuid};

use crate::fixture::{Db, assert_distinct, bound};

#[derive(Debug, Clone, Copy, sqlx::Type)]
#[sqlx(type_name = "mood", rename_all = "lowercase")]
enum Mood {
    Sad,
    Fine,
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str(text).unwrap()
}

async fn s009_typed_numbers_and_times() {
    let db = Db::new().await;
    let sql = "SELECT $1::numeric, count(*) FROM post";
    assert_distinct!(db, sql, [decimal("1.0"), decimal("1.00"), decimal("-1.0")]);
    // One moment, said in two zones, is one value for the database, which knows no zone of it.
    let time = |text| DateTime::<FixedOffset>::parse_from_rfc3339(text).unwrap();
    let (here, there) = (time("2026-01-01T12:00:00Z"), time("2026-01-01T13:00:00+01:00"));
    let sql = "SELECT $1::timestamptz, count(*) FROM post";
    let rows = assert_distinct!(db, sql, [here, time("2026-01-01T12:00:00.000001Z")]);
    let (same, _) = bound(&db, sql, there).await;
    assert_eq!(same, rows[0]);
}

/// The driver prepares a text once, for the types that it had then: each has a text of its own.
async fn s010_arguments_of_every_kind() {
    let db = Db::new().await;
    db.behind_its_back("CREATE TYPE mood AS ENUM ('sad', 'fine')").await;
    let sql = "SELECT $1::bytea, count(*) FROM post";
    assert_distinct!(db, sql, [b"a".as_slice(), b"".as_slice(), b"\0".as_slice()]);
    assert_distinct!(db, "SELECT $1::uuid, count(*) FROM post", [Uuid::nil(), Uuid::max()]);
    let network = |text| IpNetwork::from_str(text).unwrap();
    let sql = "SELECT $1::inet, count(*) FROM post";
    assert_distinct!(db, sql, [network("10.0.0.1/32"), network("10.0.0.1/8"), network("::1/128")]);
    let interval = |months, days| PgInterval { months, days, microseconds: 0 };
    let sql = "SELECT $1::interval, count(*) FROM post";
    assert_distinct!(db, sql, [interval(1, 0), interval(0, 30)]);
    let json = |text| Json(serde_json::Value::from_str(text).unwrap());
    let sql = "SELECT $1::jsonb, count(*) FROM post";
    assert_distinct!(db, sql, [json("null"), json("{\"a\": 1}"), json("{\"a\": [1]}")]);
    let sql = "SELECT $1::int4[], count(*) FROM post";
    assert_distinct!(db, sql, [vec![1, 2], vec![2, 1], Vec::<i32>::new()]);
    let sql = "SELECT $1::text[], count(*) FROM post";
    assert_distinct!(db, sql, [vec![Some("a"), None], vec![Some("a"), Some("")]]);
    // The driver asks what a type is that it has not met, on each connection: that is counted too.
    let sql = "SELECT $1::mood, count(*) FROM post";
    let (sad, fine) = (bound(&db, sql, Mood::Sad).await.0, bound(&db, sql, Mood::Fine).await.0);
    assert_ne!(sad, fine);
    assert_eq!(bound(&db, sql, Mood::Sad).await, (sad, 0));
    assert_eq!(bound(&db, sql, Mood::Fine).await, (fine, 0));
}

/// Every cell as the bytes that were sent; what a type of Rust makes of them is in `equality`.
async fn s021_every_type() {
    let db = Db::new().await;
    for sql in [
        "CREATE TYPE mood AS ENUM ('sad', 'fine')",
        "CREATE TYPE thing AS (n INT, name TEXT)",
        "CREATE DOMAIN small AS INT CHECK (value < 10)",
    ] {
        db.behind_its_back(sql).await;
    }
    for read in [
        "SELECT 1.50::numeric, 1.500::numeric(9, 3), 'NaN'::numeric, 1e100::numeric",
        "SELECT 1::int2, -1::int4, 9223372036854775807, 0.1::float4, '-0'::float8, 'NaN'::float8",
        "SELECT '2026-01-01 12:00:00.000001+02'::timestamptz, 'infinity'::timestamp, '24:00'::time",
        "SELECT '12:00+02'::timetz, '4713-01-01 BC'::date, interval '1 month 2 days 3.000004 s'",
        "SELECT '\\x00ff'::bytea, ''::bytea, B'101', B'1'::varbit(9), true, NULL::bool",
        "SELECT int4range(1, 9), 'empty'::numrange, tstzrange(NULL, '2026-01-01Z')",
        "SELECT ROW(1, 'a')::thing, ROW(NULL, NULL)::thing, 'sad'::mood, 7::small",
        "SELECT ARRAY[1, NULL, 3], '{}'::text[], ARRAY[[1, 2], [3, 4]], ARRAY['sad', NULL]::mood[]",
        "SELECT '10.0.0.1/8'::inet, '10.0.0.0/8'::cidr, '08:00:2b:01:02:03'::macaddr",
        "SELECT '{\"a\": 1, \"a\": 2}'::json, '{\"b\": [1.50, null]}'::jsonb, '$.a'::jsonpath",
        "SELECT 'a b'::tsvector, 'a & b'::tsquery, '(1,2)'::point, '<(0,0),1>'::circle, '1.50'::money",
        "SELECT 'c'::\"char\", 'x'::char(3), 'name'::name, ''::text, 'día \u{1F370}'::varchar(20)",
        "SELECT 1::oid, '16/B374D848'::pg_lsn, '00000000-0000-0000-0000-000000000001'::uuid",
    ] {
        let rows = db.warm(read).await;
        assert_eq!(rows.len(), 1, "{read}");
    }
}

scenarios! {
    s009_typed_numbers_and_times,
    s010_arguments_of_every_kind,
    s021_every_type,
}
