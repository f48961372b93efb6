//! The part of a process: several tasks read and write until it is told to be quiet.
#![expect(clippy::future_not_send, reason = "all tasks of a process take turns on one thread")]

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use dogpile::{Freshness, Region, secs};
use dogpile_tests::services::Part;
use futures_util::future::join_all;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::client::{Client, Outcome};
use super::drops::Drops;
use super::plan::{Read, Shows, WATCHED, Way, Write};
use super::{Defect, Stage};
use crate::support::{self, Service, run};

/// How many tasks there are in a process, each with connections of its own.
const TASKS: u64 = 3;
/// More findings than these say nothing new.
const MOST_FOUND: usize = 3;

/// What a process is told at its start.
pub(super) struct Assignment {
    pub(super) number: u64,
    pub(super) seed: u64,
    pub(super) defect: Defect,
    pub(super) database: String,
    pub(super) backend: String,
}

impl Assignment {
    pub(super) fn arguments(&self) -> Vec<String> {
        vec![
            self.number.to_string(),
            self.seed.to_string(),
            self.defect.name().into(),
            self.database.clone(),
            self.backend.clone(),
        ]
    }

    fn of(arguments: &[String]) -> Self {
        let [number, seed, defect, database, backend] = arguments else { panic!("{arguments:?}") };
        Self {
            number: number.parse().unwrap(),
            seed: seed.parse().unwrap(),
            defect: Defect::named(defect),
            database: database.clone(),
            backend: backend.clone(),
        }
    }

    /// Of those that there are.
    pub(super) fn is_first(&self) -> bool {
        self.number == 0
    }

    pub(super) fn relays(&self) -> bool {
        self.defect != Defect::NoRelay
    }

    /// Pools that verify keep raw cells of everything. The others keep values in their process.
    pub(super) fn verifies(&self) -> bool {
        self.number.is_multiple_of(2) && matches!(self.defect, Defect::None | Defect::NoRelay)
    }

    /// Processes differ in what they keep and in how strictly they write.
    fn region<S: Service>(&self) -> Region {
        let freshness = [Freshness::AfterCommit, Freshness::Fenced, Freshness::Transactional];
        let freshness = freshness[usize::try_from(self.number % 3).unwrap()];
        let mut backend = S::open(&self.backend);
        if self.defect == Defect::DroppedInvalidations {
            backend = Arc::new(Drops::around(backend));
        }
        let local = if self.number.is_multiple_of(2) { 0 } else { 1 << 20 };
        let region = support::region(backend).op_timeout(secs(20)).local(local);
        region.freshness(freshness).build().unwrap()
    }
}

/// A process.
struct Process<C> {
    client: C,
    defect: Defect,
    going: Cell<bool>,
    found: RefCell<Vec<String>>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    reads: Cell<u64>,
    exact: Cell<u64>,
    failed: Cell<u64>,
    writes: Cell<u64>,
    outside: Cell<u64>,
    ddl: Cell<u64>,
    refused: Cell<u64>,
    last_error: RefCell<String>,
}

fn one_more(count: &Cell<u64>) {
    count.set(count.get() + 1);
}

pub(super) fn play<S: Stage>(part: &Part) {
    let assignment = Assignment::of(part.arguments());
    run(async {
        let region = assignment.region::<S::Service>();
        let process = Process {
            client: S::Client::open(&assignment, region).await,
            defect: assignment.defect,
            going: Cell::new(false),
            found: RefCell::default(),
            counts: Counts::default(),
        };
        let mut randoms: Vec<_> = (0..TASKS)
            .map(|task| SmallRng::seed_from_u64(assignment.seed ^ (assignment.number << 8) ^ task))
            .collect();
        part.say("ready");
        loop {
            let heard = part.hear();
            match heard.split_once(' ') {
                Some(("go", millis)) => {
                    process.round(&mut randoms, millis.parse().unwrap()).await;
                    part.say("quiet");
                }
                _ if heard == "compare" => {
                    process.compare().await;
                    part.say(&format!("found {}", process.findings()));
                    part.say(&format!("did {}", process.account().await));
                }
                _ => break,
            }
        }
    });
}

