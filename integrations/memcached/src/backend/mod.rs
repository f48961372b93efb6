//! The backend.

mod store;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{
    Answer, Listener, Listening, Put, Stamp, Stored, TagVersion, Taints, Transactional,
};
use dogpile::{Backend, BoxFuture, Capabilities, Locks, Result};

use crate::client::{Client, Want};
use crate::config::{self, MemcachedBackendBuilder};
use crate::keys::Keys;
use crate::lease::MemcachedLocks;
use crate::register::{Change, Shown};
use crate::tags::{Bump, Create, stamped};
use crate::taints::MemcachedTaints;
use crate::turns::Turns;

/// Keeps entries, registers and leases on one memcached, or on several.
///
/// Clones are handles of one backend and share its connections: one to each server, made when it is
/// first needed. What the servers must be like, and what is lost when one fails, is on the
/// [first page](crate).
///
/// ```
/// use dogpile::{Region, minutes};
/// use dogpile_memcached::MemcachedBackend;
///
/// # fn main() -> dogpile::Result<()> {
/// // No server need be there yet.
/// let backend = MemcachedBackend::open("memcached://localhost:11211")?;
/// let region = Region::builder("shop").ttl(minutes(5)).backend(backend).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MemcachedBackend(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) client: Client,
    pub(crate) keys: Keys,
    pub(crate) turns: Turns,
    identity: String,
    max_entry: usize,
}

impl MemcachedBackend {
    /// The backend at `memcached://host:port,host:port/?prefix=shop`. Connects when it is first
    /// asked, and again whenever a connection is lost.
    ///
    /// Ports default to 11211. Parameters: `prefix`, `max_entry`, `connect_timeout` and
    /// `response_timeout`, each as the [builder](MemcachedBackendBuilder) explains it. Every process
    /// must spell the servers alike; their order does not matter.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](dogpile::ErrorKind::Config): the URL is wrong.
    pub fn open(url: &str) -> Result<Self> {
        config::open(&url.parse()?)
    }

    /// A backend on these servers, each as `host` or `host:port`.
    pub fn builder<S: Into<String>>(
        servers: impl IntoIterator<Item = S>,
    ) -> MemcachedBackendBuilder {
        MemcachedBackendBuilder::new(servers.into_iter().map(Into::into).collect())
    }

    pub(crate) fn new(client: Client, keys: Keys, identity: String, max_entry: usize) -> Self {
        Self(Arc::new(Inner { client, keys, turns: Turns::new(), identity, max_entry }))
    }
}

impl Inner {
    async fn read(&self, keys: &[&str], registers: &[&str]) -> Result<Answer> {
        if keys.is_empty() && registers.is_empty() {
            return Ok(Answer::default());
        }
        let mut trip = self.client.trip("read");
        for key in keys {
            trip.get(&self.keys.entry(key)?, Want::Value);
        }
        for register in registers {
            trip.get(&self.keys.register(register)?, Want::Value);
        }
        let mut answers = trip.send().await?;
        let mut answer = Answer {
            entries: Vec::with_capacity(keys.len()),
            versions: Vec::with_capacity(registers.len()),
            tainted: Vec::new(),
        };
        for _ in keys {
            answer.entries.push(answers.item()?.and_then(|item| item.value));
        }
        for place in 0..registers.len() {
            let value = answers.item()?.and_then(|item| item.value);
            let shown = value.map_or(Shown::Nothing, |value| Shown::of(&value));
            if shown == Shown::Tainted {
                answer.tainted.push(place);
            }
            answer.versions.push(match shown {
                Shown::Version(version) => Some(version),
                Shown::Nothing | Shown::Tainted => None,
            });
        }
        Ok(answer)
    }

    async fn remove(&self, keys: &[&str]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut trip = self.client.trip("remove");
        for key in keys {
            trip.delete(&self.keys.entry(key)?, None);
        }
        let mut answers = trip.send().await?;
        keys.iter().try_for_each(|_| answers.outcome().map(drop))
    }
}

#[deny(clippy::missing_trait_methods)]
impl Backend for MemcachedBackend {
    fn kind(&self) -> &'static str {
        "memcached"
    }

    fn identity(&self) -> String {
        self.0.identity.clone()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
            .shared(true)
            .max_name(self.0.keys.max_name())
            .any_name(false)
            .max_entry(self.0.max_entry as u64)
            .leases(true)
            .fences(true)
            .taints(true)
    }

    fn incarnation(&self) -> u64 {
        self.0.client.incarnation()
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(self.0.read(keys, registers))
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        Box::pin(async move {
            let change = Change::new(Create { stamps, life }, stamped(&self.0.keys, stamps))?;
            change.run(&self.0.client).await
        })
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let change = Change::new(Bump { stamps, life }, stamped(&self.0.keys, stamps))?;
            change.run(&self.0.client).await.map(drop)
        })
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(self.0.store(puts, extend, life))
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.0.remove(keys))
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        Some(Arc::new(MemcachedLocks(Arc::clone(&self.0))))
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        Some(Arc::new(MemcachedTaints(Arc::clone(&self.0))))
    }

    fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        None
    }

    /// It tells nobody of anything.
    fn listen(&self, _: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        None
    }
}

impl fmt::Debug for MemcachedBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemcachedBackend").field(&self.0.identity).finish()
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("identity", &self.identity).finish_non_exhaustive()
    }
}
