//! Which tables a read depends on: all that its SQL names, wherever it names them.

use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{Db, rows_of};

/// A name of a type that no parser has heard of: to SQLite it is as good as any.
#[tokio::test]
async fn s057_a_select_that_cannot_be_parsed() {
    let db = Db::new().await;
    let sql = "SELECT CAST(id AS A RATHER WILD TEXT) FROM post";
    db.bypasses(sql, "unparsed").await;
    db.execute("DELETE FROM post WHERE id = 1").await;
    db.bypasses(sql, "unparsed").await;
    assert_eq!(db.read(sql).await.0.len(), 2);
    let said = rows_of(sql).cached().explain(&db.pool).await.to_string();
    assert!(said.contains("not understood"), "{said}");
}
