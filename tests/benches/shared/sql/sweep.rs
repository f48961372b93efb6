//! How long a hit takes while a million entries that have ended are swept away.
//!
//! Target: none is held up for more than 50 ms.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::place::Place;
use crate::support::contest::Peer;
use crate::support::shop::{Articles, region};

/// Who hits, one after the other each: fewer than there are connections.
const TASKS: usize = 4;
const BYTES: usize = 1_000;
/// How long hits run by themselves.
const ALONE: Duration = Duration::from_secs(5);
/// What is too long.
const HELD_UP: Duration = Duration::from_millis(50);

pub(crate) async fn run<P: Place>() {
    let place = P::start().await;
    let hits = Arc::new(Articles::filled(region(place.store()), TASKS, BYTES).await);
    println!("\n{}: making a million entries that have ended", P::NAME);
    place.run(P::MILLION).await;
    println!(
        "{:<30} {:>9} {:>9} {:>9} {:>9}   held up",
        P::NAME,
        "hits",
        "median",
        "99.9 %",
        "longest"
    );
    let (_, alone) = beside(&hits, sleep(ALONE)).await;
    print("hits alone", &alone);
    let began = Instant::now();
    let sweeper = place.store();
    let (swept, beside) = beside(&hits, sweeper.sweep()).await;
    let swept = swept.expect("a sweep").entries;
    assert_eq!(swept, 1_000_000, "entries that were swept");
    print("hits beside the sweep", &beside);
    println!("a million entries were swept in {:.1} s", began.elapsed().as_secs_f64());
}

/// What work comes to, and how long each hit took meanwhile.
async fn beside<T>(hits: &Arc<Articles>, work: impl Future<Output = T>) -> (T, Vec<Duration>) {
    let over = Arc::new(AtomicBool::new(false));
    let mut running = JoinSet::new();
    for task in 0..TASKS {
        let (hits, over) = (Arc::clone(hits), Arc::clone(&over));
        running.spawn(async move {
            let mut times = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let began = Instant::now();
                hits.hit(task).await;
                times.push(began.elapsed());
            }
            times
        });
    }
    let done = work.await;
    over.store(true, Ordering::Relaxed);
    let mut times = running.join_all().await.concat();
    times.sort_unstable();
    (done, times)
}

fn print(what: &str, times: &[Duration]) {
    let at = |thousandth: usize| times[(times.len() - 1) * thousandth / 1_000].as_secs_f64() * 1e3;
    let held_up = times.iter().filter(|time| **time > HELD_UP).count();
    println!(
        "{what:<30} {:>9} {:>9.2} {:>9.2} {:>9.2}   {held_up} for more than {HELD_UP:?} (all in ms)",
        times.len(),
        at(500),
        at(999),
        at(1_000),
    );
}
