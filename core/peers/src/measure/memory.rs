//! What an entry takes beside its payload.

use std::error::Error;

use super::first_key;
use crate::peers::Peer;
use crate::rows::Creation;

const ENTRIES: u64 = 1_000_000;

/// Bytes of resident memory per entry. All entries share one payload, so that it does not count.
pub async fn memory<P: Peer>(peer: &P) -> Result<f64, Box<dyn Error>> {
    let creation = Creation::shared();
    // What is set up at the first call is not an entry's.
    peer.ask(first_key::HIT, creation).await;
    let before = resident()?;
    for key in 0..ENTRIES {
        peer.ask(first_key::MEMORY + key, creation).await;
    }
    let after = resident()?;
    let created = creation.runs();
    for key in (0..ENTRIES).step_by(1_000) {
        peer.ask(first_key::MEMORY + key, creation).await;
    }
    if creation.runs() > created + 10 {
        return Err(format!("{} does not hold what it was given", P::NAME).into());
    }
    Ok((after.saturating_sub(before)) as f64 / ENTRIES as f64)
}

fn resident() -> Result<usize, Box<dyn Error>> {
    let memory = memory_stats::memory_stats().ok_or("this system does not tell")?;
    Ok(memory.physical_mem)
}
