//! Histories through failovers that lose what was acknowledged.

use std::thread;

use dogpile::{millis, secs};
use dogpile_tests::services::Part;

use super::worker::{self, Assignment, Cache};
use super::{PROCESSES, Run};
use crate::support::{Sentinels, Service, run, tests_of};

tests_of! { redis_sentinel, dogpile_tests::services::RedisSentinel,
    no_read_is_too_old_though_failovers_lose_invalidations
}

fn no_read_is_too_old_though_failovers_lose_invalidations<S: Service + Sentinels>(name: &str) {
    const FAILOVERS: usize = 2;
    const WRITER: usize = 0;
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    run(async {
        let (run, service) = (Run::new().await, S::start().await);
        let assignment = |process| Assignment {
            url: service.url(),
            cache: Cache::Region,
            reads: true,
            writes: process == WRITER,
            local: if process % 2 == 0 { 0 } else { 1 << 20 },
            ttl: secs(600),
        };
        let mut workers: Vec<_> =
            (0..PROCESSES).map(|n| run.worker(name, n, assignment(n))).collect();
        for _ in 0..FAILOVERS {
            thread::sleep(millis(700));
            service.part();
            // What is acknowledged now is lost.
            thread::sleep(millis(300));
            // And nobody delivers it again until the others' breakers are closed and they read.
            workers[WRITER].pause().unwrap();
            service.lose_master();
            thread::sleep(secs(4));
            workers[WRITER].resume().unwrap();
            service.bring_back();
        }
        let history = run.history(workers);
        history.assert_busy();
        assert_eq!(history.stale_reads(), [], "of {history}");
    });
}
