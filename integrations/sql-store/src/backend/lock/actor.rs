//! The task that has the session: it alone talks on it, one statement after the other.
//!
//! What waits is done together: first the stores, then what is given back, then what is asked for. So
//! a lease that is given back after a store is free only when the store is done.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::Put;
use tokio::time::{Instant, timeout};

use super::batch::{Item, Job, longer, split};
use super::queue::{Ask, Leave, Phase, Shared, Work};
use super::session::{Sent, Session, Sessions, Trouble};
use crate::error::Failure;

/// How often the server hears of the session at least.
const BEAT: Duration = Duration::from_secs(1);
/// How long a session is kept that nobody needs.
const REST: Duration = Duration::from_secs(30);
/// How long it takes until a session is tried for again: longer each time.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// More locks than this are asked for by several statements.
const MOST_IDS: usize = 1_024;
/// How often a store is tried while others are in between.
const TIMES: usize = 4;

/// Makes the session when it is needed, and serves it.
#[derive(Debug)]
pub(super) struct Actor {
    pub(super) shared: Arc<Shared>,
    pub(super) sessions: Arc<dyn Sessions>,
    /// How long making a session may take.
    pub(super) connect_limit: Duration,
    /// A session that does not answer for so long is lost.
    pub(super) limit: Duration,
}

