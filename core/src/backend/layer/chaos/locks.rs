//! The calls of its leases, disturbed.

use std::sync::Arc;
use std::time::Duration;

use super::{Chaos, Operation};
use crate::error::Result;
use crate::lease::{BoxFuture, Locks, Owner};

#[derive(Debug)]
pub(super) struct ChaosLocks {
    pub(super) inner: Arc<dyn Locks>,
    pub(super) chaos: Chaos,
}

#[deny(clippy::missing_trait_methods)]
impl Locks for ChaosLocks {
    fn try_acquire<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        let call = async move { self.inner.try_acquire(name, owner, lease).await };
        Box::pin(self.chaos.disturb(Operation::Acquire, call))
    }

    fn renew<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        let call = async move { self.inner.renew(name, owner, lease).await };
        Box::pin(self.chaos.disturb(Operation::Renew, call))
    }

    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> BoxFuture<'a, Result<()>> {
        // Begun when its turn has come: some stores release as soon as they are called.
        let call = async move { self.inner.release(name, owner).await };
        Box::pin(self.chaos.disturb(Operation::Release, call))
    }

    fn abandon(&self, name: &str, owner: Owner) {
        if !self.chaos.fails(Operation::Abandon) {
            self.inner.abandon(name, owner);
        }
    }

    fn freed(&self, name: &str) -> Option<BoxFuture<'static, ()>> {
        self.inner.freed(name)
    }
}
