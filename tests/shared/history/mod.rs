//! Histories: several processes read and write rows whose versions only grow, while everything goes
//! wrong that may; afterwards a checker looks for a read that is too old.
//!
//! # Which event was before which
//!
//! Every event draws a number from one sequence of the database, `clock`, that all processes ask: a
//! read before it begins, an invalidation after it was acknowledged. A draw is one atomic step of
//! one server. So if the number of an acknowledgement is smaller than that of a read, the
//! acknowledgement was over before the read began, whatever the clocks of the processes say, and
//! however long any of them was stopped; a finding is never a mistake. The trip that a draw takes
//! only hides reads that began within it.

mod checker;
mod failovers;
mod naive;
mod nemesis;
mod record;
mod truth;
mod worker;

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use dogpile::{millis, secs};
use dogpile_tests::services::{Faults, Part, Postgres, Proxy, Worker};

use self::checker::History;
use self::nemesis::{Nemesis, Storm, Stranger};
use self::truth::Truth;
use self::worker::{Assignment, Cache};
use crate::support::{Server, Storage, on_each_server, run, tests_of, until};

tests_of! { sqlite, crate::support::SqliteTables,
    no_read_of_a_file_is_older_than_an_invalidation_acknowledged_before_it_began
    a_cache_in_a_file_that_reads_versions_at_store_time_is_caught
    a_cache_in_a_file_that_reads_versions_first_is_not
}

on_each_server! {
    no_read_is_older_than_an_invalidation_acknowledged_before_it_began
    a_cache_that_reads_versions_at_store_time_is_caught
    a_cache_that_reads_versions_first_is_not
    a_writer_that_is_cut_off_leaves_nothing_older_than_ttl_and_nothing_old_after_reconnect
}

const PROCESSES: usize = 3;

/// How long a run takes: `DOGPILE_HISTORY_SECONDS`, or 8.
fn length() -> Duration {
    let seconds = std::env::var("DOGPILE_HISTORY_SECONDS").ok();
    secs(seconds.map_or(8, |seconds| seconds.parse().unwrap()))
}

/// What all processes of a run have in common.
struct Run {
    truth: Truth,
    folder: tempfile::TempDir,
    length: Duration,
    _postgres: Postgres,
}

impl Run {
    async fn new() -> Self {
        Self::of(length()).await
    }

    async fn of(length: Duration) -> Self {
        let postgres = Postgres::start().await.unwrap();
        let truth = Truth::create(&postgres.create_database().await.unwrap()).await;
        Self { truth, folder: tempfile::tempdir().unwrap(), length, _postgres: postgres }
    }

    fn log(&self, process: usize) -> PathBuf {
        self.folder.path().join(format!("{process}.log"))
    }

    fn worker(&self, name: &str, process: usize, assignment: Assignment) -> Worker {
        let log = self.log(process).display().to_string();
        let arguments = assignment.arguments(self.truth.url(), &log);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let mut worker = Worker::spawn(name, "process", &arguments).unwrap();
        worker.expect("ready").unwrap();
        worker
    }

    fn history(&self, workers: Vec<Worker>) -> History {
        let processes = workers.len();
        let mut hits = 0;
        for mut worker in workers {
            worker.send("stop").unwrap();
            hits += worker.expect("hits came back, as one of ").unwrap().parse::<u64>().unwrap();
            assert!(worker.wait().unwrap().success());
        }
        History::read((0..processes).map(|process| self.log(process)), hits)
    }

    /// All processes read and write, and meet the same nemesis.
    fn through(&self, name: &str, url: &str, cache: Cache, nemesis: &impl Nemesis) -> History {
        let assignment = |process| Assignment {
            url: url.to_owned(),
            cache,
            reads: true,
            writes: true,
            // Some with copies in the process, some without.
            local: if process % 2 == 0 { 0 } else { 1 << 20 },
            ttl: secs(600),
        };
        let mut workers: Vec<_> =
            (0..PROCESSES).map(|n| self.worker(name, n, assignment(n))).collect();
        nemesis.rage(&mut workers, self.length);
        self.history(workers)
    }
}

