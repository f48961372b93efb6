//! Reads on one connection.

use dogpile::secs;
use dogpile_sqlx::{Mode, QueryCacheExt};
use futures_util::TryStreamExt;

use super::{LIKE, SENSITIVE, bypasses, hits, on, on_pool, run};
use crate::support::{Fixture, READ, Result, Rows, within};

#[tokio::test]
async fn a_connection_and_its_pool_share_what_was_read() -> Result {
    let fixture = Fixture::new(2).await?;
    let mut connection = fixture.db.acquire().await?;
    assert_eq!(on(&mut connection).await?, 3);
    assert_eq!((on(&mut connection).await?, hits(&fixture)), (3, 1));
    assert_eq!((on_pool(&fixture).await?, hits(&fixture)), (3, 2));
    let items = || sqlx::query_as::<_, (i64, i64)>(READ).cached();
    let rows: Rows = items().fetch(&fixture.db).try_collect().await?;
    let again: Rows = items().fetch(&mut connection).try_collect().await?;
    assert_eq!((again, hits(&fixture)), (rows, 3));
    drop(connection);
    assert_eq!(fixture.reads_sent().await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_write_on_a_connection_ends_what_it_has_read() -> Result {
    let fixture = Fixture::new(2).await?;
    let mut connection = fixture.db.acquire().await?;
    for _ in 0..2 {
        let rows: Rows = sqlx::query_as(READ).cached().fetch_all(&mut connection).await?;
        assert_eq!(rows, fixture.truth().await?);
        run(&mut connection, "UPDATE item SET value = value + 1").await?;
    }
    fixture.write().await?;
    let rows: Rows = sqlx::query_as(READ).cached().fetch_all(&mut connection).await?;
    assert_eq!(rows, fixture.truth().await?);
    Ok(())
}

#[tokio::test]
async fn a_setting_is_a_part_of_the_key() -> Result {
    let fixture = Fixture::new(3).await?;
    let (mut one, mut other) = (fixture.db.acquire().await?, fixture.db.acquire().await?);
    run(&mut one, SENSITIVE).await?;
    assert_eq!((on(&mut one).await?, on(&mut other).await?), (0, 3));
    assert_eq!((on(&mut one).await?, on(&mut other).await?), (0, 3));
    assert_eq!((on_pool(&fixture).await?, hits(&fixture)), (3, 3));
    run(&mut other, SENSITIVE).await?;
    assert_eq!((on(&mut other).await?, hits(&fixture)), (0, 4), "the same settings share");
    Ok(())
}

#[tokio::test]
async fn harmless_settings_change_nothing() -> Result {
    let fixture = Fixture::new(2).await?;
    let mut connection = fixture.db.acquire().await?;
    on(&mut connection).await?;
    for pragma in ["PRAGMA cache_size = 100", "PRAGMA foreign_keys = ON", "PRAGMA table_info(item)"]
    {
        run(&mut connection, pragma).await?;
    }
    assert_eq!((on(&mut connection).await?, hits(&fixture)), (3, 1));
    drop(connection);
    assert_eq!((on_pool(&fixture).await?, hits(&fixture)), (3, 2));
    Ok(())
}

#[tokio::test]
async fn an_unknown_command_keeps_the_connection_from_the_cache() -> Result {
    let fixture = Fixture::new(2).await?;
    let mut connection = fixture.db.acquire().await?;
    on(&mut connection).await?;
    run(&mut connection, "ATTACH ':memory:' AS elsewhere").await?;
    on(&mut connection).await?;
    on(&mut connection).await?;
    assert_eq!((hits(&fixture), bypasses(&fixture, "session_state")), (0, 2));
    Ok(())
}

#[tokio::test]
async fn a_temporary_table_hides_one_that_lasts() -> Result {
    let fixture = Fixture::new(2).await?;
    let rows = || sqlx::query_scalar::<_, i64>("SELECT count(*) FROM other").cached();
    let mut connection = fixture.db.acquire().await?;
    assert_eq!(rows().fetch_one(&mut connection).await?, 1);
    run(&mut connection, "CREATE TEMP TABLE other (id INTEGER)").await?;
    assert_eq!(rows().fetch_one(&mut connection).await?, 0);
    assert_eq!(rows().fetch_one(&fixture.db).await?, 1);
    run(&mut connection, "DROP TABLE other").await?;
    assert_eq!(rows().fetch_one(&mut connection).await?, 1);
    let before = hits(&fixture);
    assert_eq!((rows().fetch_one(&mut connection).await?, hits(&fixture)), (1, before + 1));
    Ok(())
}

#[tokio::test]
async fn the_memory_of_a_transaction_follows_the_settings() -> Result {
    let fixture = Fixture::new(1).await?;
    let mut tx = fixture.db.begin().await?;
    assert_eq!((on(&mut tx).await?, on(&mut tx).await?), (3, 3));
    run(&mut tx, SENSITIVE).await?;
    assert_eq!((on(&mut tx).await?, on(&mut tx).await?), (0, 0));
    Ok(())
}

/// What such a reader would wait for may need the connection that it holds.
#[tokio::test]
async fn a_reader_on_the_only_connection_waits_for_nobody() -> Result {
    let fixture = Fixture::new(1).await?;
    let mut connection = fixture.db.acquire().await?;
    let waiting = {
        let fixture = fixture.clone();
        tokio::spawn(async move { on_pool(&fixture).await.map_err(|error| error.to_string()) })
    };
    crate::support::until("a flight", || fixture.db.region().stats().flights == 1).await?;
    assert_eq!(within("the reader", on(&mut connection)).await??, 3);
    drop(connection);
    assert_eq!(within("the other", waiting).await???, 3);
    Ok(())
}

#[tokio::test]
async fn options_of_a_query_hold_on_a_connection() -> Result {
    let fixture = Fixture::new(2).await?;
    let query = || sqlx::query_scalar::<_, i64>(LIKE).cached();
    let mut connection = fixture.db.acquire().await?;
    query().mode(Mode::ReadOnly).fetch_one(&mut connection).await?;
    query().fetch_one(&mut connection).await?;
    assert_eq!(hits(&fixture), 0, "read-only keeps nothing");
    query().mode(Mode::ReadOnly).fetch_one(&mut connection).await?;
    assert_eq!(hits(&fixture), 1);
    query().scope("a").fetch_one(&mut connection).await?;
    query().mode(Mode::Refresh).fetch_one(&mut connection).await?;
    query().mode(Mode::Ignore).fetch_one(&mut connection).await?;
    assert_eq!((hits(&fixture), bypasses(&fixture, "ignored")), (1, 1));
    let none = || sqlx::query_as::<_, (i64,)>("SELECT id FROM item WHERE id = 9").cached();
    assert_eq!(none().none_ttl(secs(1)).fetch_optional(&mut connection).await?, None);
    assert_eq!((none().fetch_optional(&mut connection).await?, hits(&fixture)), (None, 2));
    Ok(())
}

#[tokio::test]
async fn a_text_transaction_on_a_connection_stays_away() -> Result {
    let fixture = Fixture::new(2).await?;
    let mut connection = fixture.db.acquire().await?;
    run(&mut connection, "BEGIN").await?;
    run(&mut connection, "UPDATE item SET value = 0").await?;
    let _: Rows = sqlx::query_as(READ).cached().fetch_all(&mut connection).await?;
    assert_eq!(bypasses(&fixture, "text_transaction"), 1);
    drop(connection);
    assert_eq!(fixture.cached().await?, fixture.truth().await?);
    Ok(())
}
