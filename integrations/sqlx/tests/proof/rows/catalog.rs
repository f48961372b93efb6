//! Tables of which a write of one row may be more than that.

use super::{Read, Seen, execute, item, read, with};
use crate::support::{Fixture, Result};

/// A write of row 1 that changes row 2, on a table that was made so.
async fn reaches_the_other(schema: &'static str, write: &str) -> Result {
    let fixture = with(schema).await?;
    let two = read("SELECT id, v FROM t WHERE id = ?", 2);
    two.see(&fixture).await?;
    two.expect(&fixture, Seen::Hit, "nothing").await?;
    for _ in 0..2 {
        execute(&fixture, write).await?;
        two.expect(&fixture, Seen::Miss, write).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_may_write_any_row() -> Result {
    let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, v INT);
        INSERT INTO t VALUES (1, 10), (2, 20);
        CREATE TRIGGER g AFTER UPDATE ON t WHEN new.id = 1 BEGIN
            UPDATE t SET v = v + 1 WHERE id = 2; END";
    reaches_the_other(schema, "UPDATE t SET v = v + 1 WHERE id = 1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_clause_of_the_table_may_remove_any_row() -> Result {
    let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, v INT UNIQUE ON CONFLICT REPLACE);
        INSERT INTO t VALUES (1, 10), (2, 20)";
    reaches_the_other(schema, "UPDATE t SET v = 20 WHERE id = 1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_key_to_the_table_itself_may_reach_any_row() -> Result {
    let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, v INT,
            parent INT REFERENCES t (id) ON DELETE CASCADE);
        INSERT INTO t VALUES (1, 10, NULL), (2, 20, 1)";
    reaches_the_other(schema, "DELETE FROM t WHERE id = 1").await
}

/// What follows a delete in other tables may come back.
#[tokio::test(flavor = "multi_thread")]
async fn a_delete_that_other_tables_follow_may_be_of_any_row() -> Result {
    let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, v INT);
        CREATE TABLE child (id INTEGER PRIMARY KEY, t INT REFERENCES t (id) ON DELETE CASCADE);
        INSERT INTO t VALUES (1, 10), (2, 20); INSERT INTO child VALUES (1, 1);
        CREATE TRIGGER g AFTER DELETE ON child BEGIN UPDATE t SET v = v + 1 WHERE id = 2; END";
    reaches_the_other(schema, "DELETE FROM t WHERE id = 1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn text_of_a_collation_of_its_own_is_not_a_key() -> Result {
    let schema = "CREATE TABLE t (id TEXT COLLATE NOCASE PRIMARY KEY, v INT);
        INSERT INTO t VALUES ('a', 10)";
    let fixture = with(schema).await?;
    let lower = Read { sql: "SELECT v, v FROM t WHERE id = 'a'", bound: None };
    lower.see(&fixture).await?;
    execute(&fixture, "UPDATE t SET v = v + 1 WHERE id = 'A'").await?;
    lower.expect(&fixture, Seen::Miss, "a write by another spelling").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_and_a_table_without_a_key_have_no_rows_to_tell() -> Result {
    let schema = "CREATE TABLE t (id INT, v INT); INSERT INTO t VALUES (1, 10), (2, 20);
        CREATE VIEW w AS SELECT * FROM t";
    let fixture = with(schema).await?;
    let table = read("SELECT id, v FROM t WHERE id = ?", 2);
    let view = read("SELECT id, v FROM w WHERE id = ?", 2);
    for (read, name) in [(table, "t"), (view, "w")] {
        read.see(&fixture).await?;
        read.expect(&fixture, Seen::Hit, "nothing").await?;
        fixture.db.invalidate([dogpile::Tag::table(name)]).await?;
        read.expect(&fixture, Seen::Miss, "the invalidation of its table").await?;
    }
    execute(&fixture, "UPDATE t SET v = 11 WHERE id = 1").await?;
    table.expect(&fixture, Seen::Miss, "a write of another row").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_schema_is_learnt_at_once() -> Result {
    let fixture = Fixture::new(2).await?;
    let write = "UPDATE item SET value = value + 1 WHERE id = 1";
    item(2).see(&fixture).await?;
    execute(&fixture, write).await?;
    item(2).expect(&fixture, Seen::Hit, write).await?;
    let trigger = "CREATE TRIGGER g AFTER UPDATE ON item WHEN new.id = 1 BEGIN
        UPDATE item SET value = value + 1 WHERE id = 2; END";
    execute(&fixture, trigger).await?;
    item(2).expect(&fixture, Seen::Miss, trigger).await?;
    execute(&fixture, write).await?;
    item(2).expect(&fixture, Seen::Miss, write).await?;
    let mut tx = fixture.db.begin().await?;
    sqlx::query("DROP TRIGGER g").execute(&mut *tx).await?;
    tx.commit().await?;
    item(2).see(&fixture).await?;
    execute(&fixture, write).await?;
    item(2).expect(&fixture, Seen::Hit, "a write without the trigger").await
}

/// What somebody learns between the change and its COMMIT is the old.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_schema_in_a_transaction_is_learnt_when_it_commits() -> Result {
    let fixture = Fixture::new(2).await?;
    let mut tx = fixture.db.begin().await?;
    let trigger = "CREATE TRIGGER g AFTER UPDATE ON item WHEN new.id = 1 BEGIN
        UPDATE item SET value = value + 1 WHERE id = 2; END";
    sqlx::query(trigger).execute(&mut *tx).await?;
    item(2).see(&fixture).await?;
    tx.commit().await?;
    item(2).see(&fixture).await?;
    execute(&fixture, "UPDATE item SET value = value + 1 WHERE id = 1").await?;
    item(2).expect(&fixture, Seen::Miss, "a write with the trigger").await
}
