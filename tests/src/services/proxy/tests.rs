//! The proofs: each fault does what it says to connections old and new, and nothing is left.

mod echo;

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use self::echo::Echo;
use super::*;
use crate::services::leftovers::Proof;
use crate::services::poll::poll;

const LIMIT: Duration = Duration::from_secs(10);

/// How long a client listens to what must stay silent.
const SILENCE: Duration = Duration::from_millis(100);

fn connect(proxy: &Proxy) -> io::Result<TcpStream> {
    let client = TcpStream::connect(proxy.address())?;
    client.set_read_timeout(Some(LIMIT))?;
    Ok(client)
}

/// Sends and reads back.
fn ask(client: &mut TcpStream, text: &str) -> io::Result<String> {
    client.write_all(text.as_bytes())?;
    let mut answer = vec![0; text.len()];
    client.read_exact(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Whether a connection is over, as the client sees it.
fn is_cut(client: &mut TcpStream) -> bool {
    match client.read(&mut [0; 64]) {
        Ok(length) => length == 0,
        Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
    }
}

fn is_silent(client: &mut TcpStream) -> io::Result<bool> {
    client.set_read_timeout(Some(SILENCE))?;
    let answer = client.read(&mut [0; 64]);
    client.set_read_timeout(Some(LIMIT))?;
    Ok(answer.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock))
}

#[test]
fn without_a_fault_bytes_pass_and_are_counted() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let none = Traffic { connections: 0, to_server: 0, to_client: 0 };
    assert_eq!(proxy.traffic(), none);
    let (mut first, mut second) = (connect(&proxy)?, connect(&proxy)?);
    assert_eq!(ask(&mut first, "plum")?, "plum");
    assert_eq!(ask(&mut second, "nut")?, "nut");
    assert_eq!(proxy.traffic(), Traffic { connections: 2, to_server: 7, to_client: 7 });
    Ok(())
}

#[test]
fn much_passes_whole_and_in_order() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let sent: Vec<u8> = (0..=250).cycle().take(3_000_000).collect();
    let mut client = connect(&proxy)?;
    let mut writer = client.try_clone()?;
    let copy = sent.clone();
    let writing = thread::spawn(move || {
        writer.write_all(&copy)?;
        writer.shutdown(Shutdown::Write)
    });
    let mut answer = Vec::new();
    client.read_to_end(&mut answer)?;
    assert!(answer == sent, "{} bytes of {}", answer.len(), sent.len());
    assert!(writing.join().is_ok_and(|written| written.is_ok()));
    Ok(())
}

#[test]
fn either_direction_is_delayed_until_the_delay_is_cleared() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let mut client = connect(&proxy)?;
    let hour = Duration::from_secs(3600);
    proxy.set(Faults { request_delay: hour, ..Faults::default() })?;
    client.write_all(b"a")?;
    assert!(is_silent(&mut client)?);
    assert_eq!(proxy.traffic().to_server, 0);

    proxy.set(Faults { reply_delay: hour, ..Faults::default() })?;
    let mut client = connect(&proxy)?;
    client.write_all(b"b")?;
    assert_eq!(echo.hear(), b"b");
    assert!(is_silent(&mut client)?);
    let passed = proxy.traffic();
    assert_eq!((passed.to_server, passed.to_client), (1, 0));

    proxy.clear()?;
    assert_eq!(ask(&mut connect(&proxy)?, "c")?, "c");
    Ok(())
}

#[test]
fn a_delayed_chunk_arrives() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let delay = Duration::from_millis(20);
    proxy.set(Faults { request_delay: delay, reply_delay: delay, ..Faults::default() })?;
    let mut client = connect(&proxy)?;
    for text in ["a", "b"] {
        assert_eq!(ask(&mut client, text)?, text);
    }
    Ok(())
}

#[test]
fn a_connection_is_cut_with_the_last_byte_of_its_share() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let mut old = connect(&proxy)?;
    assert_eq!(ask(&mut old, "pl")?, "pl");
    proxy.set(Faults { cut_after: Some(5), ..Faults::default() })?;
    for (mut client, expected) in [(old, "umt"), (connect(&proxy)?, "umtar")] {
        client.write_all(b"umtarte")?;
        let mut answer = String::new();
        client.read_to_string(&mut answer)?;
        assert_eq!(answer, expected);
    }
    assert_eq!(proxy.traffic().to_client, 10);
    proxy.set(Faults { cut_after: Some(0), ..Faults::default() })?;
    let mut client = connect(&proxy)?;
    client.write_all(b"a")?;
    assert!(is_cut(&mut client));

    proxy.clear()?;
    assert_eq!(ask(&mut connect(&proxy)?, "umtarte")?, "umtarte");
    Ok(())
}

#[test]
fn a_black_hole_swallows_on_old_and_new_connections_and_cuts_them_when_it_goes() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let (mut old, mut idle) = (connect(&proxy)?, connect(&proxy)?);
    ask(&mut old, "a")?;
    ask(&mut idle, "b")?;
    proxy.set(Faults { black_hole: true, ..Faults::default() })?;
    let mut new = connect(&proxy)?;
    for client in [&mut old, &mut new] {
        client.write_all(b"lost")?;
        assert!(is_silent(client)?);
    }
    assert_eq!(proxy.traffic().to_server, 2);

    proxy.clear()?;
    assert!(is_cut(&mut old) && is_cut(&mut new));
    assert_eq!(ask(&mut idle, "c")?, "c", "it has lost nothing");
    assert_eq!(ask(&mut connect(&proxy)?, "d")?, "d");
    Ok(())
}