impl Actor {
    pub(super) async fn run(self) {
        let (mut pause, mut warned) = (PAUSES.0, false);
        loop {
            self.shared.wanted().await;
            if self.shared.phase() == Phase::Pooled {
                self.shared.pooled();
                continue;
            }
            let began = timeout(self.connect_limit, self.sessions.begin()).await;
            let served = match began {
                Ok(Ok(session)) => {
                    pause = PAUSES.0;
                    self.serve(session).await
                }
                Ok(Err(trouble)) => Err(trouble),
                Err(_) => Err(Failure::no_session(self.connect_limit).into()),
            };
            match served {
                Ok(()) => {}
                Err(Trouble::Pooled) => self.warn_of_pooler(),
                Err(Trouble::Failed(failure)) => {
                    if failure.is_config() && !std::mem::replace(&mut warned, true) {
                        let error = failure.clone().during("begin locks");
                        tracing::warn!(target: "dogpile", %error, "there are no leases");
                    }
                    self.shared.down(Some(failure), Some(Instant::now() + pause));
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
        }
    }

    fn warn_of_pooler(&self) {
        tracing::warn!(
            target: "dogpile",
            "a pooler shares the sessions of the server out, so that locks of a session belong to \
             nobody: leases are rows from now on; use the pooler's session mode, or set `lock_url` to \
             the server itself"
        );
        self.shared.pooled();
    }

    /// Ends when nobody needs the session any more.
    async fn serve(&self, mut session: Box<dyn Session>) -> Result<(), Trouble> {
        let mut beat = Instant::now() + BEAT;
        self.shared.heard(Instant::now());
        loop {
            let work = self.shared.take();
            if !work.is_empty() {
                beat = Instant::now() + BEAT;
                self.work(&mut *session, work).await?;
            } else if Instant::now() < beat {
                self.shared.pause(beat).await;
            } else if self.shared.rest(REST) {
                // It ends anyway when it is dropped.
                let _ = timeout(BEAT, session.end()).await;
                return Ok(());
            } else {
                beat = Instant::now() + BEAT;
                self.sent(session.beat()).await?;
            }
        }
    }

    async fn work(&self, session: &mut dyn Session, work: Work) -> Result<(), Trouble> {
        for jobs in split(work.jobs) {
            self.store(session, jobs).await?;
        }
        self.unlock(session, work.leaves).await?;
        self.lock(session, work.asks.into_values().collect()).await?;
        for visit in work.visits {
            let _ = visit.send(Ok(Some(())));
        }
        Ok(())
    }

    /// One statement, within its limit.
    async fn sent<T>(&self, statement: Sent<'_, T>) -> Result<T, Trouble> {
        let sent = Instant::now();
        let answer = timeout(self.limit, statement).await.map_err(|_| Failure::silent())??;
        self.shared.heard(sent);
        Ok(answer)
    }

    async fn lock(&self, session: &mut dyn Session, asks: Vec<Ask>) -> Result<(), Trouble> {
        let mut asks = self.shared.wanting(asks);
        while !asks.is_empty() {
            let rest = asks.split_off(asks.len().min(MOST_IDS));
            let ids: Vec<_> = asks.iter().map(|ask| ask.id).collect();
            // Locks that were taken before it failed end with the session.
            let locked = self.sent(session.lock(&ids)).await?;
            if locked.len() != ids.len() {
                return Err(Failure::unexpected().into());
            }
            self.shared.answered(asks, &locked);
            asks = rest;
        }
        Ok(())
    }

    async fn unlock(
        &self,
        session: &mut dyn Session,
        mut leaves: Vec<Leave>,
    ) -> Result<(), Trouble> {
        while !leaves.is_empty() {
            let rest = leaves.split_off(leaves.len().min(MOST_IDS));
            let ids: Vec<_> = leaves.iter().map(|leave| leave.id).collect();
            self.sent(session.unlock(&ids)).await?;
            self.shared.unlocked(leaves);
            leaves = rest;
        }
        Ok(())
    }

    /// Stores what is still protected at this moment.
    async fn store(&self, session: &mut dyn Session, mut jobs: Vec<Job>) -> Result<(), Trouble> {
        jobs.retain(|job| !job.reply.is_closed());
        let Some(life) = jobs.iter().map(|job| job.life).reduce(longer) else { return Ok(()) };
        let held = self.shared.held(items(&jobs).map(|item| (item.id, item.owner)));
        let mut puts: Vec<Put<'_>> = items(&jobs).zip(&held).filter_map(put).collect();
        if !puts.is_empty() {
            puts.sort_by_key(|put| put.key);
            let puts: Vec<&Put<'_>> = puts.iter().collect();
            let extend = jobs.iter().flat_map(|job| &job.extend).map(String::as_str);
            let extend: Vec<&str> = BTreeSet::from_iter(extend).into_iter().collect();
            if let Err(failure) = self.put(session, &puts, &extend, life).await? {
                drop(puts);
                jobs.into_iter().for_each(|job| drop(job.reply.send(Err(failure.clone()))));
                return Ok(());
            }
        }
        let mut held = held.into_iter();
        for job in jobs {
            let stored = held.by_ref().take(job.items.len()).collect();
            let _ = job.reply.send(Ok(Some(stored)));
        }
        Ok(())
    }

    /// A store that fails leaves the session as it is, if there still is one.
    async fn put(
        &self,
        session: &mut dyn Session,
        puts: &[&Put<'_>],
        extend: &[&str],
        life: crate::backend::dialect::Life,
    ) -> Result<Result<(), Failure>, Trouble> {
        let mut failed = Ok(());
        for _ in 0..TIMES {
            failed = match self.sent(session.store(puts, extend, life)).await {
                Ok(()) => return Ok(Ok(())),
                Err(Trouble::Failed(failure)) => Err(failure),
                Err(trouble) => return Err(trouble),
            };
            self.sent(session.beat()).await?;
            if !failed.as_ref().is_err_and(Failure::is_passing) {
                break;
            }
        }
        Ok(failed)
    }
}

impl Drop for Actor {
    /// Its runtime is gone, or its store: the session is, too.
    fn drop(&mut self) {
        self.shared.down(None, None);
    }
}

fn items(jobs: &[Job]) -> impl Iterator<Item = &Item> {
    jobs.iter().flat_map(|job| &job.items)
}

fn put<'a>((item, held): (&'a Item, &bool)) -> Option<Put<'a>> {
    let Item { key, bytes, life, .. } = item;
    held.then(|| Put { key, bytes: bytes.clone(), life: *life, fence: None })
}
