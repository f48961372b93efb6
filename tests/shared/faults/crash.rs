//! A server that is killed in the middle of its work, and recovers what it can.

use dogpile::{Backend, Freshness, Region, Tag};
use dogpile_tests::services::Part;

use crate::scenarios::{ClientB, client};
use crate::support::{
    self, MariaDbTables, PostgresTables, Server, Service, Source, Storage, TAG, Tables, balanced,
    no_hang, on_each_server, run, tests_of, until,
};

on_each_server! {
    s191_what_was_invalidated_before_a_crash_is_not_served_after_it
    a_fence_that_a_crash_has_lost_still_ends_in_an_invalidation
}

tests_of! { postgres_unlogged, crate::support::PostgresTables,
    a_crash_empties_unlogged_tables_and_nothing_from_before_is_served
}

/// Nobody waits between the acknowledgement and the crash.
fn s191_what_was_invalidated_before_a_crash_is_not_served_after_it<S: Server>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return client::<S>(&part);
    }
    run(async {
        let server = S::start().await;
        let a = support::region(server.backend()).build().unwrap();
        let mut b = ClientB::spawn(name, &server.url());
        for _ in 0..3 {
            let mut old = String::new();
            until("it is cached", async || {
                old = b.read();
                old == b.read()
            })
            .await;
            until("an invalidation is acknowledged", async || {
                no_hang(a.invalidate([TAG])).await.is_ok()
            })
            .await;
            server.kill();
            server.restart();
            for _ in 0..3 {
                assert_ne!(b.read(), old, "it was invalidated before the crash");
            }
            until("it is cached again", async || {
                let read = b.read();
                assert_ne!(read, old, "it was invalidated before the crash");
                read == b.read()
            })
            .await;
        }
    });
}

fn a_fence_that_a_crash_has_lost_still_ends_in_an_invalidation<S: Server>(_: &str) {
    run(async {
        let server = S::start().await;
        let region = || support::region(server.backend()).freshness(Freshness::Fenced);
        let (writer, reader) = (region().build().unwrap(), region().build().unwrap());
        let mut guard = writer.write_guard(Tag::new(TAG));
        assert_eq!(guard.fence().await, Freshness::Fenced);
        server.restart();
        // From before the commit, and kept: nobody says any more that somebody is writing.
        let source = Source::default();
        until("hits come back, or the fence is there", async || {
            source.hits(&reader, "plum").await || reader.stats().bypasses > 0
        })
        .await;
        // Where it cannot be done at once it is owed, and delivered by the reads of the writer.
        drop(guard.bump().await);
        until("the writer has invalidated", async || {
            source.ask(&writer, "plum").await;
            writer.stats().invalidated_tags > 0 && source.hits(&writer, "plum").await
        })
        .await;
        let before = source.creations();
        assert!(before > 1, "what was read before the commit is served after it");
        until("the reader has it", async || source.hits(&reader, "plum").await).await;
    });
}

async fn rows(tables: &PostgresTables) -> usize {
    let mut rows = 0;
    for table in ["entry", "register", "token", "lease"] {
        rows += tables.texts(&format!("SELECT 'row' FROM dogpile_{table}")).await.len();
    }
    rows
}

fn a_crash_empties_unlogged_tables_and_nothing_from_before_is_served<S: Service>(_: &str) {
    run(async {
        let server = PostgresTables::start().await;
        let region = support::region(server.backend()).build().unwrap();
        let source = Source::default();
        source.ask(&region, "plum").await;
        assert!(source.hits(&region, "plum").await);
        let [entry] = server.entries().try_into().unwrap();
        let old = server.bytes(&entry).unwrap();
        assert!(rows(&server).await > 3);
        // A creation that was begun before the crash: what it observed is gone, so it is not kept.
        let stored = balanced(&region).stored;
        // Not for want of time: what is logged is on the disk by then.
        server.run("CHECKPOINT").await;
        let create = async || {
            server.kill();
            server.restart();
            assert_eq!(rows(&server).await, 0, "the crash left something");
            Ok::<_, dogpile::Error>(String::from("made"))
        };
        let made = no_hang(region.entry("cherry").tag(TAG).get_or_create(create)).await.unwrap();
        assert_eq!(*made, "made");
        assert_eq!((balanced(&region).stored, server.entries()), (stored, vec![]));
        assert!(!source.hits(&region, "plum").await, "there was nothing to hit");
        until("hits come back", async || source.hits(&region, "plum").await).await;
        // What somebody stores late that was valid before the crash.
        server.overwrite(&entry, &old);
        assert!(!source.hits(&region, "plum").await, "a version from before the crash came back");
        assert!(source.hits(&region, "plum").await);
        no_hang(region.invalidate([TAG])).await.unwrap();
        assert!(!source.hits(&region, "plum").await);
    });
}

/// What survives is served by another process, but for what was invalidated; again and again.
async fn keeps_everything<S: Server>(server: &S, url: &str, settled: impl AsyncFn()) {
    let open = || -> Region { support::region(S::open(url)).build().unwrap() };
    let source = Source::default();
    for _ in 0..5 {
        let before = open();
        until("hits come back", async || source.hits(&before, "plum").await).await;
        settled().await;
        server.kill();
        server.restart();
        assert!(source.hits(&open(), "plum").await, "an entry was lost");
        let writer = open();
        no_hang(writer.invalidate([TAG])).await.unwrap();
        // At once.
        server.kill();
        server.restart();
        assert_eq!(server.entries().len(), 1, "there is nothing old that could be served");
        assert!(!source.hits(&open(), "plum").await, "an acknowledged invalidation was lost");
    }
}

#[test]
fn logged_tables_of_postgres_keep_entries_and_lose_no_invalidation_in_a_crash() {
    run(async {
        let server = PostgresTables::logged().await;
        let url = server.logged_url();
        assert!(PostgresTables::open(&url).capabilities().persistent);
        // What is stored may be lost on a server that does not wait for its disk, and nothing else.
        keeps_everything(&server, &url, async || server.run("CHECKPOINT").await).await;
    });
}

#[test]
fn tables_of_mariadb_keep_entries_and_lose_no_invalidation_in_a_crash() {
    run(async {
        let server = MariaDbTables::start().await;
        keeps_everything(&server, &server.url(), async || {}).await;
    });
}
