//! What the proofs share.

mod cut;
mod fixture;
mod hold;
mod hooked;
mod locks;
mod outcome;
mod readers;
mod statements;

use std::future::Future;
use std::time::Duration;

pub(crate) use cut::{Cut, at_every_poll, at_every_poll_of};
pub(crate) use fixture::{Fixture, READ, Rows};
pub(crate) use hold::Hold;
pub(crate) use hooked::{at_first_row, cached_with_hooks, truth_with_hooks};
pub(crate) use locks::CountedLocks;
pub(crate) use outcome::{Outcome, same_three_times};
pub(crate) use readers::Readers;

pub(crate) type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> =
    std::result::Result<T, E>;

/// Longer than anything here takes: who waits this long hangs.
pub(crate) const GUARD: Duration = Duration::from_secs(20);

/// Waits for `work`; an error if it hangs.
pub(crate) async fn within<F: Future>(what: &str, work: F) -> Result<F::Output> {
    tokio::time::timeout(GUARD, work).await.map_err(|_| format!("{what}: hangs").into())
}

/// Lets others run until `holds` does; an error if it never does.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool + Send + Sync) -> Result {
    within(what, async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    })
    .await
}