/// A server and the way to it, of which everything breaks.
fn history<S: Server>(name: &str, cache: Cache, length: Duration) -> History {
    run(async {
        let (run, server) = (Run::of(length).await, S::start().await);
        let proxy = Proxy::start(server.address()).unwrap();
        let url = S::url_through(proxy.address());
        run.through(name, &url, cache, &Storm { server: &server, proxy: &proxy })
    })
}

/// The same where there is no server that could die.
fn history_of_a_file<S: Storage>(name: &str, cache: Cache, length: Duration) -> History {
    run(async {
        let (run, storage) = (Run::of(length).await, S::start().await);
        run.through(name, &storage.url(), cache, &Stranger(&storage))
    })
}

fn no_read_is_older_than_an_invalidation_acknowledged_before_it_began<S: Server>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    let history = history::<S>(name, Cache::Region, length());
    history.assert_busy();
    assert_eq!(history.stale_reads(), [], "of {history}");
}

/// The canary: that the checker above finds what there is.
fn a_cache_that_reads_versions_at_store_time_is_caught<S: Server>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    let history = history::<S>(name, Cache::VersionsLast, secs(4));
    history.assert_busy();
    assert_ne!(history.stale_reads(), [], "of {history}");
}

/// And that it was the one thing that is different there.
fn a_cache_that_reads_versions_first_is_not<S: Server>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    let history = history::<S>(name, Cache::VersionsFirst, secs(4));
    history.assert_busy();
    assert_eq!(history.stale_reads(), [], "of {history}");
}

fn no_read_of_a_file_is_older_than_an_invalidation_acknowledged_before_it_began<S: Storage>(
    name: &str,
) {
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    let history = history_of_a_file::<S>(name, Cache::Region, length());
    history.assert_busy();
    assert_eq!(history.stale_reads(), [], "of {history}");
}

fn a_cache_in_a_file_that_reads_versions_at_store_time_is_caught<S: Storage>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    let history = history_of_a_file::<S>(name, Cache::VersionsLast, secs(4));
    history.assert_busy();
    assert_ne!(history.stale_reads(), [], "of {history}");
}

fn a_cache_in_a_file_that_reads_versions_first_is_not<S: Storage>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    let history = history_of_a_file::<S>(name, Cache::VersionsFirst, secs(4));
    history.assert_busy();
    assert_eq!(history.stale_reads(), [], "of {history}");
}

fn a_writer_that_is_cut_off_leaves_nothing_older_than_ttl_and_nothing_old_after_reconnect<
    S: Server,
>(
    name: &str,
) {
    if let Some(part) = Part::of_this_process() {
        return worker::play::<S>(&part);
    }
    const TTL: Duration = secs(1);
    run(async {
        let (run, server) = (Run::new().await, S::start().await);
        let proxy = Proxy::start(server.address()).unwrap();
        let assignment = |url: String, writes: bool| Assignment {
            url,
            cache: Cache::Region,
            reads: !writes,
            writes,
            local: 0,
            ttl: TTL,
        };
        let mut workers = vec![
            run.worker(name, 0, assignment(S::url_through(proxy.address()), true)),
            run.worker(name, 1, assignment(server.url(), false)),
            run.worker(name, 2, assignment(server.url(), false)),
        ];
        until("there is something to be old", async || run.truth.writes().await > 20).await;
        proxy.set(Faults { refuse: true, ..Faults::default() }).unwrap();
        thread::sleep(TTL * 3);
        workers[0].send("hush").unwrap();
        workers[0].expect("hushed").unwrap();
        proxy.clear().unwrap();
        workers[0].send("deliver").unwrap();
        let delivered = workers[0].expect("delivered ").unwrap().parse().unwrap();
        thread::sleep(millis(700));
        let history = run.history(workers);
        history.assert_busy();
        assert!(history.older_than(millis(200)) > 0, "nobody read while it was cut off");
        assert_eq!(history.older_than(TTL), 0, "reads older than ttl of {history}");
        assert_eq!(history.old_after(delivered), 0, "old reads after it was back of {history}");
        assert_eq!(history.stale_reads(), [], "of {history}");
    });
}
