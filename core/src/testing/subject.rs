//! A backend under test, and what can be done to it from outside.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep};

use super::outcome::{NotPassed, Outcome, ensure, requires};
use crate::backend::{
    Answer, Backend, BackendExt, Capabilities, Put, Stamp, Stored, TagVersion, Taints,
};
use crate::lease::{BoxFuture, Locks};
use crate::units::{hours, millis, secs};

type Hook = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// A backend under test, and what can be done to it from outside.
///
/// A [`Backend`] converts into one with no hooks, for which the cases that need one do not apply.
///
/// ```
/// use dogpile::ManualClock;
/// use dogpile::backend::MemoryBackend;
/// use dogpile::testing::Subject;
///
/// let clock = ManualClock::new();
/// let backend = MemoryBackend::builder().clock(clock.clone()).build();
/// let lose = backend.clone();
/// let subject = Subject::new(backend.clone())
///     .other(backend)
///     .advance(move |by| clock.advance(by))
///     .lose_registers(move || {
///         lose.forget_registers();
///         std::future::ready(())
///     });
/// ```
pub struct Subject {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) other: Arc<dyn Backend>,
    advance: Option<Box<dyn Fn(Duration) + Send + Sync>>,
    lose_registers: Option<Hook>,
    restart: Option<Hook>,
    prefix: String,
}

impl Subject {
    /// How long things live in cases that are not about their end.
    pub(super) const LIFE: Duration = hours(1);
    /// How long things live that are to end while the case waits for it.
    pub(super) const SHORT: Duration = secs(1);
    /// How long the end of a short life is waited for, and where the clock was moved past it.
    const PATIENCE: (Duration, Duration) = (secs(15), secs(1));

    /// A backend with nothing that can be done to it.
    pub fn new(backend: impl Backend) -> Self {
        let backend = backend.shared();
        Self {
            other: Arc::clone(&backend),
            backend,
            advance: None,
            lose_registers: None,
            restart: None,
            prefix: format!("{:08x}:", rand::random::<u32>()),
        }
    }

    /// A second handle of the same store, over a connection of its own: another process, as it were.
    ///
    /// Default: the first handle again.
    #[must_use]
    pub fn other(mut self, backend: impl Backend) -> Self {
        self.other = backend.shared();
        self
    }

    /// Moves the clock by which the backend ends lives.
    ///
    /// Default: none; lives are short then, and their end is waited for.
    #[must_use]
    pub fn advance(mut self, advance: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.advance = Some(Box::new(advance));
        self
    }

    /// Makes the backend lose all its registers: eviction, FLUSHALL.
    ///
    /// Default: none.
    #[must_use]
    pub fn lose_registers<F>(mut self, lose: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.lose_registers = Some(Box::new(move || Box::pin(lose())));
        self
    }

    /// Restarts the backend in such a way that acknowledged bumps may be lost.
    ///
    /// Default: none.
    #[must_use]
    pub fn restart<F>(mut self, restart: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.restart = Some(Box::new(move || Box::pin(restart())));
        self
    }

    pub(super) fn capabilities(&self) -> Capabilities {
        self.backend.capabilities()
    }

    /// A name that no other case uses.
    pub(super) fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A name that no other case uses, as long as names may be; the last characters are `last`.
    pub(super) fn longest_name(&self, last: &str) -> Outcome<String> {
        let longest = self.capabilities().max_name.unwrap_or(1024);
        let drawn = self.prefix.len() + last.len();
        requires!(longest >= drawn, "names are too short for the suite to draw its own");
        Ok(format!("{}{}{last}", self.prefix, "n".repeat(longest - drawn)))
    }

    pub(super) fn keeps(&self) -> Outcome {
        requires!(self.capabilities().keeps, "the backend keeps nothing");
        Ok(())
    }

    pub(super) fn locks(&self) -> Outcome<Arc<dyn Locks>> {
        let capabilities = self.capabilities();
        requires!(capabilities.leases, "the backend has no leases");
        let locks = self.backend.locks();
        ensure!(locks.is_some(), "the backend says that it has leases, and gives none");
        Ok(locks.into_iter().next().unwrap_or_else(|| Arc::new(crate::LocalLocks::default())))
    }

    pub(super) fn taints(&self) -> Outcome<Arc<dyn Taints>> {
        requires!(self.capabilities().taints, "the backend has no taints");
        let none = "the backend says that it has taints, and gives none";
        self.backend.taints().ok_or_else(|| NotPassed::Failed(none.into()))
    }

