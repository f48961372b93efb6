//! Leases: an item that is added by who finds none, and compared before anybody touches it.

use std::sync::Arc;
use std::time::Duration;

use dogpile::{BoxFuture, Locks, Owner, Result};

use crate::backend::Inner;
use crate::client::{Cas, Condition, Item, Outcome, Want};
use crate::keys::Key;
use crate::life::Ttl;

/// The leases of a backend.
#[derive(Debug, Clone)]
pub(crate) struct MemcachedLocks(pub(crate) Arc<Inner>);

/// The value of a lease.
pub(crate) fn value(owner: Owner) -> [u8; 16] {
    owner.0.to_le_bytes()
}

/// Whether `owner` holds the lease that was read.
pub(crate) fn is_held_by(item: Option<&Item>, owner: Owner) -> bool {
    item.is_some_and(|item| item.value.as_deref() == Some(&value(owner)[..]))
}

impl MemcachedLocks {
    /// What to compare with, if `owner` holds the lease.
    async fn held(
        &self,
        operation: &'static str,
        key: &Key<'_>,
        owner: Owner,
    ) -> Result<Option<Cas>> {
        let mut trip = self.0.client.trip(operation);
        trip.get(key, Want::All);
        let item = trip.send().await?.item()?;
        item.filter(|item| is_held_by(Some(item), owner)).map(|item| item.cas()).transpose()
    }

    /// Writes the owner into the lease.
    async fn write(
        &self,
        operation: &'static str,
        key: &Key<'_>,
        (owner, lease): (Owner, Duration),
        condition: Condition,
    ) -> Result<bool> {
        let mut trip = self.0.client.trip(operation);
        trip.set(key, &value(owner), Ttl::finite(lease), condition);
        Ok(trip.send().await?.outcome()? == Outcome::Done)
    }

    async fn give_back(&self, name: &str, owner: Owner) -> Result<()> {
        const OPERATION: &str = "release lease";
        let key = self.0.keys.lease(name)?;
        if let Some(cas) = self.held(OPERATION, &key, owner).await? {
            let mut trip = self.0.client.trip(OPERATION);
            trip.delete(&key, Some(cas));
            trip.send().await?.outcome()?;
        }
        Ok(())
    }
}

#[deny(clippy::missing_trait_methods)]
impl Locks for MemcachedLocks {
    fn try_acquire<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let key = self.0.keys.lease(name)?;
            self.write("acquire lease", &key, (owner, lease), Condition::Absent).await
        })
    }

    fn renew<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            const OPERATION: &str = "renew lease";
            let key = self.0.keys.lease(name)?;
            let Some(cas) = self.held(OPERATION, &key, owner).await? else { return Ok(false) };
            self.write(OPERATION, &key, (owner, lease), Condition::Unchanged(cas)).await
        })
    }

    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.give_back(name, owner))
    }

    fn abandon(&self, name: &str, owner: Owner) {
        let (locks, name) = (self.clone(), name.to_owned());
        self.0.client.spawn(async move {
            // A lease that cannot be given back ends by itself.
            let _ = locks.give_back(&name, owner).await;
        });
    }

    /// Nobody tells.
    fn freed(&self, _: &str) -> Option<BoxFuture<'static, ()>> {
        None
    }
}
