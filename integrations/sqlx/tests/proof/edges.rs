//! Transactions begun by SQL text, tables named by hand, scopes, and streams beside their options.

use dogpile::{ManualClock, Tag, secs};
use dogpile_sqlx::QueryCacheExt;
use futures_util::TryStreamExt;
use futures_util::future::poll_immediate;

use crate::support::{Fixture, Hold, READ, Result, Rows, within};

async fn run(fixture: &Fixture, sql: &'static str) -> Result {
    sqlx::query(sql).execute(&fixture.db).await?;
    Ok(())
}

#[tokio::test]
async fn a_transaction_abandoned_as_text_on_a_connection_does_not_reach_the_pool() -> Result {
    let fixture = Fixture::new(1).await?;
    let mut connection = fixture.db.acquire().await?;
    sqlx::query("BEGIN").execute(&mut connection).await?;
    sqlx::query("UPDATE item SET value = 0").execute(&mut connection).await?;
    drop(connection);
    assert_eq!(within("the next caller", fixture.cached()).await??, fixture.truth().await?);
    fixture.check("after a text transaction was abandoned").await
}

#[tokio::test]
async fn uncommitted_rows_of_a_text_transaction_on_the_pool_are_never_served() -> Result {
    let fixture = Fixture::new(1).await?;
    let before = fixture.cached().await?;
    run(&fixture, "BEGIN").await?;
    fixture.write().await?;
    assert_ne!(fixture.cached().await?, before, "inside, one sees what one wrote");
    run(&fixture, "ROLLBACK").await?;
    assert_eq!(fixture.cached().await?, before);
    let hits = fixture.db.region().stats().hits;
    fixture.cached().await?;
    assert_eq!(fixture.db.region().stats().hits, hits + 1, "afterwards reads are cached again");
    Ok(())
}

#[tokio::test]
async fn a_begin_that_fails_keeps_nobody_from_the_cache() -> Result {
    let fixture = Fixture::new(1).await?;
    run(&fixture, "BEGIN").await?;
    run(&fixture, "BEGIN").await.unwrap_err();
    run(&fixture, "COMMIT").await?;
    run(&fixture, "COMMIT").await.unwrap_err();
    fixture.cached().await?;
    fixture.cached().await?;
    assert_eq!(fixture.db.region().stats().hits, 1);
    Ok(())
}

#[tokio::test]
async fn a_commit_sent_as_text_inside_a_transaction_invalidates_at_once() -> Result {
    let fixture = Fixture::new(2).await?;
    fixture.cached().await?;
    let mut tx = fixture.db.begin().await?;
    sqlx::query("UPDATE item SET value = 0").execute(&mut *tx).await?;
    sqlx::query("COMMIT").execute(&mut *tx).await?;
    assert_eq!(fixture.cached().await?, fixture.truth().await?);
    sqlx::query("UPDATE item SET value = 1").execute(&mut *tx).await?;
    assert_eq!(fixture.cached().await?, fixture.truth().await?, "it commits by itself now");
    Ok(())
}

#[tokio::test]
async fn an_entry_tagged_by_hand_follows_writes_that_nobody_understands() -> Result {
    let fixture = Fixture::new(1).await?;
    let page = || fixture.db.region().entry("page").tag(Tag::table("item"));
    page().set(1).await?;
    run(&fixture, "UPDATE item SET value = 7").await?;
    assert!(page().get::<i32>().await.is_none());
    page().set(2).await?;
    sqlx::query("UPDATE OR NOTHING item").execute(&fixture.db).await.unwrap_err();
    assert!(page().get::<i32>().await.is_none());
    Ok(())
}

