//! The proofs: a server answers, does what it is told, and nothing of it is left afterwards.

mod groups;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::*;
use crate::services::leftovers::{Proof, assert_gone, hold, killed};

/// The process of a server, as the server itself tells it.
fn processes(server: &Redis) -> Result<Vec<String>> {
    Ok(vec![server.info("process_id")?])
}

#[tokio::test]
async fn a_server_answers_and_is_gone_after_its_drop() -> Proof {
    let server = Redis::start().await?;
    assert_eq!(server.command(&["PING"])?, Reply::Status("PONG".into()));
    assert_eq!(server.url(), format!("redis://127.0.0.1:{}/", server.port()));

    let processes = processes(&server)?;
    let folder = server.folder().to_path_buf();
    drop(server);
    assert!(!folder.exists());
    assert_gone(&processes, &folder);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_server_starts_in_no_time_of_a_paused_clock() -> Proof {
    let began = tokio::time::Instant::now();
    let server = tokio::time::timeout(Duration::from_secs(1), Redis::start()).await??;
    server.restart()?;
    server.command(&["PING"])?;
    assert_eq!(began.elapsed(), Duration::ZERO);
    Ok(())
}

#[tokio::test]
async fn a_panic_ends_the_server() -> Proof {
    let server = Redis::start().await?;
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
        let server = Redis::start().await?;
        return part.hold(&processes(&server)?, server.folder());
    }
    killed("services::redis::tests::a_killed_test_leaves_no_server")
}

#[tokio::test]
async fn values_of_any_bytes_come_back() -> Proof {
    let server = Redis::start().await?;
    let garbage: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    server.command_bytes(&[b"SET", b"\xff\r\n", &garbage])?;
    assert_eq!(server.command_bytes(&[b"GET", b"\xff\r\n"])?, Reply::Bytes(garbage));
    assert_eq!(server.command(&["GET", "missing"])?, Reply::Nil);
    Ok(())
}

#[tokio::test]
async fn what_a_server_refuses_is_an_error_with_its_reason() -> Proof {
    let server = Redis::start().await?;
    let refused = server.command(&["SET", "secret"]).unwrap_err();
    assert!(matches!(&refused, Error::Refused { command, .. } if command == "SET"));
    assert!(refused.to_string().contains("wrong number of arguments"));
    assert!(server.info("no_such_field").is_err());
    Ok(())
}

#[tokio::test]
async fn options_reach_the_server_and_survive_a_restart() -> Proof {
    let server = Redis::start_with(&["--maxmemory", "4mb"]).await?;
    assert_eq!(server.info("maxmemory")?, "4194304");
    server.restart()?;
    assert_eq!(server.info("maxmemory")?, "4194304");
    server.command(&["DEBUG", "SLEEP", "0"])?;
    Ok(())
}

#[tokio::test]
async fn a_restart_keeps_the_port_and_forgets_the_data() -> Proof {
    let server = Redis::start().await?;
    server.command(&["SET", "cake", "plum"])?;
    let (address, process) = (server.address(), processes(&server)?);
    server.restart()?;
    assert_eq!(server.address(), address);
    assert_ne!(processes(&server)?, process);
    assert_eq!(server.command(&["EXISTS", "cake"])?.integer(), Some(0));
    Ok(())
}

#[tokio::test]
async fn a_killed_server_refuses_until_it_is_restarted() -> Proof {
    let server = Redis::start().await?;
    for _ in 0..3 {
        server.kill()?;
        let refused = TcpStream::connect(server.address()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        server.kill()?;
        server.restart()?;
        server.command(&["PING"])?;
    }
    Ok(())
}

#[tokio::test]
async fn a_paused_server_is_silent_until_it_is_resumed() -> Proof {
    let server = Redis::start().await?;
    server.pause()?;
    let mut client = TcpStream::connect(server.address())?;
    client.write_all(b"PING\r\n")?;
    client.set_read_timeout(Some(Duration::from_millis(100)))?;
    let mut answer = [0; 7];
    assert_eq!(client.read(&mut answer).unwrap_err().kind(), io::ErrorKind::WouldBlock);

    server.resume()?;
    client.set_read_timeout(Some(Duration::from_secs(10)))?;
    client.read_exact(&mut answer)?;
    assert_eq!(&answer, b"+PONG\r\n");
    Ok(())
}

#[tokio::test]
async fn a_paused_server_is_restarted_and_ended_like_any_other() -> Proof {
    let server = Redis::start().await?;
    server.pause()?;
    server.restart()?;
    let (processes, folder) = (processes(&server)?, server.folder().to_path_buf());
    server.pause()?;
    drop(server);
    assert_gone(&processes, &folder);
    Ok(())
}
