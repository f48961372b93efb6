//! What a read may see of bumps, one after the other and all at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

use super::super::outcome::{NotPassed, Outcome, ensure};
use super::super::subject::Subject;
use crate::backend::{Backend, BackendExt, Stamp, TagVersion};

pub(super) async fn an_overwritten_version_never_comes_back(subject: Subject) -> Outcome {
    subject.keeps()?;
    let register = &subject.name("r");
    let mut before = Vec::new();
    for n in 0..50 {
        let version = subject.bump(register).await?;
        // Whatever else happens to the register, what was overwritten stays overwritten.
        match n % 3 {
            0 => subject.store(&[], &[register]).await.map(drop)?,
            1 => subject.create(register, Subject::LIFE).await.map(drop)?,
            _ => {}
        }
        let read = subject.version(register).await?;
        ensure!(read.is_none_or(|read| !before.contains(&read)), "an old version came back");
        ensure!(read.is_none_or(|read| read == version), "a version that nobody bumped");
        before.push(version);
    }
    Ok(())
}

/// What the tasks of the case below know of each other.
struct Race {
    register: String,
    /// How many bumps have begun, and how many were acknowledged.
    begun: AtomicU64,
    acknowledged: AtomicU64,
    /// Versions that were created, and how many bumps had begun when their creation had returned.
    created: Mutex<HashMap<TagVersion, u64>>,
    over: AtomicBool,
}

impl Race {
    const BUMPS: u64 = 500;

    /// The `n`th bump's version.
    const fn version(n: u64) -> TagVersion {
        TagVersion((1 << 100) | n as u128)
    }

    /// Whether a read may see `version` that began after `acknowledged` bumps were.
    fn may_see(&self, version: TagVersion, acknowledged: u64) -> bool {
        if version.0 >> 100 == 1 {
            return version.0 >= Self::version(acknowledged).0;
        }
        let created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        // A bump that begins after the creation overwrites what was created.
        created.get(&version).is_none_or(|begun| acknowledged <= *begun)
    }

    async fn write(self: Arc<Self>, backend: Arc<dyn Backend>) -> Outcome {
        let mut outcome = Ok(());
        for n in 1..=Self::BUMPS {
            self.begun.store(n, Ordering::SeqCst);
            let stamp = Stamp { register: &self.register, version: Self::version(n) };
            outcome = backend.bump(&[stamp], Subject::LIFE).await.map_err(NotPassed::from);
            if outcome.is_err() {
                break;
            }
            self.acknowledged.store(n, Ordering::SeqCst);
            tokio::task::yield_now().await;
        }
        self.over.store(true, Ordering::SeqCst);
        outcome
    }

    async fn read(self: Arc<Self>, backend: Arc<dyn Backend>, creates: bool) -> Outcome {
        while !self.over.load(Ordering::SeqCst) {
            let acknowledged = self.acknowledged.load(Ordering::SeqCst);
            if let Some(version) = backend.version(&self.register).await? {
                ensure!(
                    self.may_see(version, acknowledged),
                    "a read that began after bump {acknowledged} was acknowledged saw an older version"
                );
            } else if creates {
                self.create(&*backend).await?;
            }
            backend.store(&[], &[&self.register], Subject::LIFE).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn create(&self, backend: &dyn Backend) -> Outcome {
        // The bit above tells bumped versions from created ones.
        let version = TagVersion(TagVersion::random().0 >> 32);
        let stamp = Stamp { register: &self.register, version };
        backend.create(&[stamp], Subject::LIFE).await?;
        let begun = self.begun.load(Ordering::SeqCst);
        self.created.lock().unwrap_or_else(PoisonError::into_inner).insert(version, begun);
        Ok(())
    }
}

pub(super) async fn a_read_after_a_bump_sees_it_or_nothing(subject: Subject) -> Outcome {
    subject.keeps()?;
    let race = Arc::new(Race {
        register: subject.name("r"),
        begun: AtomicU64::new(0),
        acknowledged: AtomicU64::new(0),
        created: Mutex::default(),
        over: AtomicBool::new(false),
    });
    let mut tasks = JoinSet::new();
    for n in 0..8 {
        let backend = if n % 2 == 0 { &subject.other } else { &subject.backend };
        tasks.spawn(Arc::clone(&race).read(Arc::clone(backend), n % 4 < 2));
    }
    tasks.spawn(Arc::clone(&race).write(Arc::clone(&subject.backend)));
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    let last = subject.version(&race.register).await?;
    ensure!(
        last.is_none_or(|version| race.may_see(version, Race::BUMPS)),
        "after all bumps an older version holds"
    );
    Ok(())
}
