//! Hits and misses, one after another in one task.

use std::hint::black_box;

use cpu_time::ProcessTime;
use tokio::task::unconstrained;

use super::first_key;
use crate::peers::Peer;
use crate::rows::Creation;

const HITS: u32 = 200_000;
/// How many keys are asked for together.
const TOGETHER: u64 = 100;
const MISSES: u32 = 5_000;

/// Nanoseconds of one hit among `keys` keys, taken in no useful order.
pub async fn hits<P: Peer>(peer: &P, keys: u64) -> f64 {
    let creation = Creation::own();
    for key in 0..keys {
        peer.ask(first_key::HIT + key, creation).await;
    }
    let created = creation.runs();
    let mut key = 0;
    let nanos = nanos_each(HITS, async || {
        key = (key + 7_919) % keys;
        black_box(peer.ask(black_box(first_key::HIT + key), creation).await);
    });
    let nanos = nanos.await;
    assert_eq!(creation.runs(), created, "{}: not all were hits", P::NAME);
    nanos
}

/// Nanoseconds of 100 hits that are asked for together.
pub async fn hits_together<P: Peer>(peer: &P) -> f64 {
    let creation = Creation::own();
    let keys = first_key::HIT..first_key::HIT + TOGETHER;
    peer.ask_all(keys.clone(), creation).await;
    let created = creation.runs();
    let nanos = nanos_each(HITS / 100, async || {
        peer.ask_all(black_box(keys.clone()), creation).await;
    });
    let nanos = nanos.await;
    assert_eq!(creation.runs(), created, "{}: not all were hits", P::NAME);
    nanos
}

/// Nanoseconds of one miss whose creation takes no time.
pub async fn misses<P: Peer>(peer: &P, round: usize) -> f64 {
    let creation = Creation::shared();
    let mut key = first_key::MISS + round as u64 * u64::from(MISSES);
    let nanos = nanos_each(MISSES, async || {
        black_box(peer.ask(black_box(key), creation).await);
        key += 1;
    });
    let nanos = nanos.await;
    assert_eq!(creation.runs(), MISSES as usize, "{}: not all were misses", P::NAME);
    nanos
}

/// The time of all this process's threads, so that what else the machine does counts little.
async fn nanos_each(count: u32, mut work: impl AsyncFnMut()) -> f64 {
    let begun = ProcessTime::now();
    unconstrained(async {
        for _ in 0..count {
            work().await;
        }
    })
    .await;
    begun.elapsed().as_secs_f64() * 1e9 / f64::from(count)
}
