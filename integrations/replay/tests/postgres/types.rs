use dogpile_replay::{Unfit, replay};
use sqlx::postgres::PgRow;
use sqlx::{Column, Row};

use crate::support::{Server, record, rows, same_again};

/// One value at least of each type that PostgreSQL and the extensions beside it have.
const VALUES: &[&str] = &[
    "true, false, null::bool",
    "'a'::\"char\", ''::\"char\", 'name'::name, 'text', ''::text, 'v'::varchar(7), 'b'::bpchar(7)",
    "1::int2, -2::int4, 3::int8, 4::oid, 1.5::float4, 'NaN'::float4, '-Infinity'::float8, 1e300",
    "0::numeric, 'NaN'::numeric, 'Infinity'::numeric, -123456789012345678901234567890.123456789",
    "''::bytea, '\\x00ff'::bytea, '\\x00'::bytea",
    "'{\"a\": [1, null]}'::json, '{\"a\": [1, null]}'::jsonb, '$.a[*]'::jsonpath",
    "'infinity'::date, '4713-01-01 BC'::date, '5874897-12-31'::date, '2000-01-01'::date",
    "'00:00'::time, '24:00'::time, '23:59:59.999999'::time, '12:00+15:59:59'::timetz",
    "'-infinity'::timestamp, '4713-01-01 BC'::timestamp, '294276-12-31 23:59:59'::timestamp",
    "'infinity'::timestamptz, '2024-02-29 12:00:00.000001+02'::timestamptz",
    "'1 year -2 days 3.000004 seconds'::interval, '-178000000 years'::interval",
    "'10.0.0.1/8'::inet, '::1'::inet, '10.0.0.0/8'::cidr, '2001:db8::/32'::cidr",
    "'08:00:2b:01:02:03'::macaddr, '08:00:2b:01:02:03:04:05'::macaddr8",
    "'(1,2)'::point, '{1,2,3}'::line, '[(1,2),(3,4)]'::lseg, '((1,2),(3,4))'::box",
    "'[(1,2),(3,4)]'::path, '((1,2))'::path, '((1,2),(3,4),(5,6))'::polygon, '<(1,2),3>'::circle",
    "B'1011'::bit(4), B''::varbit, B'101100111'::varbit, '-1234.56'::money",
    "gen_random_uuid(), '<a/>'::xml, ''::xml, 'a b'::tsvector, 'a & b'::tsquery, '1/2'::pg_lsn",
    "'empty'::int4range, '[1,2)'::int4range, '(,5]'::int8range, '(,)'::numrange",
    "'[2000-01-01,infinity)'::daterange, '[2000-01-01,)'::tsrange, '(,2000-01-01]'::tstzrange",
    "array[1,null,3], '{}'::int4[], '{{1,2},{3,4}}'::int4[], '[0:1]={5,6}'::int4[], '{\"\"}'::text[]",
    "array[1.5,'NaN',null]::numeric[], array['{}','[]']::jsonb[], array['2000-01-01']::date[]",
    "array['[1,2)','empty',null]::int4range[], array[true,null], array[B'1'], array['\\x']::bytea[]",
    "row(1,'a',null), row(), row(row(1),array[row(2)]), array[row(1,2),row(3,null)]",
    "null, 'unknown', array[null,'x'], '1 2 3'::int2vector, '1 2'::oidvector, txid_current_snapshot()",
    "'pg_class'::regclass, 'int4'::regtype, 'now'::regproc, '(0,1)'::tid, '7'::xid, '8'::xid8, '9'::cid",
    "'a=>1,b=>NULL'::hstore, ''::citext, 'aB'::citext, 'a.b'::ltree, ''::ltree, 'a.*.!b|c*.*{2}.*{,3}'::lquery",
    "'(1,2),(3,4)'::cube, array['a=>b']::hstore[], array['a.b',null]::ltree[], pg_sleep(0)",
    "'sad'::mood, array['sad','a \"b\", {c}\\d']::mood[], '{\"\"}'::mood[], '[sad,)'::moods",
    "1::small, array[1,2]::small[], 'sad'::moody, 2::smaller, '{1,2}'::smalls",
    "row(1,'x',array['sad']::mood[])::thing, array[row(1,null,null)::thing]",
    "row('a',row(2,'y',null)::thing,array[row(3,'z','{sad}')::thing])::nest, row(1)::odd",
    "row(1,'x',null)::solid, row(row(1,'x',null)::thing)::deep, row()::hollow, row(7)::app.box",
];

