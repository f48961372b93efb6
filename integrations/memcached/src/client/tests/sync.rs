//! Requests and replies stay in step, whoever goes away meanwhile.

use std::sync::Arc;

use dogpile::secs;
use futures_util::future::poll_immediate;

use super::fake::{Fake, keys};
use crate::client::{Answers, Client, Condition, Outcome, Want};
use crate::life::Ttl;

async fn get(client: &Client, name: &str) -> dogpile::Result<Answers> {
    let (keys, mut trip) = (keys(), client.trip("test"));
    trip.get(&keys.entry(name)?, Want::All);
    trip.send().await
}

fn value(answers: &mut Answers) -> Option<Vec<u8>> {
    answers.item().unwrap().and_then(|item| item.value).map(|value| value.to_vec())
}

/// The tokens of requests, in order.
fn tokens(requests: &str) -> Vec<String> {
    let words = requests.lines().filter_map(|line| line.rsplit_once(" O"));
    words.map(|(_, token)| token.to_owned()).collect()
}

#[tokio::test]
async fn the_requests_of_many_are_written_together_and_answered_in_order() {
    let fake = Fake::new().await;
    let client = Arc::new(fake.client(secs(5)));
    let names: Vec<_> = (0..20).map(|n| format!("k{n}")).collect();
    let calls: Vec<_> = names
        .iter()
        .cloned()
        .map(|name| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { value(&mut get(&client, &name).await.unwrap()) })
        })
        .collect();
    let mut peer = fake.accept(1).await;
    let requests = peer.requests(20).await;
    for (line, token) in requests.lines().zip(tokens(&requests)) {
        let name = line.split(' ').nth(1).unwrap();
        peer.answer(format!("VA {} O{token}\r\n{name}\r\n", name.len()).as_bytes()).await;
    }
    for (call, name) in calls.into_iter().zip(names) {
        assert_eq!(call.await.unwrap(), Some(format!("p:e:{name}").into_bytes()));
    }
}

