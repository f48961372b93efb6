//! How long a hit takes while a million tokens are folded, a thousand of them under a tag of its own.
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
    println!("\n{}: making a million tokens", P::NAME);
    place.run(P::TOKENS).await;
    // Behind the tokens: they are part of the versions.
    let hits = Arc::new(Articles::filled(region(place.store()), TASKS, BYTES).await);
    print_head(P::NAME);
    alone("hits alone, on 1,000 tokens", &hits).await;
    let began = Instant::now();
    let folder = place.store();
    let folded = beside("hits beside the fold", &hits, folder.fold()).await;
    assert_eq!(folded.expect("a fold").tokens, 1_000_000, "tokens that were folded");
    println!("a million tokens were folded in {:.1} s", began.elapsed().as_secs_f64());
    alone("hits alone, on none", &hits).await;
}
