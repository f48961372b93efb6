//! The scenarios of `tests/SCENARIOS.md` about several clients of one backend that are not about a
//! fault: A is this process, B another one.

mod copies;
mod same_database;

use std::time::Duration;

use dogpile::observe::ReasonKind;
use dogpile::{
    Freshness, Invalidation, ManualClock, Reason, Region, Tag, kilobytes, millis, minutes, secs,
};
use dogpile_tests::services::{Part, Worker};
use sqlx::sqlite::SqlitePoolOptions;
use tokio::task::JoinSet;

use crate::support::{
    self, Service, Source, TAG, balanced, on_each_service, on_each_storage, run, until,
};

mod on_every_service {
    use super::*;

    on_each_service! {
        s002_s101_s193_what_a_creates_b_is_served_until_a_invalidates
    }

    use super::s002_s101_s193_what_a_creates_b_is_served_until_a_invalidates;
}

on_each_storage! {
    s163_a_read_overtaken_by_an_invalidation_of_another_client
    s164_a_value_read_before_the_commit_is_not_served_after_it
    s165_of_two_overlapping_writers_the_second_is_not_forgotten
    s166_a_writer_killed_between_commit_and_invalidation
    s174_waiters_hold_no_connection_of_a_pool_of_one
    s195_a_copy_lives_no_longer_than_what_it_is_a_copy_of
    s196_two_versions_of_an_application_share_invalidations_and_no_values
}

/// Another process, which reads when it is told to.
pub(crate) struct ClientB(Worker);

impl ClientB {
    pub(crate) fn spawn(name: &str, url: &str) -> Self {
        let mut worker = Worker::spawn(name, "client", &[url]).unwrap();
        worker.expect("ready").unwrap();
        Self(worker)
    }

    /// What it read.
    pub(crate) fn read(&mut self) -> String {
        self.0.send("read").unwrap();
        self.0.expect("got ").unwrap()
    }
}

/// The part of client B. Its region has copies in the process.
pub(crate) fn client<S: Service>(part: &Part) {
    run(async {
        let region = support::region(S::open(&part.arguments()[0])).local(kilobytes(64));
        let region = region.build().unwrap();
        part.say("ready");
        for number in 1.. {
            part.hear();
            part.say(&format!("got {}", read(&region, &format!("B's {number}")).await));
        }
    });
}

/// What is there, or else `new`.
async fn read(region: &Region, new: &str) -> String {
    let create = async || Ok::<_, dogpile::Error>(String::from(new));
    region.entry("plum").tag(TAG).get_or_create(create).await.unwrap().to_string()
}

fn s002_s101_s193_what_a_creates_b_is_served_until_a_invalidates<S: Service>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return client::<S>(&part);
    }
    run(async {
        let service = S::start().await;
        let a = support::region(service.backend()).build().unwrap();
        let mut b = ClientB::spawn(name, &service.url());
        assert_eq!(read(&a, "A's 1").await, "A's 1");
        for _ in 0..3 {
            assert_eq!(b.read(), "A's 1");
        }
        a.invalidate([TAG]).await.unwrap();
        // It has a copy, and its own number of reads so far is three.
        assert_eq!(b.read(), "B's 4");
        assert_eq!(read(&a, "A's 2").await, "B's 4");
        a.entry("plum").invalidate(Invalidation::Hard).await.unwrap();
        assert_eq!(read(&a, "A's 3").await, "A's 3");
        assert_eq!(b.read(), "A's 3");
        a.invalidate_all(Invalidation::Hard).await.unwrap();
        assert_eq!(b.read(), "B's 6");
        service.flush();
        assert_eq!(b.read(), "B's 7", "a copy of what is gone");
        assert_eq!(read(&a, "A's 4").await, "B's 7");
        balanced(&a);
    });
}

