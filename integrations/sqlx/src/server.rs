//! Which database a pool talks to, as far as the results of one must not serve another.
//!
//! An address is not enough: `localhost` is another database on every machine, and processes on
//! several machines may share a backend. So the server is asked, once per pool, on one of its
//! connections: who it is, who the session is and how it reads names and times. And whether it is a
//! replica, which may be behind the last write that invalidated: that is asked again from time to
//! time, because a server may become one.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dogpile::Reason;
use dogpile_query::Dialect;
use futures_core::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::{Error, Pool};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::database::CacheDatabase;
use crate::out_of_step::Asking;

/// Bypass: the pool is connected to a replica, which may be behind.
const REPLICA: Reason = Reason::new("replica");
/// Bypass: the server did not say who it is.
pub(crate) const UNKNOWN_SERVER: Reason = Reason::new("unknown_server");

/// How long the answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// After a failure nobody asks again for so long.
const REST: Duration = Duration::from_secs(5);
/// How long it is believed that a server has not become a replica.
const BELIEF: Duration = Duration::from_secs(60);

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub(crate) identity: String,
    pub(crate) is_replica: bool,
}

/// What is known of the server behind a pool.
pub(crate) struct Server {
    identity: OnceLock<String>,
    is_replica: AtomicBool,
    /// Nobody asks before.
    rests_until: Mutex<Instant>,
}

impl Server {
    pub(crate) fn new() -> Self {
        let (identity, is_replica) = (OnceLock::new(), AtomicBool::new(false));
        Self { identity, is_replica, rests_until: Mutex::new(Instant::now()) }
    }

    /// Who the server is, as a part of every fingerprint.
    ///
    /// # Errors
    ///
    /// Results of this server are neither stored nor served, for this reason.
    pub(crate) async fn identity<DB: CacheDatabase>(
        &self,
        pool: &Pool<DB>,
        trusts: impl Fn() -> bool + Send + Sync,
    ) -> Result<&str, Reason> {
        if self.identity.get().is_none() {
            Box::pin(self.ask(|| DB::tell(pool), trusts)).await;
        }
        self.known()
    }

    /// [`identity`](Self::identity), as far as it is known: asks nobody.
    pub(crate) fn known(&self) -> Result<&str, Reason> {
        match self.identity.get() {
            Some(_) if self.is_replica.load(Ordering::Relaxed) => Err(REPLICA),
            Some(identity) => Ok(identity),
            None => Err(UNKNOWN_SERVER),
        }
    }

    /// Whether results are not to be stored, because the server has become a replica, or another.
    pub(crate) async fn has_changed<DB: CacheDatabase>(
        &self,
        pool: &Pool<DB>,
        trusts: impl Fn() -> bool + Send + Sync,
    ) -> bool {
        if !self.stays::<DB>() {
            Box::pin(self.ask(|| DB::tell(pool), trusts)).await;
        }
        self.is_replica.load(Ordering::Relaxed)
    }

    /// Asks on a connection that was just taken from the pool: later it may have other settings, and
    /// there may be no other connection to ask. Returns whether all that was asked was answered.
    #[must_use]
    pub(crate) async fn ask_on<DB: CacheDatabase>(
        &self,
        pool: &Pool<DB>,
        connection: &mut PoolConnection<DB>,
        trusts: impl Fn() -> bool + Send + Sync,
    ) -> bool {
        if self.stays::<DB>() {
            return true;
        }
        let tell = || -> BoxFuture<'_, _> {
            Box::pin(async move {
                let mut asking = Asking::on(connection);
                let told = DB::tell_on(pool, asking.connection()).await;
                asking.answered();
                told
            })
        };
        Box::pin(self.ask(tell, trusts)).await
    }

    /// Whether it is known for good who the server is: a file becomes neither a replica nor another,
    /// and one in memory has another name whenever it is asked.
    fn stays<DB: CacheDatabase>(&self) -> bool {
        DB::DIALECT == Dialect::Sqlite && self.is_known()
    }

    /// Asks, unless somebody else does or has done so lately. Afterwards, `trusts` says whether the
    /// connection that answered has the settings of all others. Returns whether what was asked was
    /// answered.
    async fn ask<'a>(
        &self,
        tell: impl FnOnce() -> BoxFuture<'a, Result<Told, Error>> + Send,
        trusts: impl Fn() -> bool + Send + Sync,
    ) -> bool {
        let is_known = self.identity.get().is_some();
        // Those who know enough to go on do not wait for whoever asks.
        let rests_until = match is_known {
            true => self.rests_until.try_lock().ok(),
            false => Some(self.rests_until.lock().await),
        };
        let Some(mut rests_until) = rests_until else { return true };
        if Instant::now() < *rests_until {
            return true;
        }
        *rests_until = Instant::now() + REST;
        let answer = timeout(PATIENCE, tell()).await;
        let is_answered = answer.is_ok();
        if let Ok(Ok(told)) = answer {
            if trusts() {
                self.hear(told);
            } else {
                self.is_replica.fetch_or(told.is_replica, Ordering::Relaxed);
            }
            *rests_until = Instant::now() + BELIEF;
        }
        is_answered
    }

    fn hear(&self, told: Told) {
        let Told { identity, is_replica } = told;
        let is_other = *self.identity.get_or_init(|| identity.clone()) != identity;
        // What was stored for another server is not this one's.
        self.is_replica.store(is_replica || is_other, Ordering::Relaxed);
    }

    /// Whether the server has said who it is.
    pub(crate) fn is_known(&self) -> bool {
        self.identity.get().is_some()
    }

    /// Who the server is, if that is known.
    pub(crate) fn name(&self) -> &str {
        self.identity.get().map_or("-", String::as_str)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// What tells this machine from others, for addresses that mean another database on each.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn machine() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Server, Told};

    fn told(identity: &str, is_replica: bool) -> Told {
        Told { identity: identity.to_owned(), is_replica }
    }

    #[test]
    fn a_server_that_becomes_a_replica_or_another_is_noticed() {
        let is_refused = |server: &Server| server.is_replica.load(super::Ordering::Relaxed);
        let server = Server::new();
        server.hear(told("a", false));
        assert_eq!((server.name(), is_refused(&server)), ("a", false));
        server.hear(told("a", true));
        assert!(is_refused(&server));
        server.hear(told("a", false));
        assert!(!is_refused(&server));
        server.hear(told("b", false));
        assert_eq!((server.name(), is_refused(&server)), ("a", true));
    }

    #[cfg(feature = "sqlite")]
    #[tokio::test]
    async fn a_database_in_memory_stays_the_one_it_is() {
        let pool = sqlx::SqlitePool::connect_lazy("sqlite::memory:").expect("a pool");
        let server = Server::new();
        let name = server.identity(&pool, || true).await.map(str::to_owned);
        *server.rests_until.lock().await = tokio::time::Instant::now();
        assert!(!server.has_changed(&pool, || true).await);
        assert_eq!(server.identity(&pool, || true).await.map(str::to_owned), name);
        assert!(name.is_ok());
    }
}
