//! PostgreSQL.

use std::sync::Mutex;

use dogpile_tests::services;
use sqlx::postgres::types::*;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::types::chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sqlx::types::ipnetwork::IpNetwork;
use sqlx::types::mac_address::MacAddress;
use sqlx::types::time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};
use sqlx::types::{BigDecimal, BitVec, Decimal, Json, JsonValue, Uuid};
use sqlx::{AssertSqlSafe, Postgres};

use crate::case::Tally;
use crate::generator::Dialect;
use crate::pools::Pools;
use crate::probes::probes;
use crate::read::{Reader, readers};
use crate::run::{Subject, run};

const SCHEMA: &str = r#"
    CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION cube;
    CREATE SCHEMA app;
    CREATE TYPE mood AS ENUM ('sad', 'ok', '', 'a "b", {c}\d', 'grün');
    CREATE TYPE app.mood AS ENUM ('other', 'sad');
    CREATE DOMAIN moody AS mood;
    CREATE TYPE moods AS RANGE (subtype = mood);
    CREATE DOMAIN small AS int4 CHECK (value < 10);
    CREATE DOMAIN smaller AS small;
    CREATE DOMAIN smalls AS int4[];
    CREATE TYPE thing AS (id int4, name text, mood mood);
    CREATE TYPE nest AS (n int4, inner_thing thing, things thing[]);
    CREATE TYPE app.box AS (n int4);
"#;

