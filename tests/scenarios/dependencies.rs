//! Which tables a read depends on: all that its SQL names, wherever it names them.

use dogpile_sqlx::QueryCacheExt;
use sqlx::{AssertSqlSafe, QueryBuilder};

use crate::driver::Driver;
use crate::fixture::{Db, Row, assert_hit, assert_miss, by};

async fn s035_join_of_two_tables() {
    let db = Db::new().await;
    let read = "SELECT p.title, a.name FROM post p JOIN author a ON a.id = p.author_id";
    db.invalidates("UPDATE post SET title = 'new' WHERE id = 1", &[read]).await;
    db.invalidates("UPDATE author SET name = 'new' WHERE id = 1", &[read]).await;
    db.keeps("UPDATE tag SET name = 'new' WHERE id = 1", &[read]).await;
}

/// More tables than an entry is meant to have tags.
async fn s035_a_read_of_forty_tables() {
    let db = Db::new().await;
    let union = (0..40).map(|table| format!("SELECT id FROM t{table}")).collect::<Vec<_>>();
    let union: &str = union.join(" UNION ALL ").leak();
    for table in 0..40 {
        let create = format!("CREATE TABLE t{table} (id INTEGER PRIMARY KEY)");
        sqlx::query(AssertSqlSafe(create)).execute(&db.pool).await.unwrap();
    }
    for table in 0..40 {
        db.read(union).await;
        let insert = format!("INSERT INTO t{table} VALUES (1)");
        sqlx::query(AssertSqlSafe(insert)).execute(&db.pool).await.unwrap();
        assert_eq!(db.read(union).await.0.len(), table + 1);
    }
}

async fn s036_the_nullable_side_of_an_outer_join() {
    let db = Db::new().await;
    let reads = [
        "SELECT p.id, t.tag_id FROM post p LEFT JOIN post_tag t ON t.post_id = p.id",
        "SELECT p.id, t.tag_id FROM post_tag t RIGHT JOIN post p ON t.post_id = p.id",
        "SELECT p.id, t.tag_id FROM post p FULL JOIN post_tag t ON t.post_id = p.id",
    ];
    // MariaDB has no full join.
    let reads = &reads[..by(3, 3, 2)];
    db.invalidates("INSERT INTO post_tag VALUES (2, 3)", reads).await;
}

async fn s037_subqueries_in_where() {
    let db = Db::new().await;
    let reads = [
        "SELECT id FROM post WHERE id IN (SELECT post_id FROM post_tag)",
        "SELECT id FROM post p WHERE EXISTS (SELECT 1 FROM post_tag WHERE post_id = p.id)",
        "SELECT id FROM post p WHERE NOT EXISTS (SELECT 1 FROM post_tag WHERE post_id = p.id)",
        "SELECT id FROM post WHERE id < (SELECT count(*) - 1 FROM post_tag)",
        "SELECT id FROM post WHERE id NOT IN (SELECT post_id FROM post_tag WHERE tag_id IN
             (SELECT id FROM tag))",
    ];
    db.invalidates("INSERT INTO post_tag VALUES (2, 3)", &reads).await;
    db.keeps("INSERT INTO event (kind) VALUES ('new')", &reads).await;
}

async fn s038_subqueries_anywhere_else() {
    let db = Db::new().await;
    let reads = [
        "SELECT id, (SELECT count(*) FROM tag) FROM post",
        "SELECT * FROM (SELECT name FROM tag) AS inner_tags",
        "SELECT p.id FROM post p JOIN author a ON a.id <= (SELECT count(*) - 1 FROM tag)",
        "SELECT category_id FROM post GROUP BY category_id
             HAVING count(*) * 2 > (SELECT count(*) FROM tag)",
        "SELECT id FROM post ORDER BY CASE WHEN (SELECT count(*) FROM tag) > 3 THEN -id ELSE id END",
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM tag WHERE name = 'new') THEN 1 ELSE 0 END",
        "SELECT id FROM author ORDER BY id LIMIT (SELECT count(*) - 2 FROM tag)",
        "SELECT id FROM author ORDER BY id LIMIT 9 OFFSET (SELECT count(*) - 2 FROM tag)",
        "SELECT sum(id) FILTER (WHERE id < (SELECT count(*) FROM tag)) FROM post",
        "VALUES ((SELECT count(*) FROM tag))",
    ];
    // MariaDB has no subqueries in LIMIT, and no FILTER.
    let reads = &reads[..by(reads.len(), reads.len(), 6)];
    db.invalidates("INSERT INTO tag (name) VALUES ('new')", reads).await;
}

