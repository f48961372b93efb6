//! Servers that are down, frozen, gone without a word.

use std::time::Duration;

use dogpile::backend::{BackendExt, Stored};
use dogpile::{Backend, ErrorKind, Owner, Result, hours, millis, secs};
use dogpile_redis::RedisBackend;
use dogpile_tests::services::Proxy;
use tokio::time::timeout;

use crate::support::{Server, Watched};

/// What a region gives a call.
const OP_TIMEOUT: Duration = millis(100);
/// What is called at once here: a busy machine is no failure.
const AT_ONCE: Duration = secs(5);

/// A read as a region makes it; `None` where it ran out of time.
async fn read(backend: &RedisBackend) -> Option<Result<()>> {
    timeout(OP_TIMEOUT, backend.read(&["k"], &["r"])).await.ok().map(|answer| answer.map(drop))
}

async fn works(backend: &RedisBackend) -> bool {
    matches!(read(backend).await, Some(Ok(())))
}

/// Whether it works before long, with a call every 10 ms.
async fn works_soon(backend: &RedisBackend) -> bool {
    for _ in 0..500 {
        if works(backend).await {
            return true;
        }
        tokio::time::sleep(millis(10)).await;
    }
    false
}

#[tokio::test]
async fn down_at_start_costs_nothing_and_the_first_call_after_it_is_up_finds_it() {
    let server = Server::absent();
    let backend = RedisBackend::open(&server.url()).unwrap();
    for _ in 0..10 {
        let error = timeout(AT_ONCE, backend.get("k")).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("refused"), "{error}");
    }
    assert_eq!(RedisBackend::connect(&server.url()).await.unwrap_err().kind(), error_kind());
    server.run();
    assert_eq!(backend.put("k", "v", hours(1)).await.unwrap(), Stored::Yes);
}

const fn error_kind() -> ErrorKind {
    ErrorKind::Unavailable
}

#[tokio::test]
async fn a_server_that_dies_fails_at_once_and_the_first_call_after_its_restart_finds_it() {
    let server = Server::start();
    let backend = RedisBackend::connect(&server.url()).await.unwrap();
    for _ in 0..3 {
        assert!(works_soon(&backend).await);
        server.kill();
        for _ in 0..10 {
            timeout(AT_ONCE, backend.get("k")).await.unwrap().unwrap_err();
        }
        server.run();
        backend.get("k").await.unwrap();
    }
}

#[tokio::test]
async fn a_restart_between_two_calls_is_not_even_noticed_by_the_second() {
    let server = Server::start();
    let backend = RedisBackend::connect(&server.url()).await.unwrap();
    for _ in 0..5 {
        backend.get("k").await.unwrap();
        server.restart();
        // The driver hears of the end of the connection by itself, when it has its turn.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        backend.get("k").await.unwrap();
    }
}

#[tokio::test]
async fn a_frozen_server_costs_one_caller_its_patience_and_the_others_nothing() {
    let server = Server::start();
    let url = format!("{}?response_timeout=200ms&connect_timeout=60s", server.url());
    let backend = RedisBackend::connect(&url).await.unwrap();
    server.pause().unwrap();
    // Until the connection is given up, and one caller has waited for the next one.
    for _ in 0..3 {
        assert!(read(&backend).await.is_none_or(|answer| answer.is_err()));
        tokio::time::sleep(millis(100)).await;
    }
    assert!(read(&backend).await.is_none_or(|answer| answer.is_err()));
    let mut waited = 0;
    for _ in 0..50 {
        match read(&backend).await {
            None => waited += 1,
            Some(answer) => drop(answer.unwrap_err()),
        }
    }
    assert!(waited <= 1, "{waited} callers of 50 waited in vain for one connection");
    server.resume().unwrap();
    assert!(works_soon(&backend).await);
}

