//! Scenario 204: comments that say whether a statement may be cached.

use dogpile_sqlx::QueryCacheExt;
use sqlx::AssertSqlSafe;

use super::{bypasses, hits};
use crate::support::{Fixture, READ, Result, Rows};

async fn read(fixture: &Fixture, sql: String) -> Result<Rows> {
    Ok(sqlx::query_as(AssertSqlSafe(sql)).cached().fetch_all(&fixture.db).await?)
}

#[tokio::test]
async fn s204_a_hint_that_says_off_bypasses() -> Result {
    let fixture = Fixture::new(2).await?;
    fixture.cached().await?;
    let texts = [
        format!("/* dogpile: off */ {READ}"),
        format!("{READ} -- dogpile: off"),
        format!("-- dogpile: off\n{READ}"),
        format!("{READ} /* why not */ /*DOGPILE:OFF*/"),
    ];
    for (bypassed, sql) in (1..).zip(texts) {
        assert_eq!(read(&fixture, sql).await?, fixture.truth().await?);
        assert_eq!((bypasses(&fixture, "hint"), hits(&fixture)), (bypassed, 0));
    }
    let sql = format!("/* dogpile: off */ {READ}");
    let mut connection = fixture.db.acquire().await?;
    let _: Rows =
        sqlx::query_as(AssertSqlSafe(sql.clone())).cached().fetch_all(&mut connection).await?;
    assert_eq!(bypasses(&fixture, "hint"), 5);
    let why =
        sqlx::query_as::<_, (i64, i64)>(AssertSqlSafe(sql)).cached().explain(&fixture.db).await;
    assert_eq!(why.reason(), Some("hint"));
    Ok(())
}

#[tokio::test]
async fn s204_a_hint_is_not_part_of_the_key() -> Result {
    let fixture = Fixture::new(2).await?;
    fixture.cached().await?;
    let texts = [
        format!("/* dogpile: on */ {READ}"),
        format!("{READ} -- dogpile: on"),
        format!("-- dogpile: on\n{READ}"),
    ];
    for (served, sql) in (1..).zip(texts) {
        read(&fixture, sql).await?;
        assert_eq!(hits(&fixture), served);
    }
    read(&fixture, format!("/* another comment */ {READ}")).await?;
    assert_eq!(hits(&fixture), 3, "other comments are");
    Ok(())
}
