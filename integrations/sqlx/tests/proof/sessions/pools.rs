//! What is left set on a connection of a pool.

use dogpile_sqlx::QueryCacheExt;

use super::{LIKE, SENSITIVE, bypasses, hits, on, on_pool, run};
use crate::support::{Fixture, Result};

#[tokio::test]
async fn a_connection_that_goes_back_changed_keeps_its_pool_from_the_cache() -> Result {
    let fixture = Fixture::new(2).await?;
    on_pool(&fixture).await?;
    let mut connection = fixture.db.acquire().await?;
    run(&mut connection, SENSITIVE).await?;
    assert_eq!((on_pool(&fixture).await?, hits(&fixture)), (3, 1), "not yet back");
    drop(connection);
    for _ in 0..3 {
        on_pool(&fixture).await?;
    }
    assert_eq!((hits(&fixture), bypasses(&fixture, "session_state")), (1, 3));
    let why = sqlx::query_scalar::<_, i64>(LIKE).cached().explain(&fixture.db).await;
    assert_eq!(why.reason(), Some("session_state"));
    Ok(())
}

#[tokio::test]
async fn a_connection_that_sets_what_was_left_is_known() -> Result {
    let fixture = Fixture::new(2).await?;
    for _ in 0..3 {
        let mut connection = fixture.db.acquire().await?;
        run(&mut connection, SENSITIVE).await?;
        assert_eq!(on(&mut connection).await?, 0);
    }
    assert_eq!((hits(&fixture), bypasses(&fixture, "session_state")), (2, 0));
    let mut connection = fixture.db.acquire().await?;
    on(&mut connection).await?;
    assert_eq!(bypasses(&fixture, "session_state"), 1, "it may be the one or the other");
    Ok(())
}

#[tokio::test]
async fn a_setting_sent_through_the_pool_keeps_it_from_the_cache() -> Result {
    for connections in [1, 2] {
        let fixture = Fixture::new(connections).await?;
        on_pool(&fixture).await?;
        sqlx::query("PRAGMA cache_size = 100").execute(&fixture.db).await?;
        assert_eq!((on_pool(&fixture).await?, hits(&fixture)), (3, 1));
        sqlx::query(SENSITIVE).execute(&fixture.db).await?;
        on_pool(&fixture).await?;
        on_pool(&fixture).await?;
        assert_eq!((hits(&fixture), bypasses(&fixture, "session_state")), (1, 2));
    }
    Ok(())
}

#[tokio::test]
async fn the_only_connection_of_a_pool_can_be_put_right() -> Result {
    let fixture = Fixture::new(1).await?;
    on_pool(&fixture).await?;
    sqlx::query("CREATE TEMP TABLE other (id INTEGER)").execute(&fixture.db).await?;
    on_pool(&fixture).await?;
    assert_eq!((hits(&fixture), bypasses(&fixture, "session_state")), (0, 1));
    sqlx::query("DROP TABLE other").execute(&fixture.db).await?;
    on_pool(&fixture).await?;
    assert_eq!((on_pool(&fixture).await?, hits(&fixture)), (3, 1));
    Ok(())
}

#[tokio::test]
async fn a_transaction_that_sets_leaves_its_connection_changed() -> Result {
    let fixture = Fixture::new(2).await?;
    let mut tx = fixture.db.begin().await?;
    run(&mut tx, SENSITIVE).await?;
    tx.rollback().await?;
    on_pool(&fixture).await?;
    assert_eq!(bypasses(&fixture, "session_state"), 1, "SQLite does not take it back");
    Ok(())
}

/// The read was let through when the pool was clean, and runs when it is not.
#[tokio::test]
async fn what_was_read_on_a_connection_that_changed_meanwhile_is_not_kept() -> Result {
    let fixture = Fixture::new(1).await?;
    on_pool(&fixture).await?;
    let mut connection = fixture.db.acquire().await?;
    run(&mut connection, "UPDATE item SET value = 0").await?;
    let reader = {
        let fixture = fixture.clone();
        tokio::spawn(async move { on_pool(&fixture).await.map_err(|error| error.to_string()) })
    };
    crate::support::until("a flight", || fixture.db.region().stats().flights == 1).await?;
    run(&mut connection, SENSITIVE).await?;
    let stored = fixture.db.region().stats().stored;
    drop(connection);
    assert_eq!(reader.await??, 0, "the database's own answer");
    assert_eq!(fixture.db.region().stats().stored, stored);
    Ok(())
}
