mod fake;

use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{Fence, Put};
use dogpile::{Owner, hours, millis, secs};
use futures_util::future::{join_all, poll_immediate};
use tokio::time::{Instant, sleep};

use self::fake::{Mood, Server};
use super::{Id, Locker};
use crate::backend::dialect::Life;
use crate::config::Settings;

const A: Owner = Owner(1);
const B: Owner = Owner(2);
const LIFE: Life = Life { least: 1, generous: 2 };

fn settings() -> Settings {
    Settings {
        pool_size: 1,
        acquire_timeout: millis(50),
        connect_timeout: secs(1),
        statement_timeout: secs(1),
        lineage: true,
        push: false,
        max_locks: 4,
    }
}

fn locker() -> (Server, Locker) {
    let server = Server::default();
    (server.clone(), Locker::new(Arc::new(server), &["", "dogpile_"], &settings()))
}

async fn acquired(locker: &Locker, name: &str, owner: Owner, lease: Duration) -> bool {
    locker.acquire(name, owner, lease).await.unwrap().unwrap()
}

async fn stored(locker: &Locker, key: &str, name: &str, owner: Owner) -> Option<bool> {
    let fence = Some(Fence { lease: name, owner });
    let put = Put { key, bytes: "v".into(), life: secs(1), fence };
    let stored = locker.store(&[&put], &[], LIFE).await;
    stored.ok().map(|stored| stored.unwrap()[0])
}

