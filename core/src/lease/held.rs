//! A lease that is held: renewed while it is needed, given back on every path.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::{Locks, Owner};
use crate::Result;
use crate::wait::{bounded, sleep};

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
        if locks.try_acquire(&lease.name, lease.owner, length).await? {
            return Ok(Some(lease));
        }
        lease.given_back = true;
        Ok(None)
    }

    /// Runs `work` and renews the lease at every third of its length meanwhile.
    ///
    /// After `limit` it is left to end by itself. Losing it is no reason to stop the work.
    pub(crate) async fn hold<F: Future>(&self, limit: Duration, work: F) -> F::Output {
        let mut work = pin!(work);
        let mut renewals = pin!(self.renew_for(limit));
        let mut renewing = true;
        poll_fn(|context| {
            if let Poll::Ready(output) = work.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            if renewing {
                renewing = renewals.as_mut().poll(context).is_pending();
            }
            Poll::Pending
        })
        .await
    }

    /// Gives the lease back.
    pub(crate) async fn release(mut self) {
        // An error means that the lease ends by itself: nothing to do, nobody to tell.
        if self.locks.release(&self.name, self.owner).await.is_ok() {
            self.given_back = true;
        }
    }

    async fn renew_for(&self, limit: Duration) {
        let every = self.length / 3;
        let mut held = Duration::ZERO;
        while held < limit {
            sleep(every).await;
            held += every;
            // A renewal that takes as long as the lease has come too late anyway.
            let renewal = self.locks.renew(&self.name, self.owner, self.length);
            if matches!(bounded(self.length, renewal).await, Some(Ok(false))) {
                return;
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.given_back {
            self.locks.abandon(&self.name, self.owner);
        }
    }
}
