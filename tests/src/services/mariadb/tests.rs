//! The proofs: a server answers, and nothing of it is left afterwards.

use sqlx::MySqlConnection;

use super::*;
use crate::services::Error;
use crate::services::leftovers::{Proof, assert_gone, hold, killed};

/// The process of a server, as the server itself tells it.
fn processes(server: &MariaDb) -> Result<Vec<String>> {
    let id = std::fs::read_to_string(server.folder().join("pid"));
    Ok(vec![id.map_err(Error::io("read the id of the server"))?.trim().into()])
}

#[tokio::test]
async fn a_server_answers_and_is_gone_after_its_drop() -> Proof {
    let server = MariaDb::start().await?;
    let mut connection = MySqlConnection::connect(&server.url("mysql")).await?;
    let version: String = sqlx::query_scalar("SELECT version()").fetch_one(&mut connection).await?;
    assert!(version.contains("MariaDB"), "{version}");

    let processes = processes(&server)?;
    let folder = server.folder().to_path_buf();
    drop(server);
    assert!(!folder.exists());
    assert_gone(&processes, &folder);
    Ok(())
}

#[tokio::test]
async fn every_database_is_new() -> Proof {
    let server = MariaDb::start().await?;
    let first = server.create_database().await?;
    let second = server.create_database().await?;
    assert_ne!(first, second);
    for url in [first, second] {
        let mut connection = MySqlConnection::connect(&url).await?;
        sqlx::raw_sql("CREATE TABLE t (id INT)").execute(&mut connection).await?;
    }
    Ok(())
}

#[tokio::test]
async fn two_servers_share_nothing() -> Proof {
    let (first, second) = tokio::try_join!(MariaDb::start(), MariaDb::start())?;
    assert_ne!(first.url("mysql"), second.url("mysql"));
    assert_ne!(first.folder(), second.folder());
    Ok(())
}

#[tokio::test]
async fn a_panic_ends_the_server() -> Proof {
    let server = MariaDb::start().await?;
    let (processes, folder) = (processes(&server)?, server.folder().to_path_buf());
    let panicked = tokio::spawn(async move {
        let _server = server;
        panic!("this panic is part of the test");
    });
    assert!(panicked.await.is_err());
    assert_gone(&processes, &folder);
    Ok(())
}

#[tokio::test]
async fn a_killed_test_leaves_no_server() -> Proof {
    if let Some(part) = hold() {
        let server = MariaDb::start().await?;
        return part.hold(&processes(&server)?, server.folder());
    }
    killed("services::mariadb::tests::a_killed_test_leaves_no_server")
}

#[test]
fn where_nobody_listens_nobody_answers() -> Proof {
    let port = crate::services::port::Reserved::new()?;
    assert!(!answers(port.address()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_recovers_what_it_has_acknowledged() -> Proof {
    let server = MariaDb::start_durable().await?;
    let url = server.create_database().await?;
    let mut connection = MySqlConnection::connect(&url).await?;
    sqlx::raw_sql("CREATE TABLE t (id INT)").execute(&mut connection).await?;
    for rows in 1..3_i64 {
        let mut connection = MySqlConnection::connect(&url).await?;
        sqlx::raw_sql("INSERT INTO t VALUES (1)").execute(&mut connection).await?;
        server.kill()?;
        assert!(MySqlConnection::connect(&url).await.is_err());
        server.restart()?;
        let mut connection = MySqlConnection::connect(&url).await?;
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(&mut connection).await?;
        assert_eq!(count, rows);
    }
    Ok(())
}
