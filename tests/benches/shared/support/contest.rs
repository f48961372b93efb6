//! Peers that take turns, so that whatever else the machine does befalls all of them alike.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::stats::Spread;

/// How long each peer is measured in each round.
const SLICE: Duration = Duration::from_millis(100);

/// One of those who are compared.
pub(crate) trait Peer: Send + Sync + 'static {
    /// One operation of one of the tasks.
    fn hit(&self, task: usize) -> impl Future<Output = ()> + Send;
}

/// What a peer did in one slice.
#[derive(Debug, Clone, Copy)]
struct Slice {
    operations: f64,
    seconds: f64,
    /// What this process spent on it, on all cores.
    processor: f64,
}

type Turn = Pin<Box<dyn Future<Output = Slice> + Send>>;

struct Entrant {
    name: &'static str,
    turn: Box<dyn Fn() -> Turn + Send + Sync>,
    slices: Vec<Slice>,
}

/// Peers and the number of their tasks.
pub(crate) struct Contest {
    title: &'static str,
    tasks: usize,
    entrants: Vec<Entrant>,
}

impl Contest {
    pub(crate) const fn new(title: &'static str, tasks: usize) -> Self {
        Self { title, tasks, entrants: Vec::new() }
    }

    /// Adds a peer; all others are compared with the first.
    pub(crate) fn with(mut self, name: &'static str, peer: impl Peer) -> Self {
        let (peer, tasks) = (Arc::new(peer), self.tasks);
        let turn = Box::new(move || Box::pin(slice(Arc::clone(&peer), tasks)) as Turn);
        self.entrants.push(Entrant { name, turn, slices: Vec::new() });
        self
    }

    /// Lets them take turns, and prints how they did.
    pub(crate) async fn run(mut self, rounds: usize) {
        for entrant in &self.entrants {
            (entrant.turn)().await;
        }
        let peers = self.entrants.len();
        for round in 0..rounds {
            for place in 0..peers {
                // Nobody always comes after the same one.
                let place = if round % 2 == 0 { place } else { peers - 1 - place };
                let entrant = &mut self.entrants[(round / 2 + place) % peers];
                let slice = (entrant.turn)().await;
                entrant.slices.push(slice);
            }
        }
        self.print(rounds);
    }

    fn print(&self, rounds: usize) {
        let Self { title, tasks, entrants } = self;
        println!("\n{title}: {tasks} tasks, {rounds} rounds of {SLICE:?} each in turn");
        println!(
            "{:<44} {:>10} {:>12} {:>12}   of the first, by round (half of them)",
            "", "ops/s", "us, wall", "us, cpu"
        );
        let Some(first) = entrants.first() else { return };
        for Entrant { name, slices, .. } in entrants {
            let rates = Spread::of(slices.iter().map(Slice::rate));
            let cpu = Spread::of(slices.iter().map(|slice| slice.processor / slice.operations));
            let pairs = slices.iter().zip(&first.slices);
            let ratio = Spread::of(pairs.map(|(own, first)| own.rate() / first.rate()));
            println!(
                "{name:<44} {:>10.0} {:>12.3} {:>12.3}   {:.3} ({:.3} to {:.3})",
                rates.median,
                1e6 / rates.median,
                1e6 * cpu.median,
                ratio.median,
                ratio.low,
                ratio.high,
            );
        }
    }
}

impl Slice {
    fn rate(&self) -> f64 {
        self.operations / self.seconds
    }
}

/// Lets all tasks of a peer run for the time of a slice.
async fn slice<P: Peer>(peer: Arc<P>, tasks: usize) -> Slice {
    let over = Arc::new(AtomicBool::new(false));
    let (began, spent) = (Instant::now(), processor_seconds());
    let mut running = JoinSet::new();
    for task in 0..tasks {
        let (peer, over) = (Arc::clone(&peer), Arc::clone(&over));
        running.spawn(async move {
            let mut operations = 0_u32;
            // A look at the time, or a rest, at each of them would cost more than some of them do.
            while !over.load(Ordering::Relaxed) {
                for _ in 0..16 {
                    peer.hit(task).await;
                }
                operations += 16;
            }
            f64::from(operations)
        });
    }
    // Not by a timer of the runtime: operations that never rest may keep all of its threads from it.
    let watch = std::thread::spawn(move || {
        std::thread::sleep(SLICE);
        over.store(true, Ordering::Relaxed);
    });
    let operations = running.join_all().await.into_iter().sum();
    let seconds = began.elapsed().as_secs_f64();
    watch.join().expect("the watch of a slice");
    Slice { operations, seconds, processor: processor_seconds() - spent }
}

/// What the threads of this process have had of the processors; zero where Linux does not say it.
fn processor_seconds() -> f64 {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return 0.0 };
    let nanos = threads.flatten().filter_map(|thread| {
        let told = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        told.split(' ').next()?.parse::<f64>().ok()
    });
    nanos.sum::<f64>() / 1e9
}
