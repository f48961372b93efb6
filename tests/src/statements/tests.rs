//! The oracle against SQLite in memory, where the truth is known.

use futures_util::TryStreamExt;
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

use super::*;

const CREATE: &str = "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT)";

/// A pool of one connection with a table, and its statements, forgotten so far.
async fn watched() -> sqlx::Result<(Statements, SqlitePool)> {
    let (statements, options) = Statements::of(SqliteConnectOptions::new().in_memory(true));
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    sqlx::query(CREATE).execute(&pool).await?;
    assert_eq!(statements.matching("create table"), [CREATE]);
    statements.reset();
    assert_eq!(statements.count(), 0);
    Ok((statements, pool))
}

#[tokio::test]
async fn every_way_to_send_is_counted_once() -> sqlx::Result<()> {
    let (statements, pool) = watched().await?;
    for round in 0..200 {
        statements.reset();
        sqlx::query("INSERT INTO post (title) VALUES ('a')").execute(&pool).await?;
        assert_eq!(statements.count(), 1, "execute, round {round}");
        sqlx::query("SELECT id FROM post").fetch_all(&pool).await?;
        assert_eq!(statements.count(), 2, "fetch_all, round {round}");
        sqlx::query("SELECT id FROM post WHERE id = ?").bind(1).fetch_one(&pool).await?;
        assert_eq!(statements.count(), 3, "fetch_one, round {round}");
        sqlx::query("SELECT id FROM post WHERE id < 0").fetch_optional(&pool).await?;
        assert_eq!(statements.count(), 4, "fetch_optional, round {round}");
        sqlx::query("SELECT id FROM post").fetch(&pool).try_for_each(async |_| Ok(())).await?;
        assert_eq!(statements.count(), 5, "fetch, round {round}");
        sqlx::raw_sql("SELECT 1; SELECT 2").execute(&pool).await?;
        assert_eq!(statements.count(), 6, "raw_sql, round {round}");
    }
    Ok(())
}

#[tokio::test]
async fn short_and_long_statements_are_kept_whole() -> sqlx::Result<()> {
    let (statements, pool) = watched().await?;
    let long = "SELECT id, title FROM post WHERE title = 'x' ORDER BY id";
    for sql in ["SELECT 1", long] {
        sqlx::query(sql).fetch_all(&pool).await?;
    }
    assert_eq!(statements.matching(""), ["SELECT 1", long]);
    assert_eq!(statements.matching("FROM POST"), [long]);
    assert!(statements.matching("comment").is_empty());
    Ok(())
}

#[tokio::test]
async fn statements_inside_a_transaction_are_counted() -> sqlx::Result<()> {
    let (statements, pool) = watched().await?;
    let mut transaction = pool.begin().await?;
    sqlx::query("UPDATE post SET title = 'b'").execute(&mut *transaction).await?;
    transaction.commit().await?;
    assert_eq!(statements.matching("update post").len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_is_told_apart_from_its_neighbours_and_tasks_do_not_matter()
-> Result<(), Box<dyn std::error::Error>> {
    let (statements, pool) = watched().await?;
    let (others, neighbour) = watched().await?;
    let busy = tokio::spawn(send_fifty(neighbour));
    tokio::spawn(send_fifty(pool)).await??;
    busy.await??;
    assert_eq!((statements.count(), others.count()), (50, 50));
    Ok(())
}

async fn send_fifty(pool: SqlitePool) -> sqlx::Result<()> {
    for _ in 0..50 {
        sqlx::query("SELECT 1").execute(&pool).await?;
    }
    Ok(())
}

#[tokio::test]
async fn levels_tell_pools_apart_and_are_free_again() -> sqlx::Result<()> {
    for _ in 0..5 {
        let mut watched = Vec::new();
        for _ in 0..2 {
            let options = SqliteConnectOptions::new().in_memory(true);
            let (statements, options) = Statements::at_a_level(options);
            let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
            statements.reset();
            watched.push((statements, pool));
        }
        sqlx::query("SELECT 1").execute(&watched[0].1).await?;
        assert_eq!((watched[0].0.count(), watched[1].0.count()), (1, 0));
        sqlx::query("SELECT 2").execute(&watched[1].1).await?;
        sqlx::query("/* dogpile: server */ SELECT 3").execute(&watched[1].1).await?;
        assert_eq!((watched[0].0.count(), watched[1].0.count()), (1, 1));
    }
    Ok(())
}

#[tokio::test]
async fn an_installed_handle_sees_every_pool() -> sqlx::Result<()> {
    let all = Statements::install();
    let pool = SqlitePool::connect("sqlite::memory:").await?;
    sqlx::query("SELECT 'of an installed handle'").execute(&pool).await?;
    assert_eq!(all.matching("of an installed handle").len(), 1);
    Ok(())
}
