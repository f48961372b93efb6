//! The proofs: a server answers, and nothing of it is left afterwards.

mod killed;

use std::error::Error as StdError;

use sqlx::PgConnection;

use super::*;
use crate::services::leftovers::{Proof, assert_gone};
use crate::services::signal::is_gone;

/// The processes of a server, as the server itself lists them, and its first one.
async fn processes(server: &Postgres) -> Result<Vec<String>, Box<dyn StdError>> {
    let mut connection = PgConnection::connect(&server.url("postgres")).await?;
    let mut processes: Vec<String> =
        sqlx::query_scalar("SELECT pid::text FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            .fetch_all(&mut connection)
            .await?;
    connection.close().await?;
    let status = fs::read_to_string(server.folder().join("data/postmaster.pid"))?;
    processes.extend(status.lines().next().map(String::from));
    assert!(processes.len() > 3, "only {processes:?}");
    Ok(processes)
}

#[tokio::test]
async fn a_server_answers_and_is_gone_after_its_drop() -> Proof {
    let server = Postgres::start().await?;
    let mut connection = PgConnection::connect(&server.url("postgres")).await?;
    let one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(&mut connection).await?;
    assert_eq!(one, 1);

    let processes = processes(&server).await?;
    let folder = server.folder().to_path_buf();
    drop(server);
    assert!(!folder.exists());
    assert_gone(&processes, &folder);
    Ok(())
}

#[tokio::test]
async fn every_database_is_new() -> Proof {
    let server = Postgres::start().await?;
    let first = server.create_database().await?;
    let second = server.create_database().await?;
    assert_ne!(first, second);
    for url in [first, second] {
        let mut connection = PgConnection::connect(&url).await?;
        sqlx::raw_sql("CREATE TABLE t (id INT)").execute(&mut connection).await?;
    }
    Ok(())
}

#[tokio::test]
async fn two_servers_share_nothing() -> Proof {
    let (first, second) = tokio::try_join!(Postgres::start(), Postgres::start())?;
    assert_ne!(first.url("postgres"), second.url("postgres"));
    assert_ne!(first.folder(), second.folder());
    Ok(())
}

#[tokio::test]
async fn a_panic_ends_the_server() -> Proof {
    let server = Postgres::start().await?;
    let processes = processes(&server).await?;
    let folder = server.folder().to_path_buf();
    let panicked = tokio::spawn(async move {
        let _server = server;
        panic!("this panic is part of the test");
    });
    assert!(panicked.await.is_err());
    assert_gone(&processes, &folder);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_recovers_where_it_was() -> Proof {
    let server = Postgres::start_with(&["max_connections=20"]).await?;
    let url = server.create_database().await?;
    let mut connection = PgConnection::connect(&url).await?;
    let most: String =
        sqlx::query_scalar("SHOW max_connections").fetch_one(&mut connection).await?;
    assert_eq!(most, "20");
    let tables = "CREATE TABLE kept (id INT); CREATE UNLOGGED TABLE lost (id INT)";
    let rows = "INSERT INTO kept VALUES (1); INSERT INTO lost VALUES (1)";
    let text = format!("SET synchronous_commit = on; {tables}; {rows}");
    sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await?;
    for _ in 0..2 {
        let (processes, address) = (processes(&server).await?, server.address());
        server.kill()?;
        assert!(processes.iter().all(|process| is_gone(process.parse().unwrap_or_default())));
        assert!(PgConnection::connect(&url).await.is_err());
        server.restart()?;
        assert_eq!(server.address(), address);
        let mut connection = PgConnection::connect(&url).await?;
        let both = "SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM lost)";
        let both: (i64, i64) = sqlx::query_as(both).fetch_one(&mut connection).await?;
        assert_eq!(both, (1, 0));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_server_answers_nobody_until_it_goes_on() -> Proof {
    let server = Postgres::start().await?;
    let mut connection = PgConnection::connect(&server.url("postgres")).await?;
    server.pause()?;
    let mut asking = Box::pin(sqlx::query("SELECT 1").execute(&mut connection));
    let waited = tokio::time::timeout(std::time::Duration::from_millis(100), &mut asking).await;
    assert!(waited.is_err(), "a session of a paused server answers");
    server.resume()?;
    asking.await?;
    Ok(())
}