const SCHEMA: &str = r#"
    create extension hstore; create extension citext; create extension ltree; create extension cube;
    create schema app; create schema "We ird";
    create type mood as enum ('sad', '', 'a "b", {c}\d', 'grün', ' null');
    create domain moody as mood;
    create type moods as range (subtype = mood);
    create domain small as int4 check (value < 10);
    create domain smaller as small;
    create domain smalls as int4[];
    create type thing as (id int4, name text, moods mood[]);
    create domain solid as thing;
    create type nest as ("a ""b"", (c)\d" text, "grün" thing, "NULL" thing[]);
    create type deep as (it thing);
    create type odd as ("日本" small);
    create type hollow as ();
    create type app.box as (n int4);
    create type "We ird"."Ty pe" as enum ('x');
"#;

async fn with_types() -> Server {
    let mut server = Server::start().await;
    server.run(SCHEMA).await;
    server
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_was() {
    let mut server = with_types().await;
    for values in VALUES {
        let live = rows(&mut server.connection, &format!("select {values}")).await;
        same_again(&live.unwrap_or_else(|error| panic!("{values}: {error}"))).await;
    }
}

#[tokio::test]
async fn every_kind_of_value_comes_back_in_one_row_and_beside_rows_of_nulls() {
    let mut server = with_types().await;
    let values = VALUES.join(", ");
    let live = server.rows(&format!("select {values}")).await;
    same_again(&live).await;
    let nulls =
        format!("select q.* from (select {values}) q right join generate_series(1, 3) g on g = 2");
    same_again(&server.rows(&nulls).await).await;
}

#[tokio::test]
async fn every_type_of_the_catalogue_comes_back_as_itself() {
    let mut server = with_types().await;
    let types = "select oid::regtype::text from pg_type where typtype <> 'p' \
                 or typname in ('record', 'void', 'unknown')";
    let (mut told, mut refused) = (0, 0);
    for row in server.rows(types).await {
        let name: String = row.get(0);
        match rows(&mut server.connection, &format!("select null::{name} as v")).await {
            Ok(live) => {
                same_again(&live).await;
                told += 1;
            }
            // The driver has no word for some types and for what is made of them, the server no form.
            Err(error) => {
                let reasons = ["unknown type code", "category code", "no binary output function"];
                let error = error.to_string();
                assert!(reasons.iter().any(|reason| error.contains(reason)), "{name}: {error}");
                refused += 1;
            }
        }
    }
    assert!(told > 400 && refused < 100, "{told} and {refused}");
}

#[tokio::test]
async fn columns_tell_the_table_they_are_of() {
    let mut server = Server::start().await;
    server
        .run("create table t (a int, b text); alter table t drop column a; alter table t add c int")
        .await;
    server.run("insert into t values ('b', 3)").await;
    let live = server.rows("select ctid, tableoid, c, b, c + 1 as sum, t as whole from t").await;
    same_again(&live).await;
    let replayed = replay(&record(&live).unwrap()).await.unwrap();
    let numbers =
        replayed[0].columns().iter().map(|c| c.relation_attribute_no()).collect::<Vec<_>>();
    assert_eq!(numbers, [Some(-1), Some(-6), Some(3), Some(2), None, None]);
}

#[tokio::test]
async fn two_types_of_one_number_do_not_meet() {
    let (mut one, mut other) = (Server::start().await, Server::start().await);
    one.run("create type kind as enum ('one', 'two')").await;
    other.run("create type kind as enum ('three')").await;
    let one = one.rows("select 'one'::kind as k, array['one']::kind[] as all").await;
    let other = other.rows("select 'three'::kind as k, array['three']::kind[] as all").await;
    let number = |rows: &[PgRow]| rows[0].column(0).type_info().oid();
    assert_eq!(number(&one), number(&other));
    for _ in 0..3 {
        same_again(&one).await;
        same_again(&other).await;
    }
}

#[tokio::test]
async fn more_types_than_a_connection_keeps_come_back_as_they_were() {
    let mut server = Server::start().await;
    let mut names = Vec::new();
    for name in ('a'..='h').map(|letter| format!("many_{letter}")) {
        let labels = (0..1000).map(|n| format!("'{name} {n:050}'")).collect::<Vec<_>>().join(", ");
        server.run(&format!("create type {name} as enum ({labels})")).await;
        names.push(format!("null::{name}"));
    }
    for _ in 0..2 {
        for name in &names {
            same_again(&server.rows(&format!("select {name}")).await).await;
        }
    }
    same_again(&server.rows(&format!("select {}", names.join(", "))).await).await;
}

#[tokio::test]
async fn text_is_refused() {
    let mut server = Server::start().await;
    for sql in ["select 1, null", "select null::xml"] {
        let live = sqlx::raw_sql(sql).fetch_all(&mut server.connection).await.unwrap();
        assert_eq!(record(&live).unwrap_err(), Unfit::NotPrepared);
    }
}
