//! A lease that is held: renewed while it is needed, given back on every path.

use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;

use super::{Locks, Owner};
use crate::backend::Fence;
use crate::wait::{bounded, sleep};
use crate::{Error, ErrorKind, Result};

/// A held lease.
#[derive(Debug)]
pub(crate) struct Lease {
    locks: Arc<dyn Locks>,
    name: String,
    owner: Owner,
    length: Duration,
    given_back: bool,
}

impl Lease {
    /// Takes the lease `name` if it is free.
    pub(crate) async fn try_acquire(
        locks: &Arc<dyn Locks>,
        name: String,
        length: Duration,
    ) -> Result<Option<Self>> {
        // The guard exists before the request is sent: dropped half-way, it gives back what the
        // store may have granted meanwhile.
        let mut lease = Self {
            locks: Arc::clone(locks),
            name,
            owner: Owner::random(),
            length,
            given_back: false,
        };
        let asking = async { locks.try_acquire(&lease.name, lease.owner, length).await };
        if caught(asking).await? {
            return Ok(Some(lease));
        }
        lease.given_back = true;
        Ok(None)
    }

    /// Runs `work` and renews the lease at every third of its length meanwhile.
    ///
    /// After `limit` it is left to end by itself. Losing it is no reason to stop the work.
    pub(crate) async fn hold<F: Future>(&self, limit: Duration, work: F) -> F::Output {
        while_running(self.renew_for(limit), work).await
    }

    /// What a backend checks before it stores what this lease protects.
    pub(crate) fn fence(&self) -> Fence<'_> {
        Fence { lease: &self.name, owner: self.owner }
    }

    /// Gives the lease back.
    pub(crate) async fn release(mut self) {
        // An error means that the lease ends by itself: nothing to do, nobody to tell.
        let giving = async { self.locks.release(&self.name, self.owner).await };
        if caught(giving).await.is_ok() {
            self.given_back = true;
        }
    }

    async fn renew_for(&self, limit: Duration) {
        let every = self.length / 3;
        let mut held = Duration::ZERO;
        while held < limit {
            sleep(every).await;
            held = held.saturating_add(every);
            // A renewal that takes as long as the lease has come too late anyway.
            let renewal =
                caught(async { self.locks.renew(&self.name, self.owner, self.length).await });
            if matches!(bounded(self.length, renewal).await, Some(Ok(false))) {
                return;
            }
        }
    }
}

/// Resolves when the lease may have become free; never where nobody tells.
pub(crate) fn freed(
    locks: &Arc<dyn Locks>,
    name: &str,
) -> impl Future<Output = ()> + Send + 'static {
    // A panic tells nothing.
    let told = catch_unwind(AssertUnwindSafe(|| locks.freed(name))).ok().flatten();
    async move {
        let told = match told {
            Some(told) => AssertUnwindSafe(told).catch_unwind().await.is_ok(),
            None => false,
        };
        if !told {
            pending::<()>().await;
        }
    }
}

/// Runs `work` and renews all of `leases` meanwhile, as [`Lease::hold`] does for one.
pub(crate) async fn hold_all<F: Future>(leases: &[&Lease], limit: Duration, work: F) -> F::Output {
    while_running(join_all(leases.iter().map(|lease| lease.renew_for(limit))), work).await
}

/// The answer of a lock store; its panic is one more way to fail.
async fn caught<T>(call: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(call).catch_unwind().await.unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::Unavailable, "lease", "the lock store panicked"))
    })
}

/// The output of `work`; `beside` runs for as long as that takes.
async fn while_running<F: Future>(beside: impl Future, work: F) -> F::Output {
    let (mut work, mut beside) = (pin!(work), pin!(beside));
    let mut running = true;
    poll_fn(|context| {
        if let Poll::Ready(output) = work.as_mut().poll(context) {
            return Poll::Ready(output);
        }
        if running {
            running = beside.as_mut().poll(context).is_pending();
        }
        Poll::Pending
    })
    .await
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.given_back {
            // Dropped while somebody panics, a second panic would end the process.
            let abandon = || self.locks.abandon(&self.name, self.owner);
            let _ = catch_unwind(AssertUnwindSafe(abandon));
        }
    }
}