#[tokio::test]
async fn a_connection_whose_peer_vanished_is_replaced() {
    let server = Server::start();
    let proxy = Proxy::start(server.address()).unwrap();
    let url = format!("redis://{}?response_timeout=200ms", proxy.address());
    let backend = RedisBackend::connect(&url).await.unwrap();
    assert!(works_soon(&backend).await);
    proxy.strand_all().unwrap();
    assert!(!works(&backend).await);
    assert!(works_soon(&backend).await, "the silent connection is still used");
    assert_eq!(proxy.traffic().connections, 2);
}

#[tokio::test]
async fn a_lease_is_not_waited_for_for_ever() {
    let server = Server::start();
    let proxy = Proxy::start(server.address()).unwrap();
    let backend = RedisBackend::connect(&format!("redis://{}", proxy.address())).await.unwrap();
    let locks = backend.locks().unwrap();
    proxy.strand_all().unwrap();
    let owner = Owner::random();
    let acquired = timeout(AT_ONCE, locks.try_acquire("l", owner, secs(3))).await;
    assert_eq!(acquired.expect("it waits for ever").unwrap_err().kind(), error_kind());
    locks.release("l", owner).await.unwrap();
}

#[tokio::test]
async fn one_handle_serves_one_runtime_after_the_other() {
    let server = Server::start();
    let backend = RedisBackend::open(&server.url()).unwrap();
    let backend = std::thread::spawn(move || {
        for n in 0..3 {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                // The connection has died with the runtime before: that is noticed by now or by the
                // first call.
                let first = backend.put("k", format!("{n}"), hours(1)).await;
                assert!(n == 0 || first.is_ok() || backend.get("k").await.is_ok());
            });
        }
        backend
    });
    let backend = backend.join().unwrap();
    assert!(works_soon(&backend).await);
}

#[tokio::test]
async fn without_a_runtime_a_call_is_an_error_and_no_panic() {
    let server = Server::start();
    let connected = RedisBackend::connect(&server.url()).await.unwrap();
    let opened = RedisBackend::open(&server.url()).unwrap();
    for backend in [connected, opened] {
        let answer = std::thread::spawn(move || {
            futures_util::future::FutureExt::now_or_never(backend.read(&["k"], &[])).map(drop)
        });
        assert!(answer.join().is_ok());
    }
}

#[tokio::test]
async fn a_replica_is_refused() {
    let watched = Watched::start();
    let error = RedisBackend::connect(&watched.replica.url()).await.unwrap_err();
    assert!(error.to_string().contains("replica"), "{error}");
    // One that becomes a replica while it is connected says so at the first write.
    let backend = RedisBackend::connect(&watched.primary.url()).await.unwrap();
    let elsewhere = Server::start();
    watched.primary.cli(&["REPLICAOF", "127.0.0.1", &elsewhere.port().to_string()]);
    let error = backend.put("k", "v", hours(1)).await.unwrap_err();
    assert!(error.to_string().contains("READONLY"), "{error}");
    let error = backend.get("k").await.unwrap_err();
    assert!(error.to_string().contains("replica"), "a replica is read from: {error}");
}

#[tokio::test]
async fn no_error_holds_a_password_a_key_or_a_value() {
    let server = Server::start();
    server.cli(&["ACL", "SETUSER", "app", "on", ">s3cret", "~dogpile:*", "+@all", "-set", "-mget"]);
    let url = format!("redis://app:wr0ng@127.0.0.1:{}", server.port());
    let error = RedisBackend::connect(&url).await.unwrap_err();
    assert!(error.to_string().contains("password"), "{error}");
    let url = format!("redis://app:s3cret@127.0.0.1:{}", server.port());
    let backend = RedisBackend::connect(&url).await.unwrap();
    let refused = [
        backend.put("tell", "tale", hours(1)).await.unwrap_err(),
        backend.get("tell").await.unwrap_err(),
        error,
    ];
    for error in refused {
        let said = format!("{error} {error:?}");
        for secret in ["s3cret", "wr0ng", "tell", "tale"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
}
