//! Servers that are away, silent, or talk nonsense.

use dogpile::{ErrorKind, millis, secs};

use super::fake::{Fake, Peer, keys};
use crate::client::{Client, Want};

/// The error that a call ends with, if it does.
async fn ask(client: &Client) -> Option<String> {
    let (keys, mut trip) = (keys(), client.trip("test"));
    trip.get(&keys.entry("secret").unwrap(), Want::Value);
    let error = trip.send().await.err()?;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!error.to_string().contains("secret"), "an error tells a key");
    Some(error.to_string())
}

async fn answer(peer: &mut Peer) {
    let requests = peer.requests(1).await;
    let token = requests.trim_end().rsplit_once(" O").unwrap().1;
    peer.answer(format!("EN O{token}\r\n").as_bytes()).await;
}

/// Asks until it works again.
async fn recovers(client: &Client, fake: &Fake) {
    let asking = async {
        while ask(client).await.is_some() {
            tokio::time::sleep(millis(5)).await;
        }
    };
    let serving = async { answer(&mut fake.accept(1).await).await };
    tokio::time::timeout(secs(10), async { tokio::join!(asking, serving) }).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_none_ends_the_connection() {
    for nonsense in [
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "EN O99999\r\n",
        "NS O0\r\n",
        "VA 3 O0\r\nabcdefgh",
        "ERROR\r\n",
        "CLIENT_ERROR bad command line format\r\n",
        // Right, and something that nobody asked for.
        "EN O0\r\nEN O1\r\n",
    ] {
        let fake = Fake::new().await;
        let client = fake.client(secs(5));
        let (answered, mut peer) = tokio::join!(ask(&client), async {
            let mut peer = fake.accept(1).await;
            peer.requests(1).await;
            peer.answer(nonsense.as_bytes()).await;
            peer
        });
        if !nonsense.starts_with("EN O0") {
            assert!(answered.unwrap().contains("not one to this question"), "{nonsense:?}");
        }
        assert!(peer.is_closed().await, "the connection is still used after {nonsense:?}");
        recovers(&client, &fake).await;
    }
}

#[tokio::test]
async fn a_server_that_is_silent_is_given_up() {
    let fake = Fake::new().await;
    let client = fake.client(millis(50));
    let (answered, mut peer) = tokio::join!(ask(&client), async {
        let mut peer = fake.accept(1).await;
        peer.requests(1).await;
        peer
    });
    assert!(answered.unwrap().contains("did not answer for too long"));
    assert!(peer.is_closed().await);
    recovers(&client, &fake).await;
}

#[tokio::test]
async fn a_server_that_is_not_asked_may_be_silent() {
    let fake = Fake::new().await;
    let client = fake.client(millis(20));
    let (answered, mut peer) = tokio::join!(ask(&client), async {
        let mut peer = fake.accept(1).await;
        answer(&mut peer).await;
        peer
    });
    assert_eq!(answered, None);
    tokio::time::sleep(millis(200)).await;
    let (answered, ()) = tokio::join!(ask(&client), answer(&mut peer));
    assert_eq!(answered, None, "an idle connection was given up");
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_is_known_to_be_away() {
    let fake = Fake::new().await;
    let client = fake.client(secs(5));
    // Connections are made and never greeted: what a frozen server looks like.
    let (first, _) = tokio::join!(ask(&client), fake.raw());
    assert!(first.unwrap().contains("no connection"));
    // The pause has begun: nothing is tried, and nobody waits.
    assert!(ask(&client).await.unwrap().contains("a moment ago"));
    assert!(fake.is_left_alone().await, "it is tried again at once");
    // The next attempt hangs like the first one, and callers are let go before it is given up: else
    // they would be told what became of it.
    let asking = async {
        loop {
            assert!(ask(&client).await.unwrap().contains("a moment ago"));
            tokio::time::sleep(millis(5)).await;
        }
    };
    let _hanging = tokio::select! {
        peer = fake.raw() => Some(peer),
        () = asking => None,
    };
    assert!(ask(&client).await.unwrap().contains("a moment ago"));
}

#[tokio::test]
async fn a_server_that_refuses_connections_is_found_again() {
    let fake = Fake::new().await;
    let client = fake.client(secs(5));
    let address = fake.address();
    drop(fake);
    assert!(ask(&client).await.unwrap().contains("no connection"));
    for _ in 0..10 {
        assert!(ask(&client).await.is_some());
    }
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    recovers(&client, &Fake::at(listener)).await;
}

#[tokio::test]
async fn what_is_no_memcached_with_meta_commands_is_said_to_be_none() {
    let fake = Fake::new().await;
    let client = fake.client(secs(5));
    let (answered, ()) = tokio::join!(ask(&client), async {
        let mut peer = fake.raw().await;
        peer.requests(2).await;
        peer.answer(b"STAT pid 1\r\nSTAT uptime 5\r\nSTAT time 9\r\nEND\r\nERROR\r\n").await;
    });
    assert!(answered.unwrap().contains("memcached 1.6 or later"));
}

#[tokio::test]
async fn a_client_makes_no_connection_before_it_is_asked() {
    let fake = Fake::new().await;
    let client = fake.client(secs(5));
    assert!(fake.is_left_alone().await);
    recovers(&client, &fake).await;
}

#[test]
fn a_connection_outlives_the_runtime_that_made_it() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let fake = first.block_on(Fake::new());
    let client = fake.client(secs(5));
    let address = fake.address();
    first.block_on(recovers(&client, &fake));
    drop((fake, first));
    let second = runtime();
    second.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        recovers(&client, &Fake::at(listener)).await;
    });
}

#[test]
fn without_a_runtime_nothing_is_waited_for() {
    let limits = crate::client::Limits { connect: secs(1), silence: secs(1), value: 1 };
    let client = Client::new(["localhost:1".to_owned()], limits);
    let mut asking = std::pin::pin!(ask(&client));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(answered) = asking.as_mut().poll(&mut context) else {
        panic!("it waits for nobody")
    };
    assert!(answered.unwrap().contains("tokio runtime"));
}
