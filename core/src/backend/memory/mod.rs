//! The reference backend: bytes in this process.

mod builder;
mod entries;
mod listeners;
mod registers;
mod taints;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use builder::MemoryBackendBuilder;
use entries::Entries;
use listeners::Listeners;
use registers::{Registers, Shown};

use super::{
    Answer, Backend, Capabilities, Listener, Listening, Put, Stamp, Stored, TagVersion, Taints,
    Transactional,
};
use crate::clock::{Clock, Tick};
use crate::error::Result;
use crate::lease::{BoxFuture, LocalLocks, Locks};

/// Keeps entries, registers and leases in the memory of this process, within bounds.
///
/// Clones are handles of one store. It does all that a backend can do within one process, and so
/// it is what the other backends are compared with, and what tests run on: its clock can be
/// [given](MemoryBackendBuilder::clock), and it can lose what it has ([`forget_registers`],
/// [`clear`], [`restart`]).
///
/// An entry larger than [`Capabilities::max_entry`] is [`Stored::TooLarge`], and whatever was
/// stored under its name is left as it was. No call waits for anything.
///
/// ```
/// use dogpile::backend::{BackendExt, MemoryBackend};
/// use dogpile::minutes;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> dogpile::Result<()> {
/// let backend = MemoryBackend::new();
/// backend.put("greeting", "hello", minutes(5)).await?;
/// assert_eq!(backend.clone().get("greeting").await?.as_deref(), Some(&b"hello"[..]));
/// # Ok(()) }
/// ```
///
/// [`forget_registers`]: Self::forget_registers
/// [`clear`]: Self::clear
/// [`restart`]: Self::restart
#[derive(Clone)]
pub struct MemoryBackend(Arc<Store>);

struct Store {
    id: u64,
    entries: Entries,
    registers: Registers,
    leases: Arc<LocalLocks>,
    listeners: Listeners,
    clock: Arc<dyn Clock>,
    incarnation: AtomicU64,
}

impl MemoryBackend {
    /// The longest name that it says it takes, in bytes.
    const MAX_NAME: usize = 1024;

    /// A store of its own, of 64 MiB.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A store whose bounds and clock are given.
    pub fn builder() -> MemoryBackendBuilder {
        MemoryBackendBuilder::default()
    }

    fn with(capacity: u64, registers: usize, clock: Arc<dyn Clock>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(Arc::new(Store {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            entries: Entries::new(capacity),
            registers: Registers::new(registers, Arc::clone(&clock)),
            leases: Arc::new(LocalLocks::new(Arc::clone(&clock))),
            listeners: Listeners::default(),
            clock,
            incarnation: AtomicU64::new(0),
        }))
    }

    /// How many entries are held, ended ones included until somebody asks for them.
    pub fn entries(&self) -> usize {
        self.0.entries.len()
    }

    /// What the entries weigh together, in bytes: each its bytes, its name and 96 for its upkeep.
    pub fn weight(&self) -> u64 {
        self.0.entries.weight()
    }

    /// How many registers are held, ended ones included until somebody asks for them.
    pub fn registers(&self) -> usize {
        self.0.registers.len()
    }

    /// How many leases are held, ended ones included until somebody asks for them.
    pub fn leases(&self) -> usize {
        self.0.leases.len()
    }

    /// Loses every register, as any backend may at any time; entries and leases stay. For tests.
    pub fn forget_registers(&self) {
        self.0.registers.clear();
    }

    /// Loses everything, and does not say so: a FLUSHALL. For tests.
    pub fn clear(&self) {
        self.0.entries.clear();
        self.0.registers.clear();
        self.0.leases.clear();
    }

    /// Loses everything and changes the incarnation: a restart. For tests.
    pub fn restart(&self) {
        self.0.incarnation.fetch_add(1, Ordering::SeqCst);
        self.clear();
        self.0.listeners.lost();
    }
}

impl Store {
    fn store(&self, put: &Put<'_>, now: Tick) -> Stored {
        let insert = || self.entries.insert(put.key, &put.bytes, now.after(put.life));
        match put.fence {
            None => insert(),
            Some(fence) => {
                self.leases.while_held(fence.lease, fence.owner, insert).unwrap_or(Stored::Fenced)
            }
        }
    }
}

#[deny(clippy::missing_trait_methods)]
impl Backend for MemoryBackend {
    fn kind(&self) -> &'static str {
        "memory"
    }

    fn identity(&self) -> String {
        format!("memory:{}", self.0.id)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
            .max_name(Self::MAX_NAME)
            .max_entry(self.0.entries.largest(Self::MAX_NAME))
            .leases(true)
            .fences(true)
            .pushes(true)
            .taints(true)
    }

    fn incarnation(&self) -> u64 {
        self.0.incarnation.load(Ordering::SeqCst)
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let now = self.0.clock.now();
            let entries = keys.iter().map(|key| self.0.entries.get(key, now)).collect();
            let shown: Vec<Shown> =
                registers.iter().map(|name| self.0.registers.get(name)).collect();
            let tainted = (0..shown.len()).filter(|i| shown[*i] == Shown::Tainted).collect();
            let versions = shown.into_iter().map(Shown::version).collect();
            Ok(Answer { entries, versions, tainted })
        })
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        Box::pin(async move {
            Ok(stamps.iter().map(|stamp| self.0.registers.create(stamp, life)).collect())
        })
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for stamp in stamps {
                self.0.registers.bump(stamp, life);
                self.0.listeners.moved(stamp.register);
            }
            Ok(())
        })
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async move {
            let now = self.0.clock.now();
            extend.iter().for_each(|name| self.0.registers.extend(name, life));
            Ok(puts.iter().map(|put| self.0.store(put, now)).collect())
        })
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            keys.iter().for_each(|key| self.0.entries.remove(key));
            Ok(())
        })
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        Some(Arc::clone(&self.0.leases) as Arc<dyn Locks>)
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        Some(Arc::new(self.clone()))
    }

    fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        None
    }

    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        Some(Box::new(self.0.listeners.add(listener)))
    }
}

impl Default for MemoryBackend {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBackend")
            .field("id", &self.0.id)
            .field("entries", &self.entries())
            .field("weight", &self.weight())
            .field("registers", &self.registers())
            .finish()
    }
}
