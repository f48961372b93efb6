//! How long a hit takes while a million entries that have ended are swept away.
//!
//! Target: none is held up for more than 50 ms.

use std::sync::Arc;

use tokio::time::Instant;

use super::beside::{TASKS, alone, beside, print_head};
use super::place::Place;
use crate::support::shop::{Articles, region};

const BYTES: usize = 1_000;

pub(crate) async fn run<P: Place>() {
    let place = P::start().await;
    let hits = Arc::new(Articles::filled(region(place.store()), TASKS, BYTES).await);
    println!("\n{}: making a million entries that have ended", P::NAME);
    place.run(P::MILLION).await;
    print_head(P::NAME);
    alone("hits alone", &hits).await;
    let began = Instant::now();
    let sweeper = place.store();
    let swept = beside("hits beside the sweep", &hits, sweeper.sweep()).await;
    assert_eq!(swept.expect("a sweep").entries, 1_000_000, "entries that were swept");
    println!("a million entries were swept in {:.1} s", began.elapsed().as_secs_f64());
}
