//! Scenario 194: what a process has copies of, when it is not told, or not in time, that another one
//! has invalidated it. With messages, one that is lost; without, no more than the bound.

use dogpile::{Coherence, ErrorKind, ManualClock, Region, kilobytes, millis, secs};
use dogpile_tests::services::{Faults, Proxy, Redis};

use super::read;
use crate::support::{
    self, Server, Service, TAG, balanced, on_each_server, on_each_storage, run, tests_of, until,
};

on_each_server! {
    s194_without_messages_a_copy_is_believed_for_its_bound_and_no_longer
}

mod on_every_storage {
    use super::*;

    on_each_storage! {
        s194_push_is_refused_where_there_are_no_messages
    }

    use super::s194_push_is_refused_where_there_are_no_messages;
}

// The only one of which messages come.
tests_of! { redis_with_messages, dogpile_tests::services::Redis,
    s194_a_message_that_never_came_is_missed_and_the_copies_are_let_go
    s194_messages_lost_in_a_black_hole_are_missed_and_the_copies_are_let_go
    s194_messages_lost_with_the_connection_are_missed_and_the_copies_are_let_go
    s194_messages_lost_in_a_half_closed_connection_are_missed_and_the_copies_are_let_go
}

fn s194_without_messages_a_copy_is_believed_for_its_bound_and_no_longer<S: Server>(_: &str) {
    run(async {
        let server = S::start().await;
        let clock = ManualClock::new();
        let a = support::region(server.backend()).local(kilobytes(64)).clock(clock.clone());
        let a = a.coherence(Coherence::Bounded(secs(2))).build().unwrap();
        // By another name, so that it is another process to everything that a process shares.
        let proxy = Proxy::start(server.address()).unwrap();
        let b = support::region(S::open(&S::url_through(proxy.address()))).build().unwrap();
        assert_eq!(read(&a, "A's 1").await, "A's 1");
        assert_eq!(read(&a, "A's 2").await, "A's 1");
        b.invalidate([TAG]).await.unwrap();
        assert_eq!(read(&b, "B's").await, "B's");
        clock.advance(millis(1_900));
        assert_eq!(read(&a, "A's 3").await, "A's 1", "it is asked about before it must be");
        assert!(balanced(&a).local_hits >= 1, "{:#}", a.stats());
        clock.advance(millis(101));
        assert_eq!(read(&a, "A's 4").await, "B's", "believed for longer than its bound");
    });
}

fn s194_push_is_refused_where_there_are_no_messages<S: Service>(_: &str) {
    run(async {
        let server = S::start().await;
        let backend = server.backend();
        let pushes = backend.capabilities().pushes;
        match support::region(backend).local(kilobytes(64)).coherence(Coherence::Push).build() {
            Ok(_) => assert!(pushes, "copies would be believed for ever"),
            Err(refused) => assert_eq!((refused.kind(), pushes), (ErrorKind::Config, false)),
        }
    });
}

/// A server that tells of invalidations.
trait Messages: Server {
    /// What opens it for a process that tells nobody.
    fn silent_url(&self) -> String;

    /// Counts a message as sent, of which nobody gets a byte.
    fn lose_message(&self);
}

impl Messages for Redis {
    fn silent_url(&self) -> String {
        format!("{}&pushes=false", Service::url(self))
    }

    fn lose_message(&self) {
        self.command(&["INCR", "dogpile:m:0"]).unwrap();
    }
}

/// A process that is told what others invalidate, and asks nobody; and one that is not in its way.
struct Told<S> {
    server: S,
    proxy: Proxy,
    a: Region,
    b: Region,
}

impl<S: Messages> Told<S> {
    async fn new() -> Self {
        let server = S::start().await;
        let proxy = Proxy::start(server.address()).unwrap();
        let a = support::region(S::open(&S::url_through(proxy.address())));
        let a = a.local(kilobytes(64)).coherence(Coherence::Push).op_timeout(millis(500));
        let b = support::region(server.backend());
        let told = Self { server, proxy, a: a.build().unwrap(), b: b.build().unwrap() };
        assert_eq!(read(&told.a, "A's 1").await, "A's 1");
        told.assert_it_asks_nobody().await;
        told
    }

    async fn assert_it_asks_nobody(&self) {
        until("A listens", async || {
            let before = balanced(&self.a).local_hits;
            read(&self.a, "new").await;
            balanced(&self.a).local_hits > before
        })
        .await;
    }

    /// Asserts that what A has is let go of, though it is not told to.
    async fn assert_let_go(&self) {
        until("A lets go of what B has invalidated", async || {
            read(&self.a, "A's 2").await != "A's 1"
        })
        .await;
    }

    /// Asserts that A has what B has, from now on without a question, and is told of the next
    /// invalidation.
    async fn assert_mended(&self) {
        until("A has what B has", async || {
            let found = read(&self.a, "A's 3").await;
            assert_ne!(found, "A's 1", "a copy came back");
            found == read(&self.b, "B's 2").await
        })
        .await;
        self.assert_it_asks_nobody().await;
        let old = read(&self.a, "new").await;
        self.b.invalidate([TAG]).await.unwrap();
        until("A is told", async || read(&self.a, "A's 4").await != old).await;
    }
}

/// The connection is as good as ever, and one message is not in it.
fn s194_a_message_that_never_came_is_missed_and_the_copies_are_let_go<S: Messages>(_: &str) {
    run(async {
        let told = Told::<S>::new().await;
        let silent = support::region(S::open(&told.server.silent_url())).build().unwrap();
        silent.invalidate([TAG]).await.unwrap();
        told.server.lose_message();
        assert_eq!(read(&told.b, "B's").await, "B's");
        told.assert_let_go().await;
        assert_eq!(read(&told.a, "A's 3").await, "B's");
        told.assert_mended().await;
    });
}

async fn lost_in<S: Messages>(faults: Faults) {
    let told = Told::<S>::new().await;
    told.proxy.set(faults).unwrap();
    told.b.invalidate([TAG]).await.unwrap();
    assert_eq!(read(&told.b, "B's").await, "B's");
    told.assert_let_go().await;
    for _ in 0..20 {
        assert_ne!(read(&told.a, "A's 2").await, "A's 1", "a copy came back");
    }
    told.proxy.clear().unwrap();
    told.assert_mended().await;
}

fn s194_messages_lost_in_a_black_hole_are_missed_and_the_copies_are_let_go<S: Messages>(_: &str) {
    run(lost_in::<S>(Faults { black_hole: true, ..Faults::default() }));
}

fn s194_messages_lost_with_the_connection_are_missed_and_the_copies_are_let_go<S: Messages>(
    _: &str,
) {
    run(lost_in::<S>(Faults { refuse: true, ..Faults::default() }));
}

fn s194_messages_lost_in_a_half_closed_connection_are_missed_and_the_copies_are_let_go<
    S: Messages,
>(
    _: &str,
) {
    run(lost_in::<S>(Faults { half_close: true, ..Faults::default() }));
}