/// Beats go on, and nothing else happens.
fn assert_at_rest(server: &Server, locker: &Locker) {
    assert!(locker.shared.is_at_rest(), "{:?}", locker.shared);
    server.with(|state| assert!(state.locks.is_empty(), "{state:?}"));
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_away_at_any_moment_leaves_nothing() {
    for polls in 0..12 {
        let (server, locker) = locker();
        for name in ["a", "b"] {
            let mut asking = Box::pin(locker.acquire(name, A, hours(1)));
            for _ in 0..polls {
                if poll_immediate(&mut asking).await.is_some() {
                    locker.abandon(name, A);
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(asking);
        }
        sleep(millis(10)).await;
        assert_at_rest(&server, &locker);
        assert!(acquired(&locker, "a", B, secs(1)).await);
        let mut giving = Box::pin(locker.release("a", B));
        let _ = poll_immediate(&mut giving).await;
        drop(giving);
        sleep(millis(10)).await;
        assert_at_rest(&server, &locker);
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_together_is_asked_for_together() {
    let (server, locker) = locker();
    locker.warm().await.unwrap();
    let names: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let asking = names.iter().map(|name| acquired(&locker, name, A, hours(1)));
    assert!(join_all(asking).await.into_iter().all(|granted| granted));
    let storing = names.iter().map(|name| stored(&locker, name, name, A));
    assert!(join_all(storing).await.into_iter().all(|stored| stored == Some(true)));
    join_all(names.iter().map(|name| locker.release(name, A))).await;
    server.with(|state| {
        assert_eq!(state.sent, ["lock", "store", "unlock"]);
        assert_eq!(state.stored.len(), 100);
    });
    assert_at_rest(&server, &locker);
}

#[tokio::test(start_paused = true)]
async fn a_held_lease_takes_no_statement_and_one_that_nobody_renews_ends() {
    let (server, locker) = locker();
    assert!(acquired(&locker, "a", A, secs(3)).await);
    assert!(!acquired(&locker, "a", B, secs(3)).await);
    for _ in 0..10 {
        sleep(secs(2)).await;
        assert!(locker.renew("a", A, secs(3)).unwrap());
        assert!(!locker.renew("a", B, secs(3)).unwrap());
    }
    server.with(|state| assert_eq!(state.sent, ["lock"]));
    sleep(millis(3_010)).await;
    assert_at_rest(&server, &locker);
    assert!(!locker.renew("a", A, secs(3)).unwrap());
    assert_eq!(stored(&locker, "k", "a", A).await, Some(false));
    server.with(|state| assert_eq!(state.sent, ["lock", "unlock"]));
}

#[tokio::test(start_paused = true)]
async fn a_lost_session_takes_its_leases_along() {
    let (server, locker) = locker();
    assert!(acquired(&locker, "a", A, hours(1)).await);
    server.kill();
    sleep(secs(2)).await;
    assert!(!locker.renew("a", A, hours(1)).unwrap());
    assert_eq!(stored(&locker, "k", "a", A).await, Some(false));
    assert_at_rest(&server, &locker);
    assert!(acquired(&locker, "a", B, hours(1)).await, "no session is made again");
    assert_eq!(stored(&locker, "k", "a", B).await, Some(true));
}

#[tokio::test(start_paused = true)]
async fn a_store_on_a_lost_session_is_none() {
    let (server, locker) = locker();
    assert!(acquired(&locker, "a", A, hours(1)).await);
    server.kill();
    assert_ne!(stored(&locker, "k", "a", A).await, Some(true));
    assert_eq!(stored(&locker, "k", "a", A).await, Some(false));
    server.with(|state| assert!(state.stored.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_waits_while_its_lease_is_given_back_is_none() {
    let (server, locker) = locker();
    assert!(acquired(&locker, "a", A, hours(1)).await);
    let mut storing = Box::pin(stored(&locker, "k", "a", A));
    assert!(poll_immediate(&mut storing).await.is_none());
    locker.abandon("a", A);
    assert_eq!(storing.await, Some(false));
    server.with(|state| assert!(state.stored.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_silent_is_believed_for_its_time_only() {
    let (server, locker) = locker();
    assert!(acquired(&locker, "a", A, hours(1)).await);
    server.mood(Mood::Hangs);
    sleep(millis(3_010)).await;
    assert!(locker.renew("a", A, hours(1)).is_err(), "nobody knows whether it is still held");
    assert!(locker.acquire("b", B, hours(1)).await.is_err());
    sleep(secs(3)).await;
    assert!(!locker.renew("a", A, hours(1)).unwrap(), "the loss is not noticed");
    server.mood(Mood::Well);
    sleep(secs(6)).await;
    assert!(acquired(&locker, "a", B, hours(1)).await);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_down_is_an_error_at_once_and_tried_again_later() {
    let (server, locker) = locker();
    for mood in [Mood::Hangs, Mood::Refuses] {
        server.mood(mood);
        for _ in 0..20 {
            let began = Instant::now();
            assert!(locker.acquire("a", A, hours(1)).await.is_err());
            assert!(began.elapsed() <= millis(60), "waited {:?}", began.elapsed());
        }
        sleep(secs(10)).await;
    }
    server.with(|state| assert!(state.begun < 20, "tried {} times", state.begun));
    server.mood(Mood::Well);
    assert!(acquired(&locker, "a", A, hours(1)).await);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_leaves_the_leases_as_they_are() {
    let (server, locker) = locker();
    assert!(acquired(&locker, "a", A, hours(1)).await);
    server.mood(Mood::StoresFail);
    assert_eq!(stored(&locker, "k", "a", A).await, None);
    server.mood(Mood::Well);
    assert!(locker.renew("a", A, hours(1)).unwrap());
    assert_eq!(stored(&locker, "k", "a", A).await, Some(true));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_nobody_needs_is_ended_and_made_again() {
    let (server, locker) = locker();
    assert!(acquired(&locker, "a", A, secs(60)).await);
    sleep(secs(59)).await;
    server.with(|state| assert_eq!(state.sessions, 1, "ended while a lease is held"));
    locker.release("a", A).await.unwrap();
    sleep(secs(40)).await;
    server.with(|state| assert_eq!(state.sessions, 0));
    assert!(acquired(&locker, "a", A, secs(60)).await);
}

#[tokio::test(start_paused = true)]
async fn behind_a_pooler_there_are_no_locks() {
    for found in [true, false] {
        let (server, locker) = locker();
        if found {
            server.mood(Mood::Pools);
        } else {
            // One that was not found at first shows itself later.
            assert!(acquired(&locker, "a", A, hours(1)).await);
            server.mood(Mood::Pools);
            sleep(secs(2)).await;
        }
        assert_eq!(locker.acquire("b", B, hours(1)).await.unwrap(), None);
        assert!(locker.is_pooled());
        assert_at_rest(&server, &locker);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_store_ends_its_session() {
    let (server, locker) = locker();
    assert!(acquired(&locker, "a", A, hours(1)).await);
    drop(locker);
    sleep(millis(10)).await;
    server.with(|state| assert_eq!(state.sessions, 0));
}

#[test]
fn a_runtime_that_ended_is_followed_by_the_next_one() {
    let (server, locker) = locker();
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        assert!(runtime.block_on(acquired(&locker, "a", A, hours(1))));
        drop(runtime);
        assert_at_rest(&server, &locker);
        assert!(!locker.renew("a", A, hours(1)).unwrap());
    }
}

#[test]
fn names_of_locks_are_the_same_in_every_build_and_told_apart() {
    let (_, locker) = locker();
    assert_eq!(locker.id("l"), locker.id("l"));
    assert_ne!(locker.id("l"), locker.id("m"));
    let other = Locker::new(Arc::new(Server::default()), &["dogpile_", ""], &settings());
    assert_ne!(locker.id("l"), other.id("l"));
    assert_eq!(locker.id("l"), Id(0xaaaa_2c84_0995_5554_93a7_b892_0c4e_6b02));
}
