//! Names that a query gives to its own parts: they are no tables, and hide those that are.

use dogpile_query::{Analyzer, Dialect};

use crate::fixture::{Db, tables};

#[tokio::test]
async fn s040_common_table_expression() {
    let db = Db::new().await;
    let reads = [
        "WITH recent AS (SELECT * FROM post WHERE id > 1) SELECT title FROM recent",
        "WITH a AS (SELECT * FROM post), b AS (SELECT title FROM a) SELECT * FROM b",
        "SELECT * FROM (WITH t AS (SELECT title FROM post) SELECT * FROM t) AS nested",
    ];
    db.invalidates("UPDATE post SET title = 'new' WHERE id = 2", &reads).await;
}

#[tokio::test]
async fn s040_materialized_hint() {
    let db = Db::new().await;
    let reads = [
        "WITH t AS MATERIALIZED (SELECT title FROM post) SELECT * FROM t",
        "WITH t AS NOT MATERIALIZED (SELECT title FROM post) SELECT * FROM t",
    ];
    db.invalidates("UPDATE post SET title = 'new' WHERE id = 2", &reads).await;
}

#[tokio::test]
async fn s041_cte_shadowing_its_base() {
    let db = Db::new().await;
    let reads = [
        "WITH post AS (SELECT * FROM main.post WHERE visible) SELECT title FROM post",
        "SELECT * FROM (WITH post AS (SELECT 1) SELECT * FROM post) AS x, post",
        "WITH tag AS (SELECT title FROM post) SELECT * FROM tag",
    ];
    db.invalidates("UPDATE post SET title = 'new' WHERE id = 1", &reads).await;
    // The name belongs to the expression there: the table of that name is not read.
    db.keeps("UPDATE tag SET name = 'new' WHERE id = 1", &reads).await;
}

/// SQLite refuses it, PostgreSQL and MySQL read the table: there the name is not yet taken.
#[test]
fn s041_cte_that_reads_the_table_of_its_name() {
    let sql = "WITH post AS (SELECT * FROM post WHERE visible) SELECT * FROM post";
    for dialect in [Dialect::Postgres, Dialect::MySql] {
        let analysis = Analyzer::new(dialect).analyze(sql);
        assert!(analysis.bypass().is_none(), "{dialect:?}");
        assert_eq!(tables(analysis.reads()), ["post"], "{dialect:?}");
    }
}

/// The names of one WITH see each other in SQLite, in either direction, and end where it ends.
#[tokio::test]
async fn s041_where_a_name_ends() {
    let db = Db::new().await;
    let both = [
        "SELECT (WITH post AS (SELECT name FROM tag) SELECT max(name) FROM post), title FROM post",
        "SELECT title FROM post UNION ALL SELECT * FROM
             (WITH post AS (SELECT name FROM tag) SELECT * FROM post)",
        "WITH POST AS (SELECT name FROM tag) SELECT p.title, post.name FROM main.post p, post",
        "SELECT post.name, tag.title FROM tag AS post JOIN post AS tag",
    ];
    db.invalidates("UPDATE post SET title = 'new' WHERE id = 1", &both).await;
    db.invalidates("UPDATE tag SET name = 'scarlet' WHERE id = 1", &both).await;
    let only_tag = [
        "WITH post AS (SELECT name FROM tag) SELECT (SELECT max(name) FROM post)",
        "WITH post AS (SELECT name FROM tag) SELECT 1 WHERE 'pink' IN (SELECT name FROM post)",
    ];
    db.invalidates("UPDATE tag SET name = 'pink' WHERE id = 1", &only_tag[1..]).await;
    db.invalidates("UPDATE tag SET name = 'violet' WHERE id = 1", &only_tag).await;
    db.keeps("UPDATE post SET title = 'newer' WHERE id = 1", &only_tag).await;
    // Whether `t` reads the table or the later name is the database's affair; both may count.
    let forward = "WITH t AS (SELECT * FROM category), category AS (SELECT name FROM author)
                   SELECT * FROM t";
    for write in ["UPDATE category SET title = 'new'", "UPDATE author SET name = 'new'"] {
        db.warm(forward).await;
        db.execute(write).await;
        db.read(forward).await;
    }
}

#[tokio::test]
async fn s041_a_cte_does_not_hide_the_target_of_a_write() {
    let db = Db::new().await;
    for write in [
        "WITH tag AS (SELECT 9 AS id, 'new' AS name) INSERT INTO tag SELECT * FROM tag",
        "WITH tag AS (SELECT 1 AS one) DELETE FROM tag WHERE id > (SELECT one + 7 FROM tag)",
        "WITH t AS (SELECT 2 AS id) UPDATE tag AS post SET name = 'newer' FROM t WHERE post.id = t.id",
    ] {
        db.invalidates(write, &["SELECT * FROM tag"]).await;
    }
}

#[tokio::test]
async fn s042_recursive_cte() {
    let db = Db::new().await;
    let read = "WITH RECURSIVE chain (id, title) AS (
                    SELECT id, title FROM post WHERE id = 1
                    UNION ALL
                    SELECT p.id, p.title FROM post p JOIN chain c ON p.id = c.id + 1
                ) SELECT * FROM chain";
    db.invalidates("UPDATE post SET title = 'new' WHERE id = 3", &[read]).await;
    db.keeps("UPDATE tag SET name = 'new' WHERE id = 3", &[read]).await;
}
