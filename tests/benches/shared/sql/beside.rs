//! How long hits take while something else is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::support::contest::Peer;
use crate::support::shop::Articles;

/// Who hits, one after the other each: fewer than there are connections.
pub(crate) const TASKS: usize = 4;
/// How long hits run by themselves.
const ALONE: Duration = Duration::from_secs(5);
/// What is too long.
const HELD_UP: Duration = Duration::from_millis(50);

/// Hits that nothing is done beside.
pub(crate) async fn alone(what: &str, hits: &Arc<Articles>) {
    beside(what, hits, sleep(ALONE)).await;
}

/// What stands above the lines.
pub(crate) fn print_head(name: &str) {
    println!("{name:<30} {:>9} {:>9} {:>9} {:>9}   held up", "hits", "median", "99.9 %", "longest");
}

/// What work comes to; tells how long each hit took meanwhile.
pub(crate) async fn beside<T>(
    what: &str,
    hits: &Arc<Articles>,
    work: impl Future<Output = T>,
) -> T {
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
    print(what, &times);
    done
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