#[test]
fn stranded_connections_stay_open_and_silent_and_new_ones_work() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let mut old = connect(&proxy)?;
    ask(&mut old, "a")?;
    proxy.strand_all()?;
    for _ in 0..2 {
        old.write_all(b"lost")?;
        assert!(is_silent(&mut old)?);
        assert_eq!(ask(&mut connect(&proxy)?, "b")?, "b");
        proxy.clear()?;
    }
    proxy.cut_all()?;
    assert!(is_cut(&mut old));
    Ok(())
}

#[test]
fn a_black_hole_hides_that_the_server_is_gone() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let mut old = connect(&proxy)?;
    ask(&mut old, "a")?;
    proxy.set(Faults { black_hole: true, ..Faults::default() })?;
    drop(echo);
    let mut new = connect(&proxy)?;
    assert!(is_silent(&mut old)? && is_silent(&mut new)?);
    proxy.clear()?;
    assert!(is_cut(&mut old) && is_cut(&mut new));
    Ok(())
}

#[test]
fn a_refusing_proxy_cuts_old_connections_and_refuses_new_ones() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let (mut used, mut idle) = (connect(&proxy)?, connect(&proxy)?);
    ask(&mut used, "a")?;
    for _ in 0..2 {
        proxy.set(Faults { refuse: true, ..Faults::default() })?;
        let refused = TcpStream::connect(proxy.address()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }
    assert!(is_cut(&mut used) && is_cut(&mut idle));
    proxy.clear()?;
    assert_eq!(ask(&mut connect(&proxy)?, "b")?, "b");
    Ok(())
}

#[test]
fn a_half_closed_client_sees_the_end_and_still_writes() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let mut old = connect(&proxy)?;
    ask(&mut old, "a")?;
    echo.hear();
    proxy.set(Faults { half_close: true, ..Faults::default() })?;
    for mut client in [old, connect(&proxy)?] {
        assert_eq!(client.read(&mut [0; 8])?, 0);
        client.write_all(b"b")?;
        assert_eq!(echo.hear(), b"b");
        client.write_all(b"c")?;
        assert_eq!(echo.hear(), b"c");
    }
    assert_eq!(proxy.traffic().to_client, 1);
    proxy.clear()?;
    assert_eq!(ask(&mut connect(&proxy)?, "d")?, "d");
    Ok(())
}

#[test]
fn half_closed_connections_stay_so_and_new_ones_work() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let mut old = connect(&proxy)?;
    ask(&mut old, "a")?;
    proxy.half_close_all()?;
    assert_eq!(ask(&mut connect(&proxy)?, "b")?, "b");
    assert_eq!(old.read(&mut [0; 8])?, 0);
    Ok(())
}

#[test]
fn all_connections_are_cut_and_new_ones_are_not() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let (mut used, mut idle) = (connect(&proxy)?, connect(&proxy)?);
    ask(&mut used, "a")?;
    proxy.cut_all()?;
    let mut new = connect(&proxy)?;
    assert!(is_cut(&mut used) && is_cut(&mut idle));
    assert_eq!(ask(&mut new, "b")?, "b");
    Ok(())
}

#[test]
fn a_connection_that_the_proxy_has_not_met_yet_is_cut_too() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    for _ in 0..100 {
        let mut client = connect(&proxy)?;
        proxy.cut_all()?;
        assert!(is_cut(&mut client));
    }
    Ok(())
}

#[test]
fn nothing_passes_on_a_connection_that_was_cut() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    for _ in 0..50 {
        let mut client = connect(&proxy)?;
        ask(&mut client, "a")?;
        let passed = proxy.traffic().to_server;
        proxy.cut_all()?;
        // It may be closed already, and then refuses this.
        drop(client.write_all(b"late"));
        assert!(is_cut(&mut client));
        assert_eq!(proxy.traffic().to_server, passed);
    }
    Ok(())
}

#[test]
fn a_proxy_before_no_server_closes_its_connections() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    drop(echo);
    assert!(is_cut(&mut connect(&proxy)?));
    Ok(())
}

#[test]
fn a_client_that_closes_is_closed_at_the_server() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let mut client = connect(&proxy)?;
    ask(&mut client, "a")?;
    assert_eq!(echo.open(), 1);
    drop(client);
    assert!(poll(LIMIT, || (echo.open() == 0).then_some(())).is_some());
    Ok(())
}

#[test]
fn nothing_is_left_of_a_dropped_proxy() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let (address, mut client) = (proxy.address(), connect(&proxy)?);
    ask(&mut client, "a")?;
    let counters = Arc::downgrade(&proxy.counters);
    // One that waits, and one that swallows, end too.
    proxy.set(Faults { reply_delay: LIMIT * 100, ..Faults::default() })?;
    client.write_all(b"b")?;
    drop(proxy);
    assert!(counters.upgrade().is_none());
    assert!(is_cut(&mut client));
    let refused = TcpStream::connect(address).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    assert!(poll(LIMIT, || (echo.open() == 0).then_some(())).is_some());
    Ok(())
}

#[tokio::test]
async fn a_panic_ends_the_proxy() -> Proof {
    let echo = Echo::start()?;
    let proxy = Proxy::start(echo.address())?;
    let mut client = connect(&proxy)?;
    ask(&mut client, "a")?;
    let panicked = tokio::spawn(async move {
        let _proxy = proxy;
        panic!("this panic is part of the test");
    });
    assert!(panicked.await.is_err());
    assert!(is_cut(&mut client));
    Ok(())
}
