//! The part of a process: it reads and writes until it is told to stop.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use dogpile::{Region, Tag, millis, secs};
use dogpile_tests::services::Part;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::naive::Naive;
use super::record::{Kind, Record};
use super::truth::{Moment, ROWS, Truth};
use crate::support::{self, Service, run, until};

/// What is between the processes and the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cache {
    Region,
    VersionsFirst,
    VersionsLast,
}

const CACHES: [(Cache, &str); 3] = [
    (Cache::Region, "region"),
    (Cache::VersionsFirst, "versions first"),
    (Cache::VersionsLast, "versions last"),
];

/// What a process does.
pub(super) struct Assignment {
    pub(super) url: String,
    pub(super) cache: Cache,
    pub(super) reads: bool,
    pub(super) writes: bool,
    pub(super) local: u64,
    pub(super) ttl: Duration,
}

impl Assignment {
    pub(super) fn arguments(&self, truth: &str, log: &str) -> Vec<String> {
        let (_, cache) = CACHES.iter().find(|(cache, _)| *cache == self.cache).unwrap();
        vec![
            truth.into(),
            log.into(),
            self.url.clone(),
            (*cache).into(),
            self.reads.to_string(),
            self.writes.to_string(),
            self.local.to_string(),
            self.ttl.as_millis().to_string(),
        ]
    }

    fn of(arguments: &[String]) -> Self {
        let [url, cache, reads, writes, local, ttl] = arguments else { panic!("{arguments:?}") };
        Self {
            url: url.clone(),
            cache: CACHES.iter().find(|(_, name)| name == cache).unwrap().0,
            reads: reads.parse().unwrap(),
            writes: writes.parse().unwrap(),
            local: local.parse().unwrap(),
            ttl: Duration::from_millis(ttl.parse().unwrap()),
        }
    }
}

/// The version of a row, from a database that takes its time: what is read may be old before it
/// arrives.
pub(super) async fn slow_version(truth: &Truth, row: i64) -> i64 {
    let version = truth.version(row).await;
    sleep(Duration::from_millis(rand::random::<u64>() % 8)).await;
    version
}

/// How rows are read and written through a cache.
enum Through {
    Region(Region),
    Naive(Naive),
}

impl Through {
    fn new<S: Service>(assignment: &Assignment) -> Self {
        let backend = S::open(&assignment.url);
        if assignment.cache != Cache::Region {
            let versions_last = assignment.cache == Cache::VersionsLast;
            return Self::Naive(Naive { backend, versions_last });
        }
        let region = support::region(backend).ttl(assignment.ttl).local(assignment.local);
        let region = region.op_timeout(millis(250)).lease(secs(1)).lock_wait(millis(500));
        Self::Region(region.build().unwrap())
    }

    /// The version of a row, and whether it was a hit.
    async fn read(&self, truth: &Truth, row: i64) -> (i64, bool) {
        match self {
            Self::Naive(naive) => {
                let read = timeout(millis(250), naive.read(truth, row)).await;
                match read {
                    Ok(read) => read,
                    Err(_) => (truth.version(row).await, false),
                }
            }
            Self::Region(region) => {
                let mut hit = true;
                let create = async || {
                    hit = false;
                    Ok::<_, dogpile::Error>(slow_version(truth, row).await)
                };
                let read = region.entry(("row", row)).tag(tag(row)).get_or_create(create).await;
                (*read.expect("a read returned an error of the backend"), hit)
            }
        }
    }

    /// Writes a row; says whether its invalidation was acknowledged, and which version it wrote.
    async fn write(&self, truth: &Truth, row: i64, log: &mut Log) {
        let (version, acknowledged) = match self {
            Self::Naive(naive) => {
                let version = truth.write(row).await;
                log.now(Kind::Committed, row, version, truth).await;
                let bump = timeout(millis(250), naive.invalidate(row)).await;
                // Without a journal nobody knows what is owed.
                if !bump.is_ok_and(|acknowledged| acknowledged) {
                    return;
                }
                (version, true)
            }
            Self::Region(region) => {
                let mut guard = region.write_guard(tag(row));
                guard.fence().await;
                let version = truth.write(row).await;
                log.now(Kind::Committed, row, version, truth).await;
                (version, guard.bump().await.is_ok())
            }
        };
        let kind = if acknowledged { Kind::Acknowledged } else { Kind::Owed };
        log.now(kind, row, version, truth).await;
    }
}