impl<C: Client> Process<C> {
    async fn round(&self, randoms: &mut [SmallRng], millis: u64) {
        self.going.set(true);
        let tasks = join_all(randoms.iter_mut().map(|random| self.work(random)));
        let end = async {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            self.going.set(false);
        };
        tokio::join!(tasks, end);
    }

    async fn work(&self, random: &mut SmallRng) {
        while self.going.get() {
            if random.random_ratio(1, 12) {
                self.write(random).await;
            } else {
                let read = Read::random(random);
                self.read(&read, random.random()).await;
            }
        }
    }

    async fn write(&self, random: &mut SmallRng) {
        let mut write = Write::random(random);
        match self.defect {
            Defect::WritesAround if random.random_ratio(1, 4) => write.way = Way::Around,
            Defect::NoRelay if random.random_ratio(1, 2) => {
                (write.way, write.tables) = (Way::Outside, vec![WATCHED]);
            }
            _ => {}
        }
        let (is_ddl, is_outside) = (write.change.is_ddl(), write.way == Way::Outside);
        match self.client.write(&write).await {
            Ok(seen_wrong) => {
                one_more(&self.counts.writes);
                if is_ddl {
                    one_more(&self.counts.ddl);
                }
                if is_outside {
                    one_more(&self.counts.outside);
                }
                if let Some(wrong) = seen_wrong {
                    self.found(&format!("{write:?}: in the transaction {wrong}"));
                }
            }
            // A deadlock, say: it is as if it had not been tried.
            Err(error) => {
                one_more(&self.counts.refused);
                *self.counts.last_error.borrow_mut() = format!("{write:?}: {error}");
            }
        }
    }

    /// Reads through the cache, and compares that with the database as far as it stood still, and
    /// with what was acknowledged before.
    async fn read(&self, read: &Read, options: u32) {
        let before = self.client.acknowledged().await;
        let cached = self.client.cached(read, options).await;
        let direct = self.client.direct(read).await;
        let mut stood_still = true;
        let mut newest = Vec::new();
        for table in &read.tables {
            let after = self.client.committed(*table).await;
            let before = before[*table];
            stood_still &= before.pending == 0 && after == Some(before.version);
            newest.push(after);
        }
        one_more(&self.counts.reads);
        let context =
            || format!("{read:?} cached {cached:?}, direct {direct:?}, {before:?}, {newest:?}");
        if cached.result.is_err() || direct.result.is_err() {
            one_more(&self.counts.failed);
            *self.counts.last_error.borrow_mut() = context();
        }
        if cached.met_a_deadlock() || direct.met_a_deadlock() {
            return;
        }
        if stood_still {
            one_more(&self.counts.exact);
            if cached.result != direct.result {
                self.found(&format!("while nothing changed: {}", context()));
            }
        } else if read.shows == Shows::Version {
            let known = before[read.tables[0]].version;
            if cached.version.is_some_and(|version| version < known) {
                self.found(&format!("older than what was acknowledged: {}", context()));
            }
            if cached.version.is_some()
                && cached.version == direct.version
                && cached.result != direct.result
            {
                self.found(&format!("two results of one version: {}", context()));
            }
        }
    }

    /// Nobody writes.
    async fn compare(&self) {
        for read in Read::corpus() {
            let direct: Outcome = self.client.direct(&read).await;
            let cached = self.client.cached(&read, u32::MAX).await;
            if cached.result != direct.result {
                self.found(&format!("at rest: {read:?} cached {cached:?}, direct {direct:?}"));
            }
        }
    }

    fn found(&self, what: &str) {
        let mut found = self.found.borrow_mut();
        if found.len() < MOST_FOUND {
            found.push(what.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }

    fn findings(&self) -> String {
        self.found.borrow().join("; ")
    }

    /// In numbers, and words for whoever looks why.
    async fn account(&self) -> String {
        let verified = self.client.verified().await;
        let Counts { reads, exact, failed, writes, outside, ddl, refused, last_error } =
            &self.counts;
        let counts = [reads, exact, failed, writes, outside, ddl, refused].map(Cell::get);
        let further = [self.client.stats().hits, verified.verified, verified.mismatches];
        let numbers: Vec<_> = counts.iter().chain(&further).map(u64::to_string).collect();
        format!("{} {}", numbers.join(" "), last_error.borrow().replace('\n', " "))
    }
}
