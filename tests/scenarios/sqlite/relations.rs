//! What only SQLite does to tables that are not named.

use crate::fixture::Db;

const BOOKS: &str = "SELECT id, shelf_id FROM book";
const PAGES: &str = "SELECT book_id FROM page";
const SIGNS: &str = "SELECT shelf_id FROM sign WHERE id = 1";

/// Its rows are deleted first, and what refers to them follows.
#[tokio::test]
async fn s055_a_table_that_is_dropped() {
    let db = Db::new().await;
    for sql in [
        "CREATE TABLE shelf (id INTEGER PRIMARY KEY)",
        "CREATE TABLE book (id INTEGER PRIMARY KEY, shelf_id REFERENCES shelf ON DELETE CASCADE)",
        "CREATE TABLE page (book_id REFERENCES book ON DELETE CASCADE)",
        "CREATE TABLE sign (id INTEGER PRIMARY KEY, shelf_id REFERENCES shelf ON DELETE SET NULL)",
        "INSERT INTO shelf VALUES (1), (2)",
        "INSERT INTO book VALUES (1, 1), (2, 2)",
        "INSERT INTO page VALUES (1), (2)",
        "INSERT INTO sign VALUES (1, 1)",
    ] {
        db.execute(sql).await;
    }
    db.invalidates("DROP TABLE shelf", &[BOOKS, PAGES, SIGNS]).await;
}
