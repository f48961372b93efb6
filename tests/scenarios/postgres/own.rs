//! What only PostgreSQL has.

use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{Db, assert_miss, rows_of};

const READ: &str = "SELECT * FROM tag";

/// One name in two schemas is two tables.
async fn s012_one_name_in_two_schemas() {
    let db = Db::new().await;
    db.execute("CREATE SCHEMA other").await;
    db.execute("CREATE TABLE other.tag AS SELECT id, upper(name) AS name FROM tag").await;
    let reads = ["SELECT * FROM public.tag", "SELECT * FROM other.tag"];
    assert_ne!(db.miss(reads[0]).await, db.miss(reads[1]).await);
    assert_ne!(db.hit(reads[0]).await, db.hit(reads[1]).await);
    db.invalidates("UPDATE other.tag SET name = 'PINK' WHERE id = 1", &reads[1..]).await;
    db.invalidates("UPDATE public.tag SET name = 'pink' WHERE id = 1", &reads[..1]).await;
    db.invalidates("UPDATE tag SET name = 'rose' WHERE id = 1", &reads[..1]).await;
}

async fn s044_lateral() {
    let db = Db::new().await;
    let read = "SELECT a.name, p.title FROM author a, LATERAL
                    (SELECT title FROM post WHERE author_id = a.id ORDER BY id LIMIT 1) p";
    db.invalidates("UPDATE post SET title = 'new' WHERE id = 1", &[read]).await;
    db.invalidates("UPDATE author SET name = 'new' WHERE id = 1", &[read]).await;
}

async fn s063_a_sample() {
    let db = Db::new().await;
    db.bypasses("SELECT id FROM post TABLESAMPLE bernoulli (50)", "sample").await;
    db.bypasses("SELECT id FROM post TABLESAMPLE system (50) REPEATABLE (1)", "sample").await;
}

/// Who may see which rows has changed: nothing that was read before is served.
async fn s076_policies_and_those_whom_they_bind() {
    let db = Db::new().await;
    for setup in [
        "CREATE ROLE reader",
        "ALTER TABLE tag ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY few ON tag USING (id < 2)",
    ] {
        db.execute(setup).await;
    }
    for change in [
        "ALTER POLICY few ON tag USING (id < 3)",
        "ALTER ROLE reader BYPASSRLS",
        "DROP POLICY few ON tag",
        "ALTER TABLE tag DISABLE ROW LEVEL SECURITY",
    ] {
        db.warm(READ).await;
        db.execute(change).await;
        db.miss(READ).await;
    }
    db.execute("DROP ROLE reader").await;
}

async fn s085_cte_that_writes() {
    let db = Db::new().await;
    let write = "WITH d AS (DELETE FROM post_tag WHERE tag_id = 1 RETURNING *),
                      i AS (INSERT INTO event (kind) SELECT 'untagged' FROM d RETURNING id)
                 SELECT count(*) FROM i";
    let reads = ["SELECT * FROM post_tag", "SELECT * FROM event"];
    for read in reads {
        db.warm(read).await;
    }
    assert_miss!(db, rows_of(write).cached().fetch_all(&db.pool)).unwrap();
    for read in reads {
        db.miss(read).await;
    }
}

async fn s087_explained_writes_that_are_analysed() {
    let db = Db::new().await;
    db.invalidates("EXPLAIN ANALYZE INSERT INTO tag VALUES (9, 'new')", &[READ]).await;
    db.invalidates("EXPLAIN (ANALYZE, BUFFERS) DELETE FROM tag WHERE id = 9", &[READ]).await;
    db.keeps("EXPLAIN (COSTS off) DELETE FROM tag", &[READ]).await;
}

async fn s090_select_into() {
    let db = Db::new().await;
    let read = "SELECT count(*) FROM copy";
    db.execute("CREATE TABLE copy (id BIGINT)").await;
    assert_eq!(db.warm(read).await.len(), 1);
    db.execute("DROP TABLE copy").await;
    db.execute("SELECT * INTO copy FROM post").await;
    assert_eq!(db.miss(read).await, db.hit(read).await);
}

/// The transaction is over for the one that prepared it, and written when somebody commits it.
async fn s162_a_transaction_in_two_phases() {
    let db = Db::new().await;
    let mut connection = db.pool.acquire().await.unwrap();
    for (end, name) in [("COMMIT PREPARED 'two'", "pink"), ("ROLLBACK PREPARED 'two'", "never")] {
        db.warm(READ).await;
        let update = format!("UPDATE tag SET name = '{name}' WHERE id = 1");
        for sql in ["BEGIN", update.leak(), "PREPARE TRANSACTION 'two'"] {
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
        db.read(READ).await;
        rows_of(READ).cached().fetch_all(&mut connection).await.unwrap();
        db.read(READ).await;
        db.execute(end).await;
        db.read(READ).await;
        db.hit(READ).await;
    }
}

scenarios! {
    s012_one_name_in_two_schemas,
    s044_lateral,
    s063_a_sample,
    s076_policies_and_those_whom_they_bind,
    s085_cte_that_writes,
    s087_explained_writes_that_are_analysed,
    s090_select_into,
    s162_a_transaction_in_two_phases,
}