#[tokio::test]
async fn the_answer_of_a_caller_who_has_gone_goes_to_nobody_else() {
    let fake = Fake::new().await;
    let client = fake.client(secs(5));
    let mut gone = Box::pin(get(&client, "gone"));
    assert!(poll_immediate(&mut gone).await.is_none());
    let mut peer = fake.accept(1).await;
    let first = tokens(&peer.requests(1).await);
    drop(gone);
    let mut stays = Box::pin(get(&client, "stays"));
    assert!(poll_immediate(&mut stays).await.is_none());
    let second = tokens(&peer.requests(1).await);
    peer.answer(
        format!("VA 4 O{}\r\ngone\r\nVA 5 O{}\r\nstays\r\n", first[0], second[0]).as_bytes(),
    )
    .await;
    assert_eq!(value(&mut stays.await.unwrap()), Some(b"stays".to_vec()));
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_written() {
    let fake = Fake::new().await;
    let client = fake.client(secs(5));
    for name in ["a", "b"] {
        let mut gone = Box::pin(get(&client, name));
        assert!(poll_immediate(&mut gone).await.is_none());
    }
    let mut stays = Box::pin(get(&client, "stays"));
    assert!(poll_immediate(&mut stays).await.is_none());
    let mut peer = fake.accept(1).await;
    assert!(peer.requests(1).await.starts_with("mg p:e:stays "));
}

#[tokio::test]
async fn a_reply_cut_at_any_byte_is_nobodys_and_the_next_call_connects_again() {
    let fake = Fake::new().await;
    let client = fake.client(secs(5));
    let whole = "VA 5 c9 t30 O\r\nvalue\r\n".len();
    for cut in 0..whole {
        let call = get(&client, "k");
        let serve = async {
            let mut peer = fake.accept(1).await;
            let token = tokens(&peer.requests(1).await).remove(0);
            let reply = format!("VA 5 c9 t30 O{token}\r\nvalue\r\n");
            peer.answer(&reply.as_bytes()[..cut]).await;
        };
        let (answer, ()) = tokio::join!(call, serve);
        let error = answer.err().unwrap_or_else(|| panic!("an answer from {cut} bytes"));
        assert!(error.is_temporary());
        assert!(error.to_string().contains("ended before the answer"), "{error}");
    }
    assert_eq!(client.incarnation(), 0, "the same run is no restart");
}

#[tokio::test]
async fn what_was_read_over_one_connection_is_not_compared_over_another() {
    let fake = Fake::new().await;
    let client = fake.client(secs(5));
    let keys = keys();
    let key = keys.entry("k").unwrap();
    let (item, peer) = tokio::join!(get(&client, "k"), async {
        let mut peer = fake.accept(1).await;
        let token = tokens(&peer.requests(1).await).remove(0);
        peer.answer(format!("VA 1 c5 t-1 O{token}\r\nx\r\n").as_bytes()).await;
        peer
    });
    let cas = item.unwrap().item().unwrap().unwrap().cas().unwrap();
    let compare = || {
        let mut trip = client.trip("test");
        trip.set(&key, b"y", Ttl::FOREVER, Condition::Unchanged(cas));
        trip.send()
    };
    // A restarted server gives the same number to another item.
    drop(peer);
    // The runtime looks at its sockets, and the end of the connection is seen.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let (refused, mut peer) = tokio::join!(compare(), fake.accept(2));
    assert!(refused.unwrap_err().to_string().contains("made anew"));
    let (mut answers, ()) = tokio::join!(async { get(&client, "k").await.unwrap() }, async {
        let requests = peer.requests(1).await;
        assert!(requests.starts_with("mg "), "the write was sent: {requests}");
        peer.answer(format!("EN O{}\r\n", tokens(&requests)[0]).as_bytes()).await;
    });
    assert_eq!(value(&mut answers), None);
    assert_eq!(client.incarnation(), 1, "another run is a restart");
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_questions_from_several_servers() {
    let fakes = [Fake::new().await, Fake::new().await];
    let addresses: Vec<_> = fakes.iter().map(Fake::address).collect();
    let limits = crate::client::Limits { connect: secs(1), silence: secs(5), value: 1 << 20 };
    let client = Client::new(addresses.clone(), limits);
    let route = crate::client::Route::new(addresses.iter().map(String::as_str));
    let keys = crate::keys::Keys::new("p", route);
    let names: Vec<_> = (0..30).map(|n| format!("k{n}")).collect();
    let serve = async |fake: &Fake, place: usize| {
        let mut peer = fake.accept(1).await;
        let here = names.iter().filter(|name| keys.entry(name).unwrap().server == place).count();
        assert!(here > 0);
        let requests = peer.requests(here).await;
        for (line, token) in requests.lines().zip(tokens(&requests)) {
            let name = line.split(' ').nth(1).unwrap();
            peer.answer(format!("VA {} O{token}\r\n{name}\r\n", name.len()).as_bytes()).await;
        }
    };
    let ask = async {
        let mut trip = client.trip("test");
        names.iter().for_each(|name| trip.get(&keys.entry(name).unwrap(), Want::Value));
        let mut answers = trip.send().await.unwrap();
        names.iter().map(|_| value(&mut answers)).collect::<Vec<_>>()
    };
    let (values, (), ()) = tokio::join!(ask, serve(&fakes[0], 0), serve(&fakes[1], 1));
    for (value, name) in values.into_iter().zip(&names) {
        assert_eq!(value, Some(format!("p:e:{name}").into_bytes()));
    }
}

#[tokio::test]
async fn what_a_write_came_to_is_told() {
    let fake = Fake::new().await;
    let client = fake.client(secs(5));
    let keys = keys();
    let key = keys.entry("k").unwrap();
    let mut trip = client.trip("test");
    for _ in 0..4 {
        trip.set(&key, b"value", Ttl::FOREVER, Condition::Absent);
    }
    let (answers, ()) = tokio::join!(trip.send(), async {
        let mut peer = fake.accept(1).await;
        let tokens = tokens(&peer.requests(8).await);
        let large = "SERVER_ERROR object too large for cache\r\nSERVER_ERROR out of memory\r\n";
        peer.answer(format!("HD O{}\r\nNS O{}\r\n{large}", tokens[0], tokens[1]).as_bytes()).await;
    });
    let mut answers = answers.unwrap();
    assert_eq!(answers.outcome().unwrap(), Outcome::Done);
    assert_eq!(answers.outcome().unwrap(), Outcome::Not);
    assert_eq!(answers.outcome().unwrap(), Outcome::TooLarge);
    assert!(answers.outcome().unwrap_err().to_string().contains("no memory"));
}
