//! Leases: a key with its owner in it, for a time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dogpile::{BoxFuture, Locks, Owner, Result};
use redis::Value;
use tokio::runtime::Handle;

use crate::backend::Store;
use crate::client::Command;
use crate::error::{Done, Failure};
use crate::scripts;
use crate::tags::is_one;

#[derive(Clone)]
pub(crate) struct RedisLocks(pub(crate) Arc<Store>);

impl RedisLocks {
    async fn acquire(&self, name: &str, owner: Owner, lease: Duration) -> Done<bool> {
        let Store { client, keys, .. } = &*self.0;
        let set = Command::plain("SET", keys.lease(name)).token(owner.0);
        match client.ask(set.arg("NX").arg("PX").life(lease)).await? {
            Value::Okay => Ok(true),
            Value::Nil => Ok(false),
            _ => Err(Failure::unexpected()),
        }
    }

    async fn extend(&self, name: &str, owner: Owner, lease: Duration) -> Done<bool> {
        let Store { client, keys, .. } = &*self.0;
        let renew = Command::script(&scripts::LEASE_RENEW, &[keys.lease(name)]);
        is_one(&client.ask(renew.token(owner.0).life(lease)).await?)
    }

    async fn give_back(&self, name: &str, owner: Owner) -> Done<()> {
        let Store { client, keys, .. } = &*self.0;
        let release = Command::script(&scripts::LEASE_RELEASE, &[keys.lease(name)]);
        is_one(&client.ask(release.token(owner.0)).await?).map(drop)
    }
}

#[deny(clippy::missing_trait_methods)]
impl Locks for RedisLocks {
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
        // Where there is no runtime, that of the connection; where there is none either, the lease
        // was hardly granted, and ends by itself.
        let runtime = Handle::try_current().ok().or_else(|| self.0.client.runtime());
        let Some(runtime) = runtime else { return };
        let (locks, name) = (self.clone(), name.to_owned());
        runtime.spawn(async move {
            let _ = locks.give_back(&name, owner).await;
        });
    }

    /// Nobody tells.
    fn freed(&self, _: &str) -> Option<BoxFuture<'static, ()>> {
        None
    }
}

impl fmt::Debug for RedisLocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisLocks").field(&self.0.identity).finish()
    }
}
