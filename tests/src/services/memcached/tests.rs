//! The proofs: a server answers, does what it is told, and nothing of it is left afterwards.

use std::io;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::*;
use crate::services::leftovers::{Proof, assert_gone, hold, killed};

/// The process of a server, as the server itself tells it.
fn processes(server: &Memcached) -> Result<Vec<String>> {
    Ok(vec![server.stat("pid")?])
}

#[tokio::test]
async fn a_server_answers_and_is_gone_after_its_drop() -> Proof {
    let server = Memcached::start().await?;
    assert!(server.command("version", None)?.starts_with("VERSION "));
    assert_eq!(server.url(), format!("memcached://127.0.0.1:{}", server.port()));

    let processes = processes(&server)?;
    let folder = server.folder().to_path_buf();
    drop(server);
    assert!(!folder.exists());
    assert_gone(&processes, &folder);
    Ok(())
}

#[tokio::test]
async fn a_panic_ends_the_server() -> Proof {
    let server = Memcached::start().await?;
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
        let server = Memcached::start().await?;
        return part.hold(&processes(&server)?, server.folder());
    }
    killed("services::memcached::tests::a_killed_test_leaves_no_server")
}

#[tokio::test]
async fn values_are_stored_and_forgotten() -> Proof {
    let server = Memcached::start().await?;
    assert_eq!(server.command("set cake 7 0 6", Some(b"a\r\nEND"))?, "STORED");
    assert_eq!(server.command("get cake", None)?, "VALUE cake 7 6\r\na\r\nEND\r\nEND");
    assert_eq!(server.command("mg cake v", None)?, "VA 6\r\na\r\nEND");
    assert_eq!(server.stat("curr_items")?, "1");
    server.flush_all()?;
    assert_eq!(server.command("get cake", None)?, "END");
    Ok(())
}

#[tokio::test]
async fn items_are_listed_read_and_changed_by_their_keys() -> Proof {
    let server = Memcached::start().await?;
    assert_eq!((server.keys()?, server.get("a")?), (vec![], None));
    let value = b"\xff\r\nEND\r\n";
    for key in ["a", "shop:e:{%41}/b?"] {
        server.set(key, value)?;
        assert_eq!(server.get(key)?.as_deref(), Some(&value[..]));
    }
    server.set("empty", b"")?;
    assert_eq!(server.get("empty")?.as_deref(), Some(&b""[..]));
    let mut keys = server.keys()?;
    keys.sort();
    assert_eq!(keys, ["a", "empty", "shop:e:{%41}/b?"]);
    server.delete("a")?;
    server.delete("a")?;
    assert_eq!(server.keys()?.len(), 2);
    assert!(server.set("too large", b"x").is_err());
    Ok(())
}

#[tokio::test]
async fn what_a_server_refuses_is_an_error_with_its_reason() -> Proof {
    let server = Memcached::start().await?;
    for line in ["nonsense", "incr cake many"] {
        let refused = server.command(line, None).unwrap_err();
        let name = line.split(' ').next().unwrap();
        assert!(matches!(&refused, Error::Refused { command, .. } if command == name));
        assert!(refused.to_string().contains("ERROR"), "{refused}");
    }
    assert!(server.stat("nonsense").is_err());
    Ok(())
}

#[tokio::test]
async fn options_reach_the_server_and_survive_a_restart() -> Proof {
    let server = Memcached::start_with(&["-m", "8"]).await?;
    assert_eq!(server.stat("limit_maxbytes")?, "8388608");
    server.restart()?;
    assert_eq!(server.stat("limit_maxbytes")?, "8388608");
    Ok(())
}

#[tokio::test]
async fn a_restart_keeps_the_port_and_forgets_the_data() -> Proof {
    let server = Memcached::start().await?;
    server.command("set cake 0 0 4", Some(b"plum"))?;
    let (address, process) = (server.address(), processes(&server)?);
    server.restart()?;
    assert_eq!(server.address(), address);
    assert_ne!(processes(&server)?, process);
    assert_eq!(server.command("get cake", None)?, "END");
    Ok(())
}

#[tokio::test]
async fn a_killed_server_refuses_until_it_is_restarted() -> Proof {
    let server = Memcached::start().await?;
    for _ in 0..3 {
        server.kill()?;
        let refused = TcpStream::connect(server.address()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        server.kill()?;
        server.restart()?;
        server.command("version", None)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_paused_server_is_silent_until_it_is_resumed() -> Proof {
    let server = Memcached::start().await?;
    server.pause()?;
    let mut client = TcpStream::connect(server.address())?;
    client.write_all(b"mn\r\n")?;
    client.set_read_timeout(Some(Duration::from_millis(100)))?;
    let mut answer = [0; 4];
    assert_eq!(client.read(&mut answer).unwrap_err().kind(), io::ErrorKind::WouldBlock);

    server.resume()?;
    client.set_read_timeout(Some(Duration::from_secs(10)))?;
    client.read_exact(&mut answer)?;
    assert_eq!(&answer, b"MN\r\n");
    Ok(())
}
