//! A failover that loses the last writes: the replica that takes over has the version from before
//! an acknowledged invalidation, and the entry that was valid then.

use dogpile::backend::BackendExt;
use dogpile::secs;
use dogpile_tests::services::{Redis, RedisSentinel};

use crate::support::{self, Service, Source, TAG, no_hang, run, tests_of, until};

tests_of! { redis_sentinel, dogpile_tests::services::RedisSentinel,
    s191_failover_that_loses_the_last_writes_is_cold_and_not_wrong
}

fn s191_failover_that_loses_the_last_writes_is_cold_and_not_wrong<S: Service + Sentinels>(_: &str) {
    run(async {
        let service = S::start().await;
        let clock = dogpile::ManualClock::new();
        let region = support::region(service.backend()).clock(clock.clone()).build().unwrap();
        let source = Source::default();
        source.ask(&region, "plum").await;
        assert!(source.hits(&region, "plum").await);
        let replica = service.replica();
        until("the replica has the entry", async || has_entry(replica)).await;
        replica.pause().unwrap();
        no_hang(region.invalidate([TAG])).await.unwrap();
        service.lose_master(|| replica.resume().unwrap());
        assert!(has_entry(replica), "there is nothing old that could be served");
        // The first one who is answered by the new server.
        let before = source.creations();
        until("it is answered again", async || {
            clock.advance(secs(60));
            source.ask(&region, "plum").await;
            region.stats().stored > 1
        })
        .await;
        assert!(source.creations() > before);
        assert_eq!(region.stats().hits, 1, "an old value was served: {:#}", region.stats());
        assert!(source.hits(&region, "plum").await);
        assert!(service.backend().get("nothing").await.is_ok());
    });
}

fn has_entry(server: &Redis) -> bool {
    server.command(&["KEYS", "dogpile:e:*"]).unwrap().items().len() == 1
}

/// Servers of which another takes over.
pub(super) trait Sentinels {
    fn replica(&self) -> &Redis;

    /// Kills the primary, does `then`, and waits until there is another.
    fn lose_master(&self, then: impl FnOnce());
}

impl Sentinels for RedisSentinel {
    fn replica(&self) -> &Redis {
        self.replica().unwrap()
    }

    fn lose_master(&self, then: impl FnOnce()) {
        let old = self.kill_master().unwrap();
        then();
        self.wait_for_another_master(old).unwrap();
    }
}