    /// Reads, and looks at the lengths of what comes back.
    pub(super) async fn read(&self, keys: &[&str], registers: &[&str]) -> Outcome<Answer> {
        let answer = self.backend.read(keys, registers).await?;
        let lengths = (answer.entries.len(), answer.versions.len());
        let asked = (keys.len(), registers.len());
        ensure!(lengths == asked, "a read of {asked:?} names returned {lengths:?} answers");
        let in_bounds = answer.tainted.iter().all(|place| *place < registers.len());
        ensure!(in_bounds, "of {} registers {:?} are tainted", registers.len(), answer.tainted);
        Ok(answer)
    }

    pub(super) async fn entry(&self, key: &str) -> Outcome<Option<Bytes>> {
        Ok(self.backend.get(key).await?)
    }

    pub(super) async fn version(&self, register: &str) -> Outcome<Option<TagVersion>> {
        Ok(self.backend.version(register).await?)
    }

    /// Stores one entry for [`LIFE`](Self::LIFE).
    pub(super) async fn put(&self, key: &str, bytes: impl Into<Bytes> + Send) -> Outcome {
        self.put_for(key, bytes, Self::LIFE).await
    }

    pub(super) async fn put_for(
        &self,
        key: &str,
        bytes: impl Into<Bytes> + Send,
        life: Duration,
    ) -> Outcome {
        let stored = self.backend.put(key, bytes, life).await?;
        ensure!(stored == Stored::Yes, "an entry was not stored: {stored:?}");
        Ok(())
    }

    /// Gives a register a fresh version for [`LIFE`](Self::LIFE), and returns it.
    pub(super) async fn bump(&self, register: &str) -> Outcome<TagVersion> {
        let version = TagVersion::random();
        self.backend.bump(&[Stamp { register, version }], Self::LIFE).await?;
        Ok(version)
    }

    /// Proposes a fresh version for a register; returns what was proposed and what holds.
    pub(super) async fn create(
        &self,
        register: &str,
        life: Duration,
    ) -> Outcome<(TagVersion, TagVersion)> {
        let version = TagVersion::random();
        let holds = self.backend.create(&[Stamp { register, version }], life).await?;
        ensure!(holds.len() == 1, "a create of 1 register returned {} versions", holds.len());
        let holds = holds[0].unwrap_or(TagVersion(0));
        ensure!(holds != TagVersion(0), "a create left a register without a version");
        Ok((version, holds))
    }

    pub(super) async fn store(&self, puts: &[Put<'_>], extend: &[&str]) -> Outcome<Vec<Stored>> {
        let stored = self.backend.store(puts, extend, Self::LIFE).await?;
        ensure!(
            stored.len() == puts.len(),
            "a store of {} entries returned {} answers",
            puts.len(),
            stored.len()
        );
        Ok(stored)
    }

    /// Moves the clock; says whether there is one to be moved.
    pub(super) fn advance_clock(&self, by: Duration) -> bool {
        self.advance.as_ref().is_some_and(|advance| {
            advance(by);
            true
        })
    }

    pub(super) async fn lose(&self) -> Outcome {
        requires!(self.lose_registers.is_some(), "no hook to lose registers was given");
        if let Some(lose) = &self.lose_registers {
            lose().await;
        }
        Ok(())
    }

    pub(super) async fn restart_now(&self) -> Outcome {
        requires!(self.restart.is_some(), "no hook to restart the backend was given");
        if let Some(restart) = &self.restart {
            restart().await;
        }
        Ok(())
    }

    /// Whether `gone` comes true not much later than [`SHORT`](Self::SHORT) from now.
    pub(super) async fn ends<F>(&self, mut gone: impl FnMut() -> F + Send) -> Outcome<bool>
    where
        F: Future<Output = Outcome<bool>> + Send,
    {
        // A little more than twice as long: some servers count whole seconds.
        let moved = self.advance_clock(2 * Self::SHORT + secs(1));
        let patience = if moved { Self::PATIENCE.1 } else { Self::PATIENCE.0 };
        let began = Instant::now();
        while !gone().await? {
            if began.elapsed() > patience {
                return Ok(false);
            }
            sleep(millis(20)).await;
        }
        Ok(true)
    }
}

impl<B: Backend> From<B> for Subject {
    fn from(backend: B) -> Self {
        Self::new(backend)
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("backend", &self.backend).finish_non_exhaustive()
    }
}