fn s163_a_read_overtaken_by_an_invalidation_of_another_client<S: Service>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return client::<S>(&part);
    }
    run(async {
        let server = S::start().await;
        let a = support::region(server.backend()).build().unwrap();
        let w = support::region(server.backend()).build().unwrap();
        let mut b = ClientB::spawn(name, &server.url());
        let create = async || {
            w.invalidate([TAG]).await.unwrap();
            Ok::<_, dogpile::Error>(String::from("old"))
        };
        let old = a.entry("plum").tag(TAG).get_or_create(create).await.unwrap();
        assert_eq!(*old, "old", "who came before it gets it");
        let stats = balanced(&a);
        assert_eq!(stats.count_of(ReasonKind::Refused, Reason::MOVED), 1, "{stats:#}");
        assert_eq!(b.read(), "B's 1");
        assert_eq!(read(&a, "A's").await, "B's 1");
    });
}

/// Regions of A whose writers put a fence around their writes.
fn fenced<S: Service>(server: &S) -> Region {
    let region = support::region(server.backend()).freshness(Freshness::Fenced);
    region.taint_life(secs(30)).build().unwrap()
}

fn s164_a_value_read_before_the_commit_is_not_served_after_it<S: Service>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return client::<S>(&part);
    }
    run(async {
        let server = S::start().await;
        let writer = fenced(&server);
        let mut b = ClientB::spawn(name, &server.url());
        assert_eq!(b.read(), "B's 1");
        let mut guard = writer.write_guard(Tag::new(TAG));
        assert_eq!(guard.fence().await, Freshness::Fenced);
        // Read before the COMMIT, and kept by nobody.
        assert_eq!(b.read(), "B's 2");
        assert_eq!(b.read(), "B's 3");
        let here = support::region(server.backend()).build().unwrap();
        read(&here, "nobody's").await;
        let tainted = balanced(&here).count_of(ReasonKind::Bypass, Reason::TAINTED);
        assert_eq!(tainted, 1, "{:#}", here.stats());
        guard.bump().await.unwrap();
        assert_eq!(b.read(), "B's 4");
        assert_eq!(b.read(), "B's 4");
    });
}

fn s165_of_two_overlapping_writers_the_second_is_not_forgotten<S: Service>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return client::<S>(&part);
    }
    run(async {
        let server = S::start().await;
        let (one, two) = (fenced(&server), fenced(&server));
        let mut b = ClientB::spawn(name, &server.url());
        let mut first = one.write_guard(Tag::new(TAG));
        let mut second = two.write_guard(Tag::new(TAG));
        assert_eq!(first.fence().await, Freshness::Fenced);
        assert_eq!(second.fence().await, Freshness::Fenced);
        first.bump().await.unwrap();
        assert_eq!(b.read(), "B's 1");
        assert_eq!(b.read(), "B's 2", "kept while the second writer is about to commit");
        second.bump().await.unwrap();
        assert_eq!(b.read(), "B's 3");
        assert_eq!(b.read(), "B's 3");
    });
}

fn s166_a_writer_killed_between_commit_and_invalidation<S: Service>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return match part.role() {
            "writer" => doomed::<S>(&part),
            _ => client::<S>(&part),
        };
    }
    run(async {
        let server = S::start().await;
        let mut b = ClientB::spawn(name, &server.url());
        assert_eq!((b.read(), b.read()), ("B's 1".into(), "B's 1".into()));
        let mut writer = Worker::spawn(name, "writer", &[&server.url()]).unwrap();
        writer.expect("committed").unwrap();
        writer.kill().unwrap();
        // Old is nothing from here on, whether the taint is still there or has ended.
        for _ in 0..3 {
            assert_ne!(b.read(), "B's 1", "from before the commit");
        }
        until("it is cached again", async || b.read() == b.read()).await;
        assert_ne!(b.read(), "B's 1", "from before the commit");
    });
}

/// A writer that has committed, and says so, and does nothing more.
fn doomed<S: Service>(part: &Part) {
    run(async {
        let region = support::region(S::open(&part.arguments()[0])).freshness(Freshness::Fenced);
        let region = region.taint_life(secs(2)).build().unwrap();
        let mut guard = region.write_guard(Tag::new(TAG));
        assert_eq!(guard.fence().await, Freshness::Fenced);
        part.say("committed");
        part.hear();
        drop(guard);
    });
}

