//! Ten thousand tasks that want one value which nobody has.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::first_key;
use crate::peers::Peer;
use crate::rows::Creation;

const TASKS: usize = 10_000;

/// How a stampede went.
#[derive(Debug, Clone, Copy)]
pub struct Stampede {
    pub creations: usize,
    /// How long after the end of the first creation half of the calls, and 99 in 100, had returned.
    pub p50: Duration,
    pub p99: Duration,
}

/// The tasks that are still out, so that who waits for all of them wakes up once.
struct Out(AtomicUsize, Notify);

/// Lets the tasks loose on one cold key.
pub async fn stampede<P: Peer>(
    peer: &Arc<P>,
    round: usize,
    lasts: Duration,
) -> Result<Stampede, Box<dyn Error>> {
    let creation = Creation::lasting(lasts);
    let key = first_key::STAMPEDE + round as u64;
    let out = Arc::new(Out(AtomicUsize::new(TASKS), Notify::new()));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (peer, out) = (Arc::clone(peer), Arc::clone(&out));
            tokio::spawn(async move {
                black_box(peer.ask(key, creation).await);
                let returned = Instant::now();
                if out.0.fetch_sub(1, Ordering::AcqRel) == 1 {
                    out.1.notify_one();
                }
                returned
            })
        })
        .collect();
    out.1.notified().await;
    let ended = creation.ended().ok_or("nothing was created")?;
    let mut over = Vec::with_capacity(TASKS);
    for task in tasks {
        over.push(task.await?.saturating_duration_since(ended));
    }
    over.sort_unstable();
    let [p50, p99] = [500, 990].map(|part| over[(TASKS - 1) * part / 1000]);
    Ok(Stampede { creations: creation.runs(), p50, p99 })
}
