//! What the SQL does not show and the catalog knows: views, foreign keys, triggers.

use crate::fixture::{Db, by, inside, query};

const VISIBLE: &str = "SELECT id, title FROM visible_post";
const AUDIT: &str = "SELECT post_id, what FROM audit";
const INSERT: &str = "INSERT INTO post (id, author_id, category_id, title) VALUES (9, 1, 1, 'new')";

async fn s045_a_view() {
    let db = Db::new().await;
    let reads = [
        VISIBLE,
        "SELECT p.id, p.title FROM main.visible_post AS p",
        "SELECT name FROM author WHERE id IN (SELECT author_id FROM visible_post WHERE title = 'first')",
    ];
    db.invalidates("UPDATE post SET title = 'newer' WHERE id = 1", &reads).await;
    db.keeps("UPDATE event SET kind = 'newer'", &reads).await;
}

async fn s045_a_view_over_views() {
    let db = Db::new().await;
    db.execute("CREATE VIEW shown AS SELECT v.title, a.name FROM visible_post v JOIN author a ON a.id = v.author_id").await;
    db.execute("CREATE VIEW counted AS SELECT name, count(*) AS posts FROM shown GROUP BY name")
        .await;
    let read = "SELECT name, posts FROM counted";
    db.invalidates("UPDATE post SET visible = (1 = 0) WHERE id = 3", &[read]).await;
    db.invalidates("UPDATE author SET name = 'Anna' WHERE id = 1", &[read]).await;
    db.keeps("UPDATE tag SET name = 'pink' WHERE id = 1", &[read]).await;
}

async fn s045_a_view_that_is_made_anew() {
    let db = Db::new().await;
    // Of a name that no other database of the server has: without one it would stand for all of them.
    db.execute("CREATE VIEW anew AS SELECT id, title FROM post").await;
    let read = "SELECT id, title FROM anew";
    db.invalidates("UPDATE post SET title = 'newer' WHERE id = 1", &[read]).await;
    db.execute("DROP VIEW anew").await;
    db.execute("CREATE VIEW anew AS SELECT id, name AS title FROM tag").await;
    db.invalidates("UPDATE tag SET name = 'pink' WHERE id = 1", &[read]).await;
    db.keeps("UPDATE post SET title = 'newest' WHERE id = 1", &[read]).await;
}

/// What stands in the way of caching in its query stands in the way of its readers.
async fn s045_a_view_that_changes_by_itself() {
    let db = Db::new().await;
    db.execute("CREATE VIEW clock AS SELECT id, current_timestamp AS at FROM event").await;
    db.bypasses("SELECT id FROM clock", "volatile").await;
}

/// SQLite's views are written only through triggers.
async fn s045_a_view_that_is_written() {
    let db = Db::new().await;
    // One connection: SQLite does not ask whether another one has made a trigger before it refuses.
    let owner = db.client_with(1).await;
    if by(true, false, false) {
        owner
            .execute(
                "CREATE TRIGGER write_it INSTEAD OF UPDATE ON visible_post
             BEGIN UPDATE post SET title = new.title WHERE id = new.id; END",
            )
            .await;
    }
    let reads = ["SELECT title FROM post", VISIBLE];
    owner.invalidates("UPDATE visible_post SET title = 'newer' WHERE id = 1", &reads).await;
}

/// A view that others have made since the catalog was read.
async fn s045_a_view_that_nobody_knows_yet() {
    let db = Db::new().await;
    db.behind_its_back("CREATE VIEW late AS SELECT title FROM post").await;
    let read = "SELECT title FROM late";
    for _ in 0..100 {
        // It is not cached, until the catalog is asked once more.
        if db.read(read).await.1 == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    db.invalidates("UPDATE post SET title = 'newer' WHERE id = 1", &[read]).await;
}

async fn s055_foreign_keys_that_delete() {
    let db = Db::new().await;
    let reads = ["SELECT id, title FROM post", "SELECT post_id FROM post_tag", VISIBLE];
    db.invalidates("DELETE FROM author WHERE id = 1", &reads).await;
    db.keeps("INSERT INTO author (tenant_id, name) VALUES (1, 'Dora')", &reads).await;
    db.keeps("UPDATE author SET name = 'Cleopatra' WHERE id = 3", &reads).await;
}

async fn s055_foreign_keys_that_update() {
    let db = Db::new().await;
    db.execute("CREATE TABLE shelf (id BIGINT PRIMARY KEY)").await;
    db.execute(
        "CREATE TABLE book (id BIGINT PRIMARY KEY, shelf_id BIGINT,
         FOREIGN KEY (shelf_id) REFERENCES shelf (id) ON UPDATE CASCADE ON DELETE SET NULL)",
    )
    .await;
    db.execute("INSERT INTO shelf VALUES (1), (2), (3)").await;
    db.execute("INSERT INTO book VALUES (1, 1), (2, 2)").await;
    let read = "SELECT id, shelf_id FROM book";
    db.invalidates("UPDATE shelf SET id = 10 WHERE id = 1", &[read]).await;
    db.invalidates("DELETE FROM shelf WHERE id = 2", &[read]).await;
    db.keeps("INSERT INTO shelf VALUES (4)", &[read]).await;
}

