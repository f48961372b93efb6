//! Clocks that are wrong.

use dogpile::{ManualClock, Reason, Region, minutes, secs};

use crate::support::{self, Jumpy, Source, Storage, TAG, misses, on_each_storage, run};

on_each_storage! {
    s200_clock_jump_of_an_hour_serves_nothing_old_and_nothing_for_longer_than_ttl
}

fn at<S: Storage>(server: &S, steady: &ManualClock, wrong_by: i64) -> Region {
    let clock = Jumpy { steady: steady.clone(), wrong_by };
    let region = support::region(server.backend()).ttl(minutes(5)).clock(clock);
    region.build().unwrap()
}

fn s200_clock_jump_of_an_hour_serves_nothing_old_and_nothing_for_longer_than_ttl<S: Storage>(
    _: &str,
) {
    const HOUR: i64 = 3_600_000;
    run(async {
        let server = S::start().await;
        let steady = ManualClock::new();
        let right = at(&server, &steady, 0);
        let others = [at(&server, &steady, HOUR), at(&server, &steady, -HOUR)];
        let source = Source::default();
        for other in &others {
            for (one, two) in [(&right, other), (other, &right)] {
                one.invalidate([TAG]).await.unwrap();
                assert!(!source.hits(one, "plum").await);
                // Whatever the clock of the other says: at most a miss.
                source.ask(two, "plum").await;
                one.invalidate([TAG]).await.unwrap();
                assert!(!source.hits(two, "plum").await, "old, by the clock of the reader");
                // The one who created it last serves it for as long as its ttl, and no longer.
                assert!(source.hits(two, "plum").await);
                steady.advance(minutes(5) + secs(1));
                assert!(!source.hits(two, "plum").await, "older than its ttl");
            }
        }
        // Old by a clock that is ahead: expired, and by no means invalid.
        right.invalidate([TAG]).await.unwrap();
        source.ask(&right, "plum").await;
        let expired = || misses(&others[0], Reason::EXPIRED);
        let before = expired();
        assert!(!source.hits(&others[0], "plum").await);
        assert_eq!(expired(), before + 1, "{:#}", others[0].stats());
    });
}
