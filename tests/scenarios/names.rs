//! Names of tables, however they are written, and what only looks like one.

use crate::fixture::Db;

async fn s052_columns_literals_and_comments() {
    let db = Db::new().await;
    db.execute(r#"CREATE TABLE odd (id INTEGER PRIMARY KEY, "update" TEXT, post TEXT)"#).await;
    let reads = [
        "SELECT created_at FROM post",
        r#"SELECT "update", "delete" FROM (SELECT "update", post AS "delete" FROM odd) AS o"#,
        "SELECT 'DELETE FROM post', 'x'' FROM tag' FROM odd",
        "SELECT id FROM odd /* UPDATE post SET title = 'new' */ -- INSERT INTO tag",
        "SELECT post FROM odd AS event",
    ];
    // None of them is a write: each keeps the others.
    for read in reads {
        db.warm(read).await;
    }
    for read in reads {
        db.hit(read).await;
    }
    // And none of those on `odd` depends on what it only mentions.
    db.keeps("UPDATE tag SET name = 'new' WHERE id = 1", &reads).await;
    db.keeps("UPDATE event SET kind = 'new'", &reads).await;
    db.keeps("UPDATE post SET title = 'new' WHERE id = 1", &reads[1..]).await;
    db.invalidates("INSERT INTO odd VALUES (1, 'SELECT', 'post; DELETE FROM tag')", &reads[1..])
        .await;
}

/// A literal in a write names no table either.
async fn s052_literals_in_a_write() {
    let db = Db::new().await;
    let write = "UPDATE event SET kind = 'UPDATE post SET title = 1' /* DELETE FROM tag */";
    db.keeps(write, &["SELECT * FROM post", "SELECT * FROM tag"]).await;
    db.execute("DELETE FROM event -- post, tag").await;
    db.hit("SELECT * FROM post").await;
    db.hit("SELECT * FROM tag").await;
}

scenarios! {
    s052_columns_literals_and_comments,
    s052_literals_in_a_write,
}
