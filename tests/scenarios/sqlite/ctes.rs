//! Names that a query gives to its own parts: they are no tables, and hide those that are.

use crate::fixture::Db;

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
