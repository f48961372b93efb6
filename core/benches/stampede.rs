//! How long the tasks of a stampede wait beyond the creation they wait for.
//!
//! Target: at most 5 ms for 99 of 100 among 10,000 tasks on two cores.

#![expect(clippy::print_stdout, reason = "a bench tells its figures on the standard output")]

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use dogpile::{Error, Region, Tags, millis, minutes};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

const TASKS: usize = 10_000;
const ROUNDS: usize = 25;
const CREATION: Duration = millis(100);

type Rows = Vec<(i64, String)>;

fn rows() -> Rows {
    (0..10).map(|i| (i, format!("row {i}"))).collect()
}

/// What a stampede is let loose on.
enum Peer {
    Region(Region, Tags),
    /// The least that waking so many tasks costs: one signal, no map, no timer, no leaving.
    Signal(tokio::sync::watch::Sender<bool>),
}

impl Peer {
    async fn ask(&self, round: usize, created: &OnceLock<Instant>) {
        match self {
            Self::Region(region, tags) => {
                let create = async || {
                    sleep(CREATION).await;
                    let rows = rows();
                    assert!(created.set(Instant::now()).is_ok(), "created twice");
                    Ok::<_, Error>(rows)
                };
                let entry = region.entry(("orders", round)).tags(tags);
                black_box(entry.get_or_create(create).await.is_ok());
            }
            Self::Signal(signal) => {
                let mut signal = signal.subscribe();
                black_box(signal.wait_for(|landed| *landed).await.is_ok());
            }
        }
    }

    /// Ends what is not ended by a creator.
    async fn signal(&self, created: &OnceLock<Instant>) {
        if let Self::Signal(signal) = self {
            sleep(CREATION).await;
            assert!(created.set(Instant::now()).is_ok(), "created twice");
            signal.send_replace(true);
        }
    }

    /// Makes ready for the next round.
    fn reset(&self) {
        if let Self::Signal(signal) = self {
            signal.send_replace(false);
        }
    }
}

/// The tasks that are still out, so that who waits for all of them wakes up once.
struct Out(AtomicUsize, Notify);

impl Out {
    fn back(&self) {
        if self.0.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.1.notify_one();
        }
    }
}

/// How long after the end of the creation each task's call returned, in order.
async fn stampede(peer: &Arc<Peer>, round: usize) -> Vec<Duration> {
    let created = Arc::new(OnceLock::new());
    let out = Arc::new(Out(AtomicUsize::new(TASKS), Notify::new()));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (peer, created, out) = (Arc::clone(peer), Arc::clone(&created), Arc::clone(&out));
            tokio::spawn(async move {
                peer.ask(round, &created).await;
                let returned = Instant::now();
                out.back();
                returned
            })
        })
        .collect();
    peer.signal(&created).await;
    out.1.notified().await;
    peer.reset();
    let mut over = Vec::with_capacity(TASKS);
    for task in tasks {
        match (task.await, created.get()) {
            (Ok(returned), Some(created)) => over.push(returned - *created),
            (returned, _) => panic!("no creation, or {returned:?}"),
        }
    }
    over.sort_unstable();
    over
}

/// The point that so many of a thousand do not go beyond.
fn at(over: &[Duration], part: usize) -> Duration {
    over[(over.len() - 1) * part / 1000]
}

fn report(name: &str, mut rounds: Vec<Vec<Duration>>) {
    rounds.sort_by_key(|over| at(over, 990));
    for (which, over) in [("best", &rounds[0]), ("median", &rounds[rounds.len() / 2])] {
        let [p50, p99, max] = [500, 990, 1000].map(|part| at(over, part));
        println!("{name:12} {which:7} p50 {p50:>9.2?}   p99 {p99:>9.2?}   max {max:>9.2?}");
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let region = Region::builder("bench").ttl(minutes(60)).build()?;
    let tags = ["orders", "customers"].into_iter().collect::<Tags>().prepared();
    let signal = Arc::new(Peer::Signal(tokio::sync::watch::Sender::new(false)));
    let region = Arc::new(Peer::Region(region, tags));
    let (mut of_signal, mut of_region) = (Vec::new(), Vec::new());
    println!("{TASKS} tasks, creation {CREATION:?}, {ROUNDS} rounds: time beyond the creation");
    for round in 0..ROUNDS {
        of_signal.push(stampede(&signal, round).await);
        of_region.push(stampede(&region, round).await);
    }
    report("bare signal", of_signal);
    report("region", of_region);
    Ok(())
}