#[tokio::test]
async fn a_table_named_by_hand_is_found_however_it_is_spelled() -> Result {
    let fixture = Fixture::new(1).await?;
    run(&fixture, "CREATE VIEW all_items AS SELECT id, value FROM item").await?;
    for name in ["item", "Item", "main.item", "\"item\""] {
        let read = async || -> Result<Rows> {
            let rows = sqlx::query_as("SELECT id, value FROM all_items ORDER BY id");
            Ok(rows.cached().table(name).fetch_all(&fixture.db).await?)
        };
        let tags = fixture.db.tags_of([name]);
        let page = || fixture.db.region().entry(("page", name)).tags(&tags);
        read().await?;
        page().set(1).await?;
        fixture.write().await?;
        assert_eq!(read().await?, fixture.truth().await?, "{name}");
        assert!(page().get::<i32>().await.is_none(), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn scopes_of_a_pool_never_meet() -> Result {
    let fixture = Fixture::new(1).await?;
    let (one, two) = (fixture.db.with_scope("tenant 1"), fixture.db.with_scope("tenant 2"));
    for db in [&one, &two, &fixture.db] {
        let _: Rows = sqlx::query_as(READ).cached().fetch_all(db).await?;
    }
    assert_eq!(fixture.db.region().stats().misses, 3);
    let _: Rows = sqlx::query_as(READ).cached().fetch_all(&one).await?;
    assert_eq!(fixture.db.region().stats().hits, 1);
    Ok(())
}

#[tokio::test]
async fn the_first_row_of_several_statements_is_the_one_that_the_driver_finds() -> Result {
    let fixture = Fixture::new(1).await?;
    let sql = "SELECT 1 WHERE 0; SELECT 2";
    let direct: Option<i64> = sqlx::query_scalar(sql).fetch_optional(&fixture.raw).await?;
    let cached: Option<i64> = sqlx::query_scalar(sql).cached().fetch_optional(&fixture.db).await?;
    assert_eq!((direct, cached), (Some(2), Some(2)));
    Ok(())
}

#[tokio::test]
async fn a_stream_is_not_served_what_is_stale() -> Result {
    let clock = ManualClock::new();
    let settings =
        |region: dogpile::RegionBuilder| region.stale_for(secs(600)).clock(clock.clone());
    let fixture = Fixture::with(1, settings).await?;
    fixture.cached().await?;
    clock.advance(secs(400));
    let rows: Rows =
        sqlx::query_as::<_, (i64, i64)>(READ).cached().fetch(&fixture.db).try_collect().await?;
    assert_eq!(rows, fixture.truth().await?);
    assert_eq!((fixture.db.region().stats().stale, fixture.reads_sent().await?), (0, 2));
    Ok(())
}

#[tokio::test]
async fn a_stream_stores_nothing_while_reads_are_off() -> Result {
    let fixture = Fixture::new(1).await?;
    fixture.db.region().set_reads(false);
    let _: Rows =
        sqlx::query_as::<_, (i64, i64)>(READ).cached().fetch(&fixture.db).try_collect().await?;
    let explained = sqlx::query_as::<_, (i64, i64)>(READ).cached().explain(&fixture.db).await;
    assert_eq!(explained.reason(), Some("disabled"));
    fixture.db.region().set_reads(true);
    assert_eq!(fixture.db.region().stats().stored, 0);
    Ok(())
}

#[tokio::test]
async fn a_text_transaction_ends_with_its_connection_though_a_write_in_it_was_abandoned() -> Result
{
    let fixture = Fixture::new(1).await?;
    let mut connection = fixture.db.acquire().await?;
    sqlx::query("BEGIN").execute(&mut connection).await?;
    // Another writer keeps the write from being answered at once.
    let hold = Hold::writers(&fixture.raw).await?;
    let write = sqlx::query("UPDATE item SET value = 0").execute(&mut connection);
    assert!(poll_immediate(write).await.is_none(), "it was sent, and nobody waits for it");
    drop(connection);
    hold.release().await?;
    fixture.check("after a write in a text transaction was abandoned").await
}

#[tokio::test]
async fn a_text_transaction_whose_commit_fails_ends_with_its_connection() -> Result {
    let fixture = Fixture::new(1).await?;
    let child = "CREATE TABLE child (item INTEGER REFERENCES item DEFERRABLE INITIALLY DEFERRED)";
    run(&fixture, child).await?;
    let mut connection = fixture.db.acquire().await?;
    for sql in ["BEGIN", "INSERT INTO child VALUES (999)"] {
        sqlx::query(sql).execute(&mut connection).await?;
    }
    sqlx::query("COMMIT").execute(&mut connection).await.unwrap_err();
    drop(connection);
    fixture.check("after a text transaction could not commit").await
}

#[tokio::test]
async fn a_begin_that_fails_on_a_connection_costs_the_pool_nothing() -> Result {
    let fixture = Fixture::new(1).await?;
    run(&fixture, "CREATE TEMP TABLE kept_with_the_connection (id)").await?;
    let mut connection = fixture.db.acquire().await?;
    sqlx::query("BEGIN").execute(&mut connection).await?;
    sqlx::query("BEGIN").execute(&mut connection).await.unwrap_err();
    sqlx::query("COMMIT").execute(&mut connection).await?;
    drop(connection);
    fixture.settle().await?;
    run(&fixture, "INSERT INTO kept_with_the_connection VALUES (1)").await
}
