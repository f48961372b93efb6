//! Statements that SQLite does not take: the decisions of the analyser, kept on the database.

use crate::driver::KIND;
use crate::fixture::{Db, Kind, assert_miss, assert_sent, inside, name, write};
use crate::run::either;

/// The name is not yet taken where the expression is: it reads the table.
async fn s041_cte_that_reads_the_table_of_its_name() {
    let db = Db::new().await;
    let read = "WITH post AS (SELECT * FROM post WHERE visible) SELECT title FROM post";
    db.invalidates("UPDATE post SET title = 'new' WHERE id = 1", &[read]).await;
    db.keeps("UPDATE tag SET name = 'new' WHERE id = 1", &[read]).await;
}

/// Who asks, and how his session is set up.
async fn s068_who_asks() {
    let db = Db::new().await;
    let postgres: &[&str] = &[
        "SELECT current_user, id FROM post",
        "SELECT id FROM post WHERE session_user = 'postgres'",
        "SELECT current_setting('application_name'), id FROM post",
        "SELECT current_schema(), id FROM post",
    ];
    let mariadb: &[&str] = &[
        "SELECT CURRENT_USER(), id FROM post",
        "SELECT id FROM post WHERE user() LIKE 'root%'",
        "SELECT @@session.sql_mode, id FROM post",
        "SELECT database(), id FROM post",
    ];
    for sql in either(postgres, mariadb) {
        db.bypasses(sql, "session").await;
    }
}

/// One that promises to write nothing: it reads as any other does.
async fn s154_a_transaction_that_only_reads() {
    let db = Db::new().await;
    let read = "SELECT name FROM tag WHERE id = 1";
    let mut connection = db.pool.acquire().await.unwrap();
    if KIND == Kind::MariaDb {
        sqlx::query("SET TRANSACTION READ ONLY").execute(&mut connection).await.unwrap();
    }
    let mut tx = connection.begin().await.unwrap();
    if KIND == Kind::Postgres {
        write(&mut tx, "SET TRANSACTION READ ONLY").await;
    }
    assert_miss!(db, inside(&mut tx, read));
    // What PostgreSQL was told may have changed what is read: the transaction remembers nothing.
    assert_sent!(db, either(1, 0), inside(&mut tx, read));
    sqlx::query("UPDATE tag SET name = 'never'").execute(&mut *tx).await.unwrap_err();
    tx.rollback().await.unwrap();
    drop(connection);
    db.read(read).await;
    assert_eq!(db.hit(read).await, name("red"));
}

scenarios! {
    s154_a_transaction_that_only_reads,
    s041_cte_that_reads_the_table_of_its_name,
    s068_who_asks,
}
