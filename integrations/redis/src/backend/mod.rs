//! The backend.

mod entries;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{
    Answer, Listener, Listening, Put, Stamp, Stored, TagVersion, Taints, Transactional,
};
use dogpile::{Backend, BoxFuture, Capabilities, Locks, Result};
use tokio::runtime::Handle;

use crate::client::{Client, Lineage};
use crate::config::RedisBackendBuilder;
use crate::keys::Keys;
use crate::lease::RedisLocks;
use crate::push::Subscriber;
use crate::tags;
use crate::taints::RedisTaints;

/// Keeps entries, registers, leases and taints on Redis or Valkey: one server, the primary that
/// sentinels name, or a cluster.
///
/// Cheap to clone; clones share one connection to each server. See the [crate](crate) for URLs,
/// for the settings of servers, and for what is lost when what fails.
///
/// ```no_run
/// use dogpile::{Region, minutes};
/// use dogpile_redis::RedisBackend;
///
/// # async fn example() -> dogpile::Result<()> {
/// let backend = RedisBackend::open("redis://cache:6379")?;
/// let region = Region::builder("shop").ttl(minutes(5)).backend(backend).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RedisBackend(Arc<Store>);

/// What the backend, its leases and its taints share.
pub(crate) struct Store {
    pub(crate) client: Client,
    pub(crate) keys: Keys,
    pub(crate) identity: String,
    pub(crate) lineage: Arc<Lineage>,
    /// Whether everybody is told of what is invalidated here.
    pub(crate) pushes: bool,
}

impl RedisBackend {
    /// What the server takes as one string, unless it was told otherwise (`proto-max-bulk-len`).
    const MAX_ENTRY: u64 = 512 * 1024 * 1024;

    pub(crate) fn new(store: Store) -> Self {
        Self(Arc::new(store))
    }

    /// A backend at a [URL](crate#urls) that connects when it is first asked: a region can be built
    /// while the servers are down.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](dogpile::ErrorKind::Config): the URL is wrong.
    pub fn open(url: &str) -> Result<Self> {
        Self::builder(url)?.open()
    }

    /// A backend at a [URL](crate#urls) that is connected.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`ErrorKind::Unavailable`](dogpile::ErrorKind::Unavailable): the
    /// servers could not be reached.
    ///
    /// # Cancel safety
    ///
    /// Dropping it may leave a connection that is closed soon after.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::builder(url)?.connect().await
    }

    /// A backend at a [URL](crate#urls) whose settings are given.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](dogpile::ErrorKind::Config): the URL is wrong.
    pub fn builder(url: &str) -> Result<RedisBackendBuilder> {
        RedisBackendBuilder::from_url(&url.parse()?)
    }

    /// Connects, if it is not connected.
    pub(crate) async fn connected(&self) -> Result<()> {
        let connected = self.0.client.connect().await;
        connected.map_err(|failure| failure.during("connect backend"))
    }
}

#[deny(clippy::missing_trait_methods)]
impl Backend for RedisBackend {
    fn kind(&self) -> &'static str {
        "redis"
    }

    fn identity(&self) -> String {
        self.0.identity.clone()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
            .shared(true)
            .max_entry(Self::MAX_ENTRY)
            .one_trip(matches!(self.0.client, Client::One(_)))
            .leases(true)
            .fences(true)
            .taints(true)
            .pushes(self.0.pushes)
    }

    fn incarnation(&self) -> u64 {
        self.0.lineage.incarnation()
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let answer = self.0.read(keys, registers).await;
            answer.map_err(|failure| failure.during("read"))
        })
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        Box::pin(async move {
            let created = tags::create(&self.0.client, &self.0.keys, stamps, life).await;
            created.map_err(|failure| failure.during("create"))
        })
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let bumped = tags::bump(&self.0, stamps, life).await;
            bumped.map_err(|failure| failure.during("bump"))
        })
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async move {
            let stored = self.0.store(puts, extend, life).await;
            stored.map_err(|failure| failure.during("store"))
        })
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let removed = self.0.remove(keys).await;
            removed.map_err(|failure| failure.during("remove"))
        })
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        Some(Arc::new(RedisLocks(Arc::clone(&self.0))))
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        Some(Arc::new(RedisTaints(Arc::clone(&self.0))))
    }

    fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        None
    }

    /// Takes a connection and a task of its own. Outside of a runtime it takes that of the other
    /// connections; where there are none either, nobody listens (`None`). A runtime that ends is a
    /// loss after which nothing begins again.
    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        let runtime = Handle::try_current().ok().or_else(|| self.0.client.runtime());
        let runtime = runtime.filter(|_| self.0.pushes)?;
        Some(Box::new(Subscriber::spawn(&runtime, Arc::clone(&self.0), listener)))
    }
}

impl fmt::Debug for RedisBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisBackend")
            .field("identity", &self.0.identity)
            .field("incarnation", &self.incarnation())
            .finish()
    }
}
