//! Which reads share an entry: those that cannot have different results, and no others.

use dogpile::{Digest, DigestHasher, KeyHasher, Reason};
use dogpile_sqlx::QueryCacheExt;

use crate::driver::KIND;
use crate::fixture::{
    Cell, Db, DriverRow, Events, Kind, Row, assert_distinct, assert_sent, rows_of, sql,
};

async fn s006_same_sql_different_argument() {
    let db = Db::new().await;
    let rows = assert_distinct!(db, "SELECT title FROM post WHERE id = ?", [1, 2, 3]);
    assert_eq!(rows[1], [Row(vec![Cell::Text("second".into())])]);
}

async fn s008_arguments_cannot_run_into_each_other() {
    let db = Db::new().await;
    let pairs = [
        (Some("a"), Some("bc")),
        (Some("ab"), Some("c")),
        (Some("a"), None),
        (Some("a"), Some("NULL")),
        (Some("a"), Some("")),
        (Some("a\", Text(\"bc"), Some("")),
    ];
    for (first, second) in pairs {
        let query = rows_of("SELECT ?, ?, count(*) FROM post").bind(first).bind(second);
        let rows = assert_sent!(db, 1, query.cached().fetch_all(&db.pool)).unwrap();
        let cell = |text: Option<&str>| text.map_or(Cell::Null, |text| Cell::Text(text.into()));
        assert_eq!(rows, [Row(vec![cell(first), cell(second), Cell::Integer(3)])]);
    }
}

/// What is a type of its own on servers is in the modules of these.
async fn s009_numbers_that_look_alike() {
    let db = Db::new().await;
    let sql = "SELECT ?, count(*) FROM post";
    assert_distinct!(db, sql, [0.0, -0.0, 1e300, 1e-300]);
    if KIND != Kind::MariaDb {
        assert_distinct!(db, sql, [f64::NAN]);
    }
    assert_distinct!(db, "SELECT ?, count(*) FROM tag", ["1.0", "1.00"]);
    let zones = ["2026-01-01 12:00:00+00:00", "2026-01-01 13:00:00+01:00"];
    assert_distinct!(db, "SELECT ?, count(*) FROM event", [zones[0], zones[1]]);
}

async fn s012_same_sql_on_two_databases() {
    let one = Db::new().await;
    let other = Db::cached_by(one.pool.region().clone()).await;
    other.behind_its_back("UPDATE post SET title = 'elsewhere' WHERE id = 1").await;
    let read = "SELECT title FROM post ORDER BY id";
    assert_ne!(one.miss(read).await, other.miss(read).await);
    assert_ne!(one.hit(read).await, other.hit(read).await);
}

async fn s013_different_parts_of_one_table() {
    let db = Db::new().await;
    let reads = [
        "SELECT id FROM post",
        "SELECT title FROM post",
        "SELECT id, title FROM post",
        "SELECT title, id FROM post",
        "SELECT id FROM post LIMIT 1",
        "SELECT id FROM post LIMIT 2",
        "SELECT id FROM post LIMIT 2 OFFSET 1",
        "SELECT id FROM post ORDER BY id",
        "SELECT id FROM post ORDER BY id DESC",
        "SELECT category_id FROM post",
        "SELECT DISTINCT category_id FROM post",
    ];
    for read in reads {
        db.miss(read).await;
    }
    for read in reads {
        db.hit(read).await;
    }
}

async fn s014_whitespace_and_case_of_keywords() {
    let db = Db::new().await;
    for read in [
        "SELECT id FROM post WHERE title = 'first'",
        "select id from post where title = 'first'",
        "SELECT  id\nFROM post\tWHERE title='first'",
        "SELECT id FROM post WHERE title = 'first' -- the first",
        "SELECT id FROM post WHERE title = ' first'",
        "SELECT id FROM post WHERE title = 'first';",
        "/* a hint */ SELECT id FROM post WHERE title = 'first' ; -- and that is all",
        "-- first of all\nSELECT id FROM post WHERE title = 'first'",
    ] {
        // Whether the spellings share an entry is nobody's business; that the rows are right is.
        db.warm(read).await;
    }
}

async fn s015_case_inside_quotes() {
    let db = Db::new().await;
    let reads = [
        "SELECT id FROM post WHERE title = 'first'",
        "SELECT id FROM post WHERE title = 'First'",
        "SELECT 'a' AS x FROM post",
        "SELECT 'A' AS x FROM post",
    ];
    for read in reads {
        db.miss(read).await;
    }
    for read in reads {
        db.hit(read).await;
    }
    // The names of the columns are part of the result.
    let lower = sqlx::query(sql("SELECT id AS \"a\" FROM post"));
    let upper = sqlx::query(sql("SELECT id AS \"A\" FROM post"));
    for (query, name) in [(lower, "a"), (upper, "A")] {
        let names =
            query.map(|row: DriverRow| sqlx::Column::name(sqlx::Row::column(&row, 0)).to_owned());
        let names = assert_sent!(db, 1, names.cached().fetch_all(&db.pool)).unwrap();
        assert_eq!(names, [name, name, name]);
    }
}

/// Finds every entry in the same place.
#[derive(Debug)]
struct Colliding;

impl KeyHasher for Colliding {
    fn hasher(&self) -> DigestHasher {
        DigestHasher::default()
    }

    fn finish(&self, hasher: DigestHasher) -> Digest {
        Digest { lookup: 1, ..hasher.finish() }
    }
}

async fn s016_colliding_hashes() {
    let events = Events::default();
    let db = Db::with(|region| region.hasher(Colliding).observer(events.clone())).await;
    db.miss("SELECT id FROM post").await;
    db.hit("SELECT id FROM post").await;
    events.reasons();
    for _ in 0..2 {
        db.miss("SELECT title FROM post").await;
        db.miss("SELECT id FROM post").await;
    }
    assert_eq!(events.reasons(), [Reason::COLLISION; 4]);
}

/// One query of two tenants, whose rows the database tells apart by something that it is not told.
async fn s077_two_tenants() {
    let db = Db::new().await;
    let sql = "SELECT name FROM author ORDER BY id";
    let read = |tenant: &str| rows_of(sql).cached().scope(tenant).fetch_all(&db.pool);
    for _ in 0..2 {
        assert_sent!(db, 1, read("1")).unwrap();
        assert_sent!(db, 1, read("2")).unwrap();
        assert_sent!(db, 0, read("1")).unwrap();
        assert_sent!(db, 0, read("2")).unwrap();
        // A write is everybody's.
        db.execute("UPDATE author SET name = name || '!' WHERE tenant_id = 1").await;
    }
}

scenarios! {
    s077_two_tenants,
    s006_same_sql_different_argument,
    s008_arguments_cannot_run_into_each_other,
    s009_numbers_that_look_alike,
    s012_same_sql_on_two_databases,
    s013_different_parts_of_one_table,
    s014_whitespace_and_case_of_keywords,
    s015_case_inside_quotes,
    s016_colliding_hashes,
}
