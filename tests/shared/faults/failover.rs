//! A failover that loses the last writes: the replica that takes over has the version from before
//! an acknowledged invalidation, and the entry that was valid then.

use std::collections::BTreeMap;

use dogpile_tests::services::{Part, Redis};

use crate::scenarios::{ClientB, client};
use crate::support::{
    self, Sentinels, Service, Source, Storage, TAG, no_hang, run, tests_of, until,
};

tests_of! { redis_sentinel, dogpile_tests::services::RedisSentinel,
    s191_failover_that_loses_the_last_writes_is_cold_and_not_wrong
    s191_failover_that_loses_the_last_writes_is_cold_for_other_processes_as_well
}

fn s191_failover_that_loses_the_last_writes_is_cold_and_not_wrong<S: Service + Sentinels>(_: &str) {
    run(async {
        let service = S::start().await;
        let region = support::region(service.backend()).build().unwrap();
        let source = Source::default();
        source.ask(&region, "plum").await;
        assert!(source.hits(&region, "plum").await);
        let replica = service.replica();
        until("the replica has the entry", async || has_entry(replica)).await;
        let old = registers(replica);
        service.part();
        no_hang(region.invalidate([TAG])).await.unwrap();
        service.lose_master();
        assert_eq!(registers(replica), old, "there is nothing old that could be served");
        // The first one who is answered by the new server.
        let before = source.creations();
        until("it is answered again", async || {
            source.ask(&region, "plum").await;
            region.stats().stored > 1
        })
        .await;
        assert!(source.creations() > before);
        assert_eq!(region.stats().hits, 1, "an old value was served: {:#}", region.stats());
        assert!(source.hits(&region, "plum").await);
    });
}

/// Client B has invalidated nothing, and so has nothing to deliver again.
fn s191_failover_that_loses_the_last_writes_is_cold_for_other_processes_as_well<
    S: Service + Sentinels,
>(
    name: &str,
) {
    if let Some(part) = Part::of_this_process() {
        return client::<S>(&part);
    }
    run(async {
        let service = S::start().await;
        let a = support::region(service.backend()).build().unwrap();
        let mut b = ClientB::spawn(name, &service.url());
        assert_eq!((b.read(), b.read()), ("B's 1".into(), "B's 1".into()));
        let replica = service.replica();
        until("the replica has the entry", async || has_entry(replica)).await;
        let old = registers(replica);
        service.part();
        no_hang(a.invalidate([TAG])).await.unwrap();
        service.lose_master();
        assert_eq!(registers(replica), old, "there is nothing old that could be served");
        until("it is cached again", async || {
            let read = b.read();
            assert_ne!(read, "B's 1", "it was invalidated before the failover");
            read == b.read()
        })
        .await;
    });
}

fn has_entry(server: &Redis) -> bool {
    server.command(&["KEYS", "dogpile:e:*"]).unwrap().items().len() == 1
}

/// All registers, with their versions.
fn registers(server: &Redis) -> BTreeMap<String, Option<Vec<u8>>> {
    let names = Storage::registers(server).into_iter();
    names.map(|name| (name.clone(), Storage::bytes(server, &name))).collect()
}
