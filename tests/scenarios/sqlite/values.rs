//! A value from the cache is the value from the database, to the last bit.

use crate::fixture::Db;

#[tokio::test]
async fn s021_every_storage_class() {
    let db = Db::new().await;
    db.execute("CREATE TABLE kinds (id INTEGER PRIMARY KEY, value)").await;
    db.execute(
        "INSERT INTO kinds (value) VALUES
            (NULL), (9223372036854775807), (-9223372036854775808), (0.1), (1e308), (-1e-308),
            (9e999), (''), ('día \u{1F370}'), ('two' || char(0) || 'parts'), (x''), (x'00ff'), (1.0)",
    )
    .await;
    let read = "SELECT value, typeof(value) FROM kinds ORDER BY id";
    assert_eq!(db.miss(read).await, db.hit(read).await);
}