fn s174_waiters_hold_no_connection_of_a_pool_of_one<S: Service>(_: &str) {
    run(async {
        let server = S::start().await;
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:");
        let pool = pool.await.unwrap();
        let regions = [0; 2].map(|_| support::region(server.backend()).build().unwrap());
        let mut tasks = JoinSet::new();
        for task in 0..60 {
            let (region, pool) = (regions[task % 2].clone(), pool.clone());
            tasks.spawn(async move {
                let query = async || {
                    let mut connection = pool.acquire().await?;
                    tokio::time::sleep(millis(2)).await;
                    let seven = sqlx::query_scalar("SELECT 7").fetch_one(&mut *connection);
                    Ok::<i64, Failed>(seven.await?)
                };
                let read = region.entry(("seven", task / 6)).get_or_create(query);
                *read.await.unwrap()
            });
        }
        let all: Vec<i64> = support::no_hang(tasks.join_all()).await;
        assert_eq!(all, [7; 60]);
    });
}

/// What a creator that asks a database may end with.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Cache(#[from] dogpile::Error),
}

fn s195_a_copy_lives_no_longer_than_what_it_is_a_copy_of<S: Service>(_: &str) {
    run(async {
        let server = S::start().await;
        let clock = ManualClock::new();
        let of = |local| {
            let region = support::region(server.backend()).ttl(minutes(5)).local(local);
            region.clock(clock.clone()).build().unwrap()
        };
        let (a, b) = (of(0), of(kilobytes(64)));
        let source = Source::default();
        source.ask(&a, "plum").await;
        clock.advance(minutes(4));
        assert!(source.hits(&b, "plum").await);
        assert!(source.hits(&b, "plum").await);
        assert_eq!(balanced(&b).checked_hits, 1, "the second one was that of a copy");
        clock.advance(secs(59));
        assert!(source.hits(&b, "plum").await);
        clock.advance(Duration::from_secs(2));
        assert!(!source.hits(&b, "plum").await, "the copy has outlived the entry");
        // A copy has the versions of the entry too.
        assert!(source.hits(&b, "plum").await);
        a.invalidate([TAG]).await.unwrap();
        assert!(!source.hits(&b, "plum").await);
    });
}

fn s196_two_versions_of_an_application_share_invalidations_and_no_values<S: Service>(_: &str) {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Cake {
        price: u32,
    }
    /// The same name, and another meaning of the same bytes.
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct CakeWithName {
        price: u32,
        name: Option<String>,
    }
    run(async {
        let server = S::start().await;
        let (old, new) = (
            support::region(server.backend()).build().unwrap(),
            support::region(server.backend()).build().unwrap(),
        );
        let plum = || CakeWithName { price: 3, name: Some(String::from("plum")) };
        let read_old = async || {
            let create = async || Ok::<_, dogpile::Error>(Cake { price: 2 });
            old.entry("cake").tag(TAG).get_or_create(create).await.unwrap().price
        };
        let read_new = async || {
            let create = async || Ok::<_, dogpile::Error>(plum());
            let read = new.entry("cake").tag(TAG).get_or_create(create).await.unwrap();
            assert_eq!(*read, plum());
        };
        assert_eq!(read_old().await, 2);
        read_new().await;
        let stats = balanced(&new);
        assert_eq!(stats.count_of(ReasonKind::Miss, Reason::OTHER_TYPE), 1, "{stats:#}");
        read_new().await;
        assert_eq!(balanced(&new).hits, 1);
        assert_eq!(read_old().await, 2);
        read_new().await;
        read_new().await;
        let hits = balanced(&new).hits;
        old.invalidate([TAG]).await.unwrap();
        read_new().await;
        assert_eq!(balanced(&new).hits, hits, "an invalidation by the old version was not seen");
        // The same type with another version of its own.
        let newer = support::region(server.backend()).value_version(1).build().unwrap();
        assert!(newer.entry("cake").tag(TAG).get::<CakeWithName>().await.is_none());
    });
}
