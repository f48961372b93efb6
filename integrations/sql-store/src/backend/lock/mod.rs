//! Leases that are locks of the server's: on one session of their own, and so gone with it.
//!
//! The session belongs to a [task](actor); callers tell it what they want through a
//! [queue](queue), and never wait for the session itself. Who holds what is kept [here](held) as well,
//! because the server does not tell two callers of one session apart, and because a lease ends when it
//! is not renewed, which a lock does not.
//!
//! Stores under such a lease are sent on the session that holds the lock: as long as it answers, nobody
//! else has the lock, and what was sent before the lock is given back is done by then. A process that
//! is frozen or cut off is silent; the server ends its session after [`SILENCE`], and whatever is
//! still on its way with it.

mod actor;
mod batch;
mod held;
mod queue;
pub(crate) mod session;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dogpile::Owner;
use dogpile::backend::Put;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::actor::Actor;
use self::batch::{Item, Job};
pub(crate) use self::held::Id;
use self::queue::{Phase, Shared};
use self::session::Sessions;
use super::dialect::Life;
use crate::config::Settings;
use crate::error::{Done, Failure};

/// The server ends a session that it has not heard of for so long.
pub(crate) const SILENCE: Duration = Duration::from_secs(3);

/// What comes back; `None`: there are no locks to be had here, only rows.
type Reply<T> = Done<Option<T>>;

/// The leases of one store that are locks.
pub(crate) struct Locker {
    shared: Arc<Shared>,
    sessions: Arc<dyn Sessions>,
    /// What all names begin with.
    scope: Sha256,
    settings: Settings,
    actor: Mutex<Option<JoinHandle<()>>>,
}

impl Locker {
    /// Leases whose names are those of `scope`.
    pub(crate) fn new(sessions: Arc<dyn Sessions>, scope: &[&str], settings: &Settings) -> Self {
        let mut digest = Sha256::new();
        scope.iter().for_each(|part| write(&mut digest, part));
        Self {
            shared: Arc::new(Shared::new(settings.max_locks)),
            sessions,
            scope: digest,
            settings: *settings,
            actor: Mutex::default(),
        }
    }

    /// Whether leases are rows after all.
    pub(super) fn is_pooled(&self) -> bool {
        self.shared.phase() == Phase::Pooled
    }

    /// Begins to make the session, so that the first lease need not wait for it.
    pub(super) fn begin(&self) {
        // Whoever asks for a lease hears why there is none.
        let _ = self.awake().and_then(|()| self.shared.visit());
    }

    /// Makes the session.
    pub(super) async fn warm(&self) -> Done<()> {
        self.awake()?;
        let answer = self.shared.visit()?;
        self.answer(answer, self.connect_limit()).await.map(drop)
    }

    pub(super) async fn acquire(&self, name: &str, owner: Owner, lease: Duration) -> Reply<bool> {
        self.awake()?;
        let id = self.id(name);
        match self.shared.ask(id, owner, lease)? {
            Ok(granted) => Ok(Some(granted)),
            Err(answer) => {
                let guard = Guard { shared: &self.shared, id, owner, armed: true };
                let granted = self.answer(answer, self.limit()).await?;
                Ok(granted.map(|granted| guard.disarmed(granted)))
            }
        }
    }

    pub(super) fn renew(&self, name: &str, owner: Owner, lease: Duration) -> Done<bool> {
        self.shared.renew(self.id(name), owner, lease)
    }

    pub(super) async fn release(&self, name: &str, owner: Owner) -> Done<()> {
        let Some(answer) = self.shared.leave(self.id(name), owner) else { return Ok(()) };
        match timeout(self.limit(), answer).await {
            // Where the session is lost, the lock is free.
            Ok(_) => Ok(()),
            Err(_) => Err(Failure::silent()),
        }
    }

    pub(super) fn abandon(&self, name: &str, owner: Owner) {
        drop(self.shared.leave(self.id(name), owner));
    }