fn tag(row: i64) -> Tag {
    Tag::new(format!("row:{row}"))
}

/// What a task saw.
#[derive(Default)]
struct Log(String);

impl Log {
    fn add(&mut self, kind: Kind, row: i64, version: i64, moment: Moment) {
        write!(self.0, "{}", Record { kind, row, version, moment }).unwrap();
    }

    async fn now(&mut self, kind: Kind, row: i64, version: i64, truth: &Truth) {
        let moment = truth.now().await;
        self.add(kind, row, version, moment);
    }
}

/// A process.
struct Process {
    truth: Truth,
    through: Through,
    writing: AtomicBool,
    reading: AtomicBool,
    hits: AtomicU64,
}

pub(super) fn play<S: Service>(part: &Part) {
    run(async {
        let [url, log, rest @ ..] = part.arguments() else { panic!("too few arguments") };
        let assignment = Assignment::of(rest);
        let process = Arc::new(Process {
            truth: Truth::connect(url).await,
            through: Through::new::<S>(&assignment),
            writing: AtomicBool::new(true),
            reading: AtomicBool::new(true),
            hits: AtomicU64::new(0),
        });
        let mut tasks = Vec::new();
        if assignment.reads {
            tasks.extend((0..3).map(|_| tokio::spawn(Arc::clone(&process).read())));
        }
        let mut writer = assignment.writes.then(|| tokio::spawn(Arc::clone(&process).write()));
        part.say("ready");
        let mut text = String::new();
        loop {
            match part.hear().as_str() {
                "hush" => {
                    text += &process.hush(writer.take()).await;
                    part.say("hushed");
                }
                "deliver" => {
                    process.deliver().await;
                    part.say(&format!("delivered {}", process.truth.now().await.order));
                }
                _ => break,
            }
        }
        text += &process.hush(writer.take()).await;
        process.reading.store(false, Ordering::SeqCst);
        for task in tasks {
            text += &task.await.unwrap().0;
        }
        process.see_hits_come_back().await;
        std::fs::write(log, text).unwrap();
        part.say(&format!("hits came back, as one of {}", process.hits.load(Ordering::SeqCst)));
    });
}

impl Process {
    fn random_row() -> i64 {
        rand::random::<i64>().rem_euclid(ROWS)
    }

    async fn read(self: Arc<Self>) -> Log {
        let mut log = Log::default();
        while self.reading.load(Ordering::SeqCst) {
            let (row, began) = (Self::random_row(), self.truth.now().await);
            let (version, hit) = self.through.read(&self.truth, row).await;
            self.hits.fetch_add(u64::from(hit), Ordering::SeqCst);
            log.add(Kind::Read, row, version, began);
        }
        log
    }

    async fn write(self: Arc<Self>) -> Log {
        let mut log = Log::default();
        while self.writing.load(Ordering::SeqCst) {
            self.through.write(&self.truth, Self::random_row(), &mut log).await;
            sleep(Duration::from_millis(rand::random::<u64>() % 30)).await;
        }
        log
    }

    async fn see_hits_come_back(&self) {
        let counts = || match &self.through {
            Through::Region(region) => format!("{:#}", region.stats()),
            Through::Naive(_) => String::new(),
        };
        let before = counts();
        let back = until("hits come back", async || self.through.read(&self.truth, 0).await.1);
        // Sooner than the test gives up.
        let back = timeout(secs(45), back).await;
        assert!(back.is_ok(), "no hits come back; at first {before}, and in the end {}", counts());
    }

    /// Ends writing.
    async fn hush(&self, writer: Option<JoinHandle<Log>>) -> String {
        self.writing.store(false, Ordering::SeqCst);
        match writer {
            Some(writer) => writer.await.unwrap().0,
            None => String::new(),
        }
    }

    /// Waits until nothing is owed: until then, what depends on it is gone past.
    async fn deliver(&self) {
        let Through::Region(region) = &self.through else { return };
        until("everything is delivered", async || {
            let before = region.stats();
            for row in 0..ROWS {
                self.through.read(&self.truth, row).await;
            }
            let after = region.stats();
            (after.bypasses, after.backend_failed) == (before.bypasses, before.backend_failed)
        })
        .await;
    }
}