static DIALECT: Dialect = Dialect {
    types: &[
        ("bool", &["true", "false"]),
        ("int2", &["#i16", "32767", "-32768", "0"]),
        ("int4", &["#i32", "2147483647", "-2147483648", "1"]),
        ("int8", &["#i64", "9223372036854775807", "-9223372036854775808", "1"]),
        ("oid", &["#u32", "0", "4294967295"]),
        ("float4", &["1.5", "'NaN'", "'-Infinity'", "'-0'", "1e-40"]),
        ("float8", &["#real", "'NaN'", "'Infinity'", "'-0'", "5e-324", "1"]),
        ("numeric", &["#decimal", "0", "'NaN'", "'Infinity'", "1e100", "-0.000", "1e-30"]),
        ("numeric(10,2)", &["12345678.90", "-0.01", "0"]),
        ("money", &["'-1234.56'", "'92233720368547758.07'"]),
        ("text", &["#text", "#digits", "''", "repeat('x', 9000)"]),
        ("varchar(20)", &["#text", "'v'"]),
        ("char(7)", &["'b'", "''", "'1'"]),
        ("\"char\"", &["'a'", "''"]),
        ("name", &["'name'", "''"]),
        ("citext", &["#text", "'aB'"]),
        ("bytea", &["#bytes", "''"]),
        ("json", &["'{\"a\": [1, null]}'", "'  1 '", "'null'", "'\"x\"'", "'{\"a\":1,\"a\":2}'"]),
        ("jsonb", &["'{\"b\": 1, \"a\": [1.50, null]}'", "'null'", "'\"\\u00e9\"'"]),
        ("jsonpath", &["'$.a[*]'"]),
        ("xml", &["'<a/>'", "'a'", "''"]),
        ("date", &["#moment", "'infinity'", "'4713-01-01 BC'", "'5874897-12-31'", "'2000-01-01'"]),
        ("time", &["'00:00'", "'24:00'", "'23:59:59.999999'"]),
        ("timetz", &["'12:00+15:59:59'", "'24:00-00:30'", "'1:02:03.4+02'"]),
        ("timestamp", &["#moment", "'-infinity'", "'4713-01-01 BC'", "'294276-12-31 23:59:59'"]),
        (
            "timestamptz",
            &["#moment", "'infinity'", "'2024-02-29 12:00:00.000001+02'", "'0001-01-01'"],
        ),
        ("interval", &["'1 year -2 days 3.000004 seconds'", "'-178000000 years'", "'0'"]),
        ("inet", &["'10.0.0.1/8'", "'::1'", "'255.255.255.255'"]),
        ("cidr", &["'10.0.0.0/8'", "'2001:db8::/32'"]),
        ("macaddr", &["'08:00:2b:01:02:03'"]),
        ("macaddr8", &["'08:00:2b:01:02:03:04:05'"]),
        ("bit(4)", &["B'1011'", "B'0000'"]),
        ("varbit", &["B''", "B'101100111'"]),
        ("uuid", &["#uuid", "'00000000-0000-0000-0000-000000000000'"]),
        ("tsvector", &["'a b'", "''", "'a:1A fat:2B,4C'"]),
        ("tsquery", &["'a & b'"]),
        ("pg_lsn", &["'1/2'"]),
        ("point", &["'(1,-2.5)'"]),
        ("line", &["'{1,2,3}'"]),
        ("lseg", &["'[(1,2),(3,4)]'"]),
        ("box", &["'((1,2),(3,4))'"]),
        ("path", &["'[(1,2),(3,4)]'", "'((1,2))'"]),
        ("polygon", &["'((1,2),(3,4),(5,6))'"]),
        ("circle", &["'<(1,2),3>'"]),
        ("cube", &["'(1,2),(3,4)'", "'(1)'"]),
        ("hstore", &["'a=>1,b=>NULL'", "''"]),
        ("ltree", &["'a.b'", "''"]),
        ("lquery", &["'a.*.!b|c*.*{2}.*{,3}'"]),
        ("int4range", &["'empty'", "'[1,2)'", "'(,5]'"]),
        ("int8range", &["'(,)'", "'[1,9223372036854775807)'"]),
        ("numrange", &["'[1.5,2)'", "'(,)'"]),
        ("daterange", &["'[2000-01-01,infinity)'", "'[2000-01-01,2001-01-01)'"]),
        ("tsrange", &["'[2000-01-01,)'"]),
        ("tstzrange", &["'(,2000-01-01]'", "'[2000-01-01,infinity]'"]),
        ("int4multirange", &["'{}'", "'{[1,2),[5,6)}'"]),
        ("mood", &["'sad'", "''", "'a \"b\", {c}\\d'", "'grün'"]),
        ("app.mood", &["'sad'", "'other'"]),
        ("moody", &["'ok'"]),
        ("moods", &["'[sad,)'", "'empty'"]),
        ("small", &["1", "-5"]),
        ("smaller", &["2"]),
        ("smalls", &["'{1,2}'"]),
        ("thing", &["row(1,'x','sad')", "row(NULL,NULL,NULL)", "row(2,'a\"b',NULL)"]),
        ("nest", &["row(1,row(2,'y','ok')::thing,array[row(3,'z','sad')::thing])"]),
        ("app.box", &["row(7)"]),
        ("int4[]", &["'{1,NULL,3}'", "'{}'", "'{{1,2},{3,4}}'", "'[0:1]={5,6}'"]),
        ("int2[]", &["'{1,2}'"]),
        ("int8[]", &["'{9223372036854775807}'"]),
        ("text[]", &["'{\"\"}'", "'{a,NULL,\"b c\"}'", "'{}'"]),
        ("bool[]", &["'{t,f}'"]),
        ("float8[]", &["'{NaN,1.5}'"]),
        ("numeric[]", &["'{1.5,NaN,NULL}'"]),
        ("bytea[]", &["array['\\x00ff'::bytea]"]),
        ("uuid[]", &["'{00000000-0000-0000-0000-000000000001}'"]),
        ("jsonb[]", &["array['{}','[]']::jsonb[]"]),
        ("date[]", &["'{2000-01-01}'"]),
        ("timestamptz[]", &["'{2000-01-01 00:00:00+00,infinity}'"]),
        ("int4range[]", &["array['[1,2)','empty',NULL]::int4range[]"]),
        ("mood[]", &["'{sad,ok}'", "'{}'", "'{NULL}'"]),
        ("small[]", &["'{1,2}'"]),
        ("thing[]", &["array[row(1,'x','sad')::thing, NULL]"]),
        ("hstore[]", &["array['a=>b']::hstore[]"]),
        ("citext[]", &["'{a,B}'"]),
        ("inet[]", &["'{10.0.0.1}'"]),
    ],
    expressions: &[
        "{}::text",
        "{}::varchar",
        "{} IS NULL",
        "coalesce({}, {})",
        "ARRAY[{}]",
        "ARRAY[{}, NULL]",
        "ROW({}, x.id)",
        "CASE WHEN x.id > 1 THEN {} END",
        "to_jsonb({})",
        "to_json({})",
        "{}::text::bytea",
        "({}::text) || '!'",
        "length({}::text)",
        "count({}) OVER ()",
        "NULLIF(x.id, 1)",
        "x.id * 1.5",
        "x.id::int8 + 1",
        "x",
    ],
    aggregates: &[
        "count(*)",
        "count({})",
        "array_agg({})",
        "json_agg({})",
        "max({}::text)",
        "max({})",
        "sum(x.id)",
        "avg(x.id)",
        "min(x.id)",
        "bool_or({} IS NULL)",
        "string_agg({}::text, ',')",
    ],
    constants: &[
        "NULL",
        "1",
        "'unknown'",
        "NULL::int8",
        "1.50",
        "'sad'::mood",
        "'other'::app.mood",
        "true",
        "ARRAY[]::mood[]",
        "ROW()",
        "ROW(1, NULL, 'x')",
        "'{}'::jsonb",
        "1e10::float4",
        "9223372036854775808",
        "'2000-01-01'::date + x.id",
        "INTERVAL '1 month' * x.id",
        "1 / (x.id - 2)",
    ],
    quote: '"',
    bytes: |hex| format!("'\\x{hex}'"),
};

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "mood")]
enum Mood {
    #[sqlx(rename = "sad")]
    Sad,
    #[sqlx(rename = "ok")]
    Ok,
    #[sqlx(rename = "")]
    Nothing,
    #[sqlx(rename = "grün")]
    Green,
}