    /// Stores entries, each if its lease is held.
    pub(super) async fn store(
        &self,
        puts: &[&Put<'_>],
        extend: &[&str],
        life: Life,
    ) -> Reply<Vec<bool>> {
        let items: Vec<Item> = puts.iter().filter_map(|put| self.item(put)).collect();
        let leases = || items.iter().map(|item| (item.id, item.owner));
        if self.is_pooled() {
            return Ok(None);
        }
        if !self.shared.holds_any(leases()) {
            return Ok(Some(vec![false; items.len()]));
        }
        let (reply, answer) = oneshot::channel();
        let extend = extend.iter().map(|name| (*name).to_owned()).collect();
        self.shared.store(Job { items, extend, life, reply })?;
        self.answer(answer, self.limit()).await
    }

    fn item(&self, put: &Put<'_>) -> Option<Item> {
        let fence = put.fence?;
        Some(Item {
            key: put.key.to_owned(),
            bytes: put.bytes.clone(),
            life: put.life,
            id: self.id(fence.lease),
            owner: fence.owner,
        })
    }

    async fn answer<T>(&self, answer: oneshot::Receiver<Reply<T>>, limit: Duration) -> Reply<T> {
        match timeout(limit, answer).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(_)) => Err(self.shared.why()),
            Err(_) => Err(Failure::no_session(limit)),
        }
    }

    /// How long a caller waits: for a session as long as for a connection, and for its answer as long
    /// as for that of a statement.
    fn limit(&self) -> Duration {
        let Settings { acquire_timeout, statement_timeout, .. } = self.settings;
        match self.shared.phase() {
            Phase::Up { .. } => acquire_timeout.saturating_add(statement_timeout),
            _ => acquire_timeout,
        }
    }

    /// Making a session takes two connections, one of them to look for a pooler, and what is asked on
    /// them.
    fn connect_limit(&self) -> Duration {
        self.settings.connect_timeout.saturating_mul(4)
    }

    /// What a lease is called where it is told that it was given back.
    pub(super) fn called(&self, name: &str) -> String {
        self.id(name).to_string()
    }

    /// Processes of different builds share it: it may never change.
    fn id(&self, name: &str) -> Id {
        let mut digest = self.scope.clone();
        write(&mut digest, name);
        let mut id = [0; 16];
        id.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
        Id(u128::from_be_bytes(id))
    }

    /// Sees to it that somebody answers. A runtime that has ended has ended its task, too.
    fn awake(&self) -> Done<()> {
        let mut actor = self.actor.lock().unwrap_or_else(PoisonError::into_inner);
        if actor.as_ref().is_some_and(|actor| !actor.is_finished()) {
            return Ok(());
        }
        let runtime = Handle::try_current().map_err(|_| Failure::no_runtime())?;
        let task = Actor {
            shared: Arc::clone(&self.shared),
            sessions: Arc::clone(&self.sessions),
            connect_limit: self.connect_limit(),
            limit: self.settings.statement_timeout.saturating_add(SILENCE),
        };
        *actor = Some(runtime.spawn(task.run()));
        Ok(())
    }
}

/// Length first, so that no two lists of parts are written alike.
fn write(digest: &mut Sha256, part: &str) {
    digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
    digest.update(part);
}

/// Takes back the question of whoever goes away, and what was granted to him meanwhile.
struct Guard<'a> {
    shared: &'a Shared,
    id: Id,
    owner: Owner,
    armed: bool,
}

impl Guard<'_> {
    /// He has heard the answer, and sees to what he has.
    fn disarmed(mut self, granted: bool) -> bool {
        self.armed = false;
        granted
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if self.armed {
            drop(self.shared.leave(self.id, self.owner));
        }
    }
}

impl fmt::Debug for Locker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locker").field("phase", &self.shared.phase()).finish_non_exhaustive()
    }
}

impl Drop for Locker {
    fn drop(&mut self) {
        let actor = self.actor.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(actor) = actor.take() {
            actor.abort();
        }
    }
}

#[cfg(test)]
mod tests;
