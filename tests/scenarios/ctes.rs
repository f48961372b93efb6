//! Names that a query gives to its own parts: they are no tables, and hide those that are.

use crate::fixture::Db;

async fn s040_common_table_expression() {
    let db = Db::new().await;
    let reads = [
        "WITH recent AS (SELECT * FROM post WHERE id > 1) SELECT title FROM recent",
        "WITH a AS (SELECT * FROM post), b AS (SELECT title FROM a) SELECT * FROM b",
        "SELECT * FROM (WITH t AS (SELECT title FROM post) SELECT * FROM t) AS nested",
    ];
    db.invalidates("UPDATE post SET title = 'new' WHERE id = 2", &reads).await;
}

async fn s040_materialized_hint() {
    let db = Db::new().await;
    let reads = [
        "WITH t AS MATERIALIZED (SELECT title FROM post) SELECT * FROM t",
        "WITH t AS NOT MATERIALIZED (SELECT title FROM post) SELECT * FROM t",
    ];
    db.invalidates("UPDATE post SET title = 'new' WHERE id = 2", &reads).await;
}

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

scenarios! {
    s040_common_table_expression,
    s040_materialized_hint: not_on_mariadb,
    s041_cte_shadowing_its_base,
    s041_a_cte_does_not_hide_the_target_of_a_write: not_on_mariadb,
    s042_recursive_cte,
}
