//! Changes of the schema.

use std::fmt::Write as _;

use dogpile_sqlx::QueryCacheExt;
use sqlx::AssertSqlSafe;

use crate::fixture::{Db, Events, by, rows_of};

async fn s090_columns() {
    let db = Db::new().await;
    // One connection: another one would not know of the new column when asked to drop it.
    let owner = db.client_with(1).await;
    let read = "SELECT * FROM tag";
    for (write, columns) in [
        ("ALTER TABLE tag ADD COLUMN colour TEXT DEFAULT 'none'", 3),
        ("ALTER TABLE tag DROP COLUMN colour", 2),
    ] {
        db.client().await.warm(read).await;
        owner.execute(write).await;
        // The driver does not survive a statement prepared before: these connections are new.
        let rows = db.client().await.miss(read).await;
        assert_eq!(rows[0].0.len(), columns);
    }
    db.warm(read).await;
    db.keeps("ALTER TABLE event ADD COLUMN colour TEXT", &[read]).await;

    db.warm("SELECT name FROM tag").await;
    db.execute("ALTER TABLE tag RENAME COLUMN name TO label").await;
    assert!(rows_of("SELECT name FROM tag").cached().fetch_all(&db.pool).await.is_err());
    db.settle().await;
    db.warm("SELECT label FROM tag").await;
}

async fn s090_rename_and_drop() {
    let db = Db::new().await;
    let (old, new) = ("SELECT * FROM event", "SELECT * FROM happening");
    db.warm(old).await;
    db.execute("ALTER TABLE event RENAME TO happening").await;
    assert!(rows_of(old).cached().fetch_all(&db.pool).await.is_err());
    db.settle().await;
    db.warm(new).await;
    db.execute("ALTER TABLE happening RENAME TO event").await;
    assert!(rows_of(new).cached().fetch_all(&db.pool).await.is_err());
    db.settle().await;
    db.warm(old).await;

    db.execute("DROP TABLE event").await;
    assert!(rows_of(old).cached().fetch_all(&db.pool).await.is_err());
    db.settle().await;
    db.execute("CREATE TABLE event AS SELECT id, title FROM post").await;
    // Connections that have prepared it for the table that was do not survive it: these are new.
    let other = db.client().await;
    assert_eq!(other.miss(old).await.len(), 3);
    other.hit(old).await;
}

/// An index changes no row, so whether the entries stay is free; that they are right is not.
async fn s090_indexes() {
    let db = Db::new().await;
    let reads = ["SELECT * FROM post WHERE title = 'first'", "SELECT count(*) FROM post"];
    let drop =
        by("DROP INDEX post_title", "DROP INDEX post_title", "DROP INDEX post_title ON post");
    for write in ["CREATE INDEX post_title ON post (title)", drop] {
        for read in reads {
            db.warm(read).await;
        }
        db.execute(write).await;
        for read in reads {
            db.read(read).await;
        }
    }
}

async fn s091_a_migration_in_one_string() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    let read = "SELECT * FROM post";
    let narrow = db.warm(read).await;
    let mut migration = String::from("ALTER TABLE post ADD COLUMN subtitle TEXT DEFAULT 'none';");
    // What a server does for a table takes it some milliseconds.
    for table in 0..by(2_000, 200, 50) {
        let _ = write!(migration, "CREATE TABLE m_{table} (id INTEGER PRIMARY KEY, note TEXT);");
    }
    events.invalidations();
    sqlx::raw_sql(AssertSqlSafe(migration)).execute(&db.pool).await.unwrap();
    assert_eq!(events.invalidations(), 1);
    let wide = db.client().await.miss(read).await;
    assert_eq!(wide[0].0.len(), narrow[0].0.len() + 1);
    db.warm("SELECT * FROM m_49").await;
}

async fn s091_a_migration_in_one_transaction() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    let read = "SELECT * FROM post";
    db.warm(read).await;
    events.invalidations();
    let mut tx = db.pool.begin().await.unwrap();
    for column in 0..200 {
        let sql = format!("ALTER TABLE post ADD COLUMN c_{column} INTEGER");
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(events.invalidations(), 1);
    assert_eq!(db.client().await.miss(read).await[0].0.len(), 209);
}

scenarios! {
    s090_columns,
    s090_rename_and_drop,
    s090_indexes,
    s091_a_migration_in_one_string,
    s091_a_migration_in_one_transaction: not_on_mariadb,
}