/// A row that is read by its key goes with the row it refers to.
async fn s055_a_row_by_its_key() {
    let db = Db::new().await;
    let read = "SELECT title FROM post WHERE id = 1";
    db.invalidates("DELETE FROM author WHERE id = 1", &[read]).await;
}

async fn s055_a_cascade_in_a_transaction() {
    let db = Db::new().await;
    let read = "SELECT id, title FROM post";
    db.warm(read).await;
    let mut tx = db.pool.begin().await.unwrap();
    query("DELETE FROM author WHERE id = 1").execute(&mut *tx).await.unwrap();
    assert_eq!(inside(&mut tx, read).await.len(), 1);
    db.hit(read).await;
    tx.commit().await.unwrap();
    db.miss(read).await;
}

async fn s056_a_trigger() {
    let db = Db::new().await;
    db.invalidates(INSERT, &[AUDIT]).await;
    db.keeps("UPDATE post SET title = 'newer' WHERE id = 1", &[AUDIT]).await;
    db.keeps("INSERT INTO tag (name) VALUES ('pink')", &[AUDIT]).await;
}

async fn s056_a_trigger_that_is_made_later() {
    let db = Db::new().await;
    let update = "UPDATE tag SET name = 'pink' WHERE id = 1";
    db.keeps(update, &[AUDIT]).await;
    let [function, trigger] = by(
        [
            "SELECT 1",
            "CREATE TRIGGER tag_au AFTER UPDATE ON tag
             BEGIN INSERT INTO audit (post_id, what) VALUES (new.id, 'tag'); END",
        ],
        [
            "CREATE FUNCTION tagged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO audit (post_id, what) VALUES (new.id, 'tag'); RETURN NULL; END $$",
            "CREATE TRIGGER tag_au AFTER UPDATE ON tag FOR EACH ROW EXECUTE FUNCTION tagged()",
        ],
        [
            "SELECT 1",
            "CREATE TRIGGER tag_au AFTER UPDATE ON tag FOR EACH ROW
             INSERT INTO audit (post_id, what) VALUES (new.id, 'tag')",
        ],
    );
    sqlx::raw_sql(function).execute(&db.pool).await.unwrap();
    sqlx::raw_sql(trigger).execute(&db.pool).await.unwrap();
    db.invalidates("UPDATE tag SET name = 'mauve' WHERE id = 1", &[AUDIT]).await;
}

/// By its name with the schema and without.
async fn s049_two_names_of_a_table() {
    let db = Db::new().await;
    let reads = [
        "SELECT name FROM tag",
        "SELECT name FROM main.tag",
        "SELECT name FROM main.tag WHERE id = 1",
    ];
    db.invalidates("UPDATE tag SET name = 'pink' WHERE id = 1", &reads).await;
    db.invalidates("UPDATE main.tag SET name = 'mauve' WHERE id = 1", &reads).await;
}

async fn s062_tables_of_the_database_itself() {
    let db = Db::new().await;
    let sql = by(
        "SELECT name FROM sqlite_master",
        "SELECT relname FROM pg_class",
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()",
    );
    db.bypasses(sql, "system_catalog").await;
}

async fn s090_what_hangs_on_a_table_that_changes() {
    let db = Db::new().await;
    db.warm(VISIBLE).await;
    db.execute("ALTER TABLE tag ADD COLUMN colour BIGINT").await;
    db.warm(VISIBLE).await;
    db.execute("CREATE TABLE folder (id BIGINT PRIMARY KEY)").await;
    db.execute("INSERT INTO folder VALUES (1), (2)").await;
    db.execute(
        "CREATE TABLE page (id BIGINT PRIMARY KEY, folder_id BIGINT,
         FOREIGN KEY (folder_id) REFERENCES folder (id) ON DELETE CASCADE)",
    )
    .await;
    db.execute("INSERT INTO page VALUES (1, 1), (2, 2)").await;
    db.invalidates("DELETE FROM folder WHERE id = 1", &["SELECT id FROM page"]).await;
}

scenarios! {
    s045_a_view,
    s045_a_view_over_views,
    s045_a_view_that_is_made_anew,
    s045_a_view_that_changes_by_itself,
    s045_a_view_that_is_written,
    s045_a_view_that_nobody_knows_yet,
    s049_two_names_of_a_table,
    s055_foreign_keys_that_delete,
    s055_foreign_keys_that_update,
    s055_a_row_by_its_key,
    s055_a_cascade_in_a_transaction,
    s056_a_trigger,
    s056_a_trigger_that_is_made_later,
    s062_tables_of_the_database_itself,
    s090_what_hangs_on_a_table_that_changes,
}
