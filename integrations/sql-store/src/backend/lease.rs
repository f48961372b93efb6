//! Leases: locks of the server's, or rows with their owner in them, for a time of the server's clock.

use std::sync::Arc;
use std::time::Duration;

use dogpile::{BoxFuture, Locks, Owner, Result};
use tokio::runtime::Handle;

use super::life::millis;
use super::{Inner, Locker};
use crate::error::Done;

/// The leases of a store.
#[derive(Debug, Clone)]
pub(crate) struct SqlLocks(pub(crate) Arc<Inner>);

impl SqlLocks {
    /// Who has the locks, unless leases are rows.
    fn locker(&self) -> Option<&Locker> {
        self.0.locker.as_ref().filter(|locker| !locker.is_pooled())
    }

    async fn acquire(&self, name: &str, owner: Owner, lease: Duration) -> Done<bool> {
        self.0.awake([name].into_iter())?;
        if let Some(locker) = self.locker()
            && let Some(acquired) = locker.acquire(name, owner, lease).await?
        {
            return Ok(acquired);
        }
        self.0.take(name, owner, millis(lease)).await
    }

    async fn extend(&self, name: &str, owner: Owner, lease: Duration) -> Done<bool> {
        self.0.awake([name].into_iter())?;
        if let Some(locker) = self.locker() {
            return locker.renew(name, owner, lease);
        }
        self.0.again(|| self.0.dialect.renew(name, owner, millis(lease))).await
    }

    async fn give_back(&self, name: &str, owner: Owner) -> Done<()> {
        self.0.awake([name].into_iter())?;
        if let Some(locker) = self.locker() {
            return locker.release(name, owner).await;
        }
        self.0.again(|| self.0.dialect.release(name, owner)).await
    }
}

#[deny(clippy::missing_trait_methods)]
impl Locks for SqlLocks {
    fn try_acquire<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let acquired = self.acquire(name, owner, lease).await;
            acquired.map_err(|failure| failure.during("acquire lease"))
        })
    }

    fn renew<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let renewed = self.extend(name, owner, lease).await;
            renewed.map_err(|failure| failure.during("renew lease"))
        })
    }

    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let released = self.give_back(name, owner).await;
            released.map_err(|failure| failure.during("release lease"))
        })
    }

    fn abandon(&self, name: &str, owner: Owner) {
        if let Some(locker) = self.locker() {
            return locker.abandon(name, owner);
        }
        // Where there is no runtime, that of earlier calls; where there was none, the lease was never
        // granted.
        let runtime = Handle::try_current().ok().or_else(|| self.0.runtime());
        let Some(runtime) = runtime else { return };
        let (locks, name) = (self.clone(), name.to_owned());
        runtime.spawn(async move {
            // A lease that cannot be given back ends by itself.
            let _ = locks.give_back(&name, owner).await;
        });
    }

    fn freed(&self, name: &str) -> Option<BoxFuture<'static, ()>> {
        match self.locker() {
            Some(locker) => self.0.freed(&locker.called(name)),
            None => self.0.freed(name),
        }
    }
}