/// As text, not as an enumeration.
#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
enum Word {
    Sad,
    V,
}

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "small")]
struct Small(i32);

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "thing")]
struct Thing {
    id: Option<i32>,
    name: Option<String>,
    mood: Option<Mood>,
}

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "nest")]
struct Nest {
    n: i32,
    inner_thing: Thing,
    things: Vec<Thing>,
}

/// What one column is read as.
type Scalar = Mood;

const READERS: &[Reader<PgRow>] = readers![
    PgRow;
    any: [
        bool, i8, i16, i32, i64, f32, f64, String, Vec<u8>, &str, &[u8], Oid, JsonValue, Decimal,
        Uuid, NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc>, Date, OffsetDateTime, PgMoney,
        PgInterval, Mood, Word, Small, PgCiText,
    ];
    own: [
        (), BigDecimal, Json<Vec<i32>>, DateTime<FixedOffset>, DateTime<Local>, Time,
        PrimitiveDateTime, PgTimeTz<NaiveTime, FixedOffset>, PgTimeTz<Time, UtcOffset>, IpNetwork,
        std::net::IpAddr, MacAddress, BitVec, PgRange<i32>, PgRange<i64>, PgRange<Decimal>,
        PgRange<NaiveDate>, PgRange<Date>, PgRange<DateTime<Utc>>, PgRange<NaiveDateTime>, Vec<i16>,
        Vec<i32>, Vec<Option<i32>>, Vec<i64>, Vec<bool>, Vec<f64>, Vec<String>, Vec<Option<String>>,
        Vec<Uuid>, Vec<Vec<u8>>, Vec<Option<Decimal>>, Vec<JsonValue>, Vec<NaiveDate>,
        Vec<DateTime<Utc>>, Vec<Option<PgRange<i32>>>, Vec<Mood>, Vec<Option<Mood>>, Vec<Thing>,
        Vec<IpNetwork>, Thing, Nest, (i32, String), (Option<i32>, Option<String>, Option<Mood>),
        PgPoint, PgLine, PgLSeg, PgBox, PgPath, PgPolygon, PgCircle, PgCube, PgLTree, PgLQuery,
        PgHstore,
    ];
];

probes!(Postgres, PgRow);

struct Server {
    pools: Pools<Postgres>,
    _server: services::Postgres,
}

impl Subject for Server {
    type Database = Postgres;

    const DIALECT: &'static Dialect = &DIALECT;

    async fn run(&self, sql: String) {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&self.pools.plain).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn probe(&self, sql: String, tally: &Mutex<Tally>) {
        probe(&self.pools, sql, tally).await;
    }
}

#[tokio::test]
async fn i13_random_queries_of_every_type_are_the_same_from_a_hit_on_postgres() {
    let server = services::Postgres::start().await.unwrap();
    let url = server.create_database().await.unwrap();
    let options: PgConnectOptions = url.parse().unwrap();
    let pools = Pools::open(options).await;
    sqlx::raw_sql(SCHEMA).execute(&pools.plain).await.unwrap();
    run(Server { pools, _server: server }).await;
}