/// The SQL is put together at run time; what counts is what is sent.
async fn s039_raw_fragments_in_a_builder() {
    let db = Db::new().await;
    let build = || {
        let mut query = QueryBuilder::<Driver>::new("SELECT id FROM post WHERE id >= ");
        query.push_bind(1_i64);
        query.push(" AND id IN (SELECT post_id FROM post_tag JOIN tag ON tag.id = tag_id");
        query.push(" WHERE name <> 'red')");
        query
    };
    let read = async || {
        let mut query = build();
        query.build_query_as::<Row>().cached().fetch_all(&db.pool).await
    };
    assert_eq!(assert_miss!(db, read()).unwrap().len(), 2);
    assert_hit!(db, read()).unwrap();
    db.execute("DELETE FROM post_tag WHERE post_id = 3").await;
    assert_eq!(assert_miss!(db, read()).unwrap().len(), 1);
    db.execute("UPDATE tag SET name = 'pink' WHERE id = 1").await;
    assert_miss!(db, read()).unwrap();
}

async fn s043_every_arm_of_a_set_operation() {
    let db = Db::new().await;
    let reads = [
        "SELECT title AS t FROM post UNION SELECT name FROM tag UNION ALL SELECT kind FROM event",
        "SELECT title FROM post UNION SELECT name FROM tag EXCEPT SELECT kind FROM event",
    ];
    db.invalidates("UPDATE post SET title = 'start' WHERE id = 1", &reads[..1]).await;
    db.invalidates("UPDATE tag SET name = 'start' WHERE id = 1", &reads).await;
    db.invalidates("UPDATE event SET kind = 'stop' WHERE id = 1", &reads).await;
    let common = "SELECT title FROM post INTERSECT SELECT name FROM tag";
    db.invalidates("UPDATE tag SET name = 'second' WHERE id = 2", &[common]).await;
    db.invalidates("UPDATE post SET title = 'other' WHERE id = 2", &[common]).await;
}

async fn s044_window_functions_and_values() {
    let db = Db::new().await;
    let reads = [
        "SELECT title, row_number() OVER (PARTITION BY category_id ORDER BY title) FROM post",
        "SELECT title, sum(id) OVER w, lag(title) OVER w FROM post WINDOW w AS (ORDER BY id)",
        "SELECT title, column1 FROM post JOIN (VALUES (1), (2)) AS v ON column1 = post.id",
        "SELECT title, value FROM post, json_each('[1,2]') WHERE value = post.id",
    ];
    let reads = &reads[..by(4, 3, 2)];
    db.invalidates("UPDATE post SET title = 'zzz' WHERE id = 1", reads).await;
}

/// Longer than what is analysed: 64 KiB.
async fn s057_a_select_that_is_too_long() {
    let db = Db::new().await;
    let list = (0..20_000).map(|id| id.to_string()).collect::<Vec<_>>().join(", ");
    let sql: &str = format!("SELECT id, title FROM post WHERE id IN ({list})").leak();
    db.bypasses(sql, "too_large").await;
    db.execute("DELETE FROM post WHERE id = 1").await;
    assert_eq!(db.read(sql).await.0.len(), 2);
}

async fn s060_a_write_to_an_unrelated_table() {
    let db = Db::new().await;
    let reads = [
        "SELECT * FROM post",
        "SELECT * FROM author",
        "SELECT p.title, t.name FROM post p, post_tag, tag t WHERE t.id = tag_id AND p.id = post_id",
        "SELECT count(*) FROM category",
        "SELECT 1 + 1",
    ];
    db.keeps("INSERT INTO event (kind) VALUES ('new')", &reads).await;
    db.keeps("UPDATE event SET kind = 'newer'", &reads).await;
    db.keeps("DELETE FROM event", &reads).await;
}

async fn s061_aliases_and_self_joins() {
    let db = Db::new().await;
    let reads = [
        "SELECT a.title, b.title FROM post a JOIN post b ON a.author_id = b.author_id",
        "SELECT event.title FROM post AS event",
        "SELECT x.title FROM main.post x",
    ];
    db.invalidates("UPDATE post AS p SET title = 'new' WHERE p.id = 1", &reads).await;
    // An alias is no table.
    db.keeps("UPDATE event SET kind = 'new'", &reads).await;
}

scenarios! {
    s035_join_of_two_tables,
    s035_a_read_of_forty_tables,
    s036_the_nullable_side_of_an_outer_join,
    s037_subqueries_in_where,
    s038_subqueries_anywhere_else,
    s039_raw_fragments_in_a_builder,
    s043_every_arm_of_a_set_operation,
    s044_window_functions_and_values,
    s057_a_select_that_is_too_long,
    s060_a_write_to_an_unrelated_table,
    s061_aliases_and_self_joins,
}
