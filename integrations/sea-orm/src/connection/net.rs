//! A net under the connection: what went round the wrapper, as far as sea-orm tells of it.
//!
//! sea-orm reports every prepared statement of a connection to its metric callback. The wrapper runs
//! its own statements on the pool inside, past that callback: so whatever the callback hears went round
//! the wrapper. A write that it hears is invalidated when it is answered, and again some seconds later,
//! because it may be in a transaction that has yet to commit.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use dogpile::{Region, Tags, WriteGuard};
use dogpile_query::{Analysis, TableName};
use sea_orm::DatabaseConnection;
use sea_orm::metric::Info;
use tokio::runtime::Handle;
use tokio::time::sleep;

use super::CachedConnection;
use crate::driver::{Pool, on};
use crate::metric::Callback;

/// A write is invalidated again when it is between one and two of these old.
const AGAIN: Duration = Duration::from_secs(5);

/// Of how many kinds of writes it is told that they were seen.
const MOST_TOLD: usize = 1_000;

/// What hears of a connection's statements.
#[derive(Clone)]
pub(super) struct Net {
    caught: Arc<Caught>,
    /// The user's own callback.
    callback: Option<Callback>,
}

/// What was caught.
struct Caught {
    pool: Pool,
    writes: AtomicU64,
    told: Mutex<HashSet<String>>,
    owed: Mutex<Owed>,
}

/// What is to be invalidated again.
#[derive(Default)]
struct Owed {
    /// Since the last time that anything was.
    young: Option<WriteGuard>,
    /// Before that.
    old: Option<WriteGuard>,
    /// Whether somebody sees to it.
    attended: bool,
}

impl CachedConnection {
    /// The same connection, with a metric callback of your own: it hears once of every prepared
    /// statement that is sent to the database through it, through its transactions, or through
    /// [`inner`](Self::inner) or [`outside`](Self::outside).
    ///
    /// A read that is answered from the cache is no statement, and neither is one that was waited for
    /// while another caller sent it: the region's [`Stats`](dogpile::Stats) count those. As of sea-orm's
    /// own connection, it does not hear of `execute_unprepared`, and of what begins and ends
    /// transactions; nor of what the cache asks on its own behalf: the catalog, the name of the server,
    /// and what [`verify`](Self::verify) compares.
    ///
    /// `elapsed` is how long somebody waited for the answer once there was a connection; of a stream,
    /// without the time that its consumer took for the rows. A stream that ends with an error is told of
    /// as `failed`, which sea-orm does not do.
    ///
    /// # The net
    ///
    /// The cache has put a callback of its own there, which invalidates what a write through the
    /// connection inside touches, when it is answered and again five to ten seconds later, counts it in
    /// [`writes_past`](Self::writes_past) and warns in the log, once for each kind of write and its
    /// tables. It is there to find mistakes, not to rely on. It cannot see
    ///
    /// * `execute_unprepared`, and what was begun or committed, when;
    /// * a transaction that commits more than five seconds after its last write;
    /// * clones of the connection that were made before it was wrapped, or whose own callback was set,
    ///   the pool inside of it, and other processes.
    #[must_use]
    pub fn with_metric_callback<F>(&self, callback: F) -> Self
    where
        F: Fn(&Info<'_>) + Send + Sync + 'static,
    {
        let mut same = self.clone();
        same.net.callback = Some(Arc::new(callback));
        same.net.spread(&mut same.inner);
        same
    }

    pub(crate) const fn callback(&self) -> Option<&Callback> {
        self.net.callback.as_ref()
    }

    /// How many writes went round this connection, as far as sea-orm tells of them: there should be
    /// none. Those inside [`outside`](Self::outside) do not count.
    pub fn writes_past(&self) -> u64 {
        self.net.caught.writes.load(Ordering::Relaxed)
    }
}

impl Net {
    /// A net under `connection`, whose pool is `pool`.
    pub(super) fn under(connection: &mut DatabaseConnection, pool: Pool) -> Self {
        let caught = Caught {
            pool,
            writes: AtomicU64::new(0),
            told: Mutex::default(),
            owed: Mutex::default(),
        };
        let net = Self { caught: Arc::new(caught), callback: None };
        net.spread(connection);
        net
    }

    fn spread(&self, connection: &mut DatabaseConnection) {
        let net = self.clone();
        connection.set_metric_callback(move |info| {
            net.report(info);
            net.catch(&info.statement.sql);
        });
    }

    /// The same connection with the user's callback alone.
    pub(super) fn beside(&self, mut connection: DatabaseConnection) -> DatabaseConnection {
        let net = self.clone();
        connection.set_metric_callback(move |info| net.report(info));
        connection
    }

    fn report(&self, info: &Info<'_>) {
        if let Some(callback) = &self.callback {
            callback(info);
        }
    }

    /// Whether it failed or not: a statement that failed may have written.
    fn catch(&self, sql: &str) {
        let analysis: Arc<Analysis> = on!(Pool, &self.caught.pool, pool => pool.analyze_past(sql));
        let tags = on!(Pool, &self.caught.pool, pool => pool.written_past(&analysis, sql));
        if tags.is_empty() {
            return;
        }
        self.caught.writes.fetch_add(1, Ordering::Relaxed);
        self.caught.tell(&analysis);
        if analysis.changes_schema() {
            on!(Pool, &self.caught.pool, pool => pool.distrust_schema());
        }
        self.owe(tags);
    }

    /// Invalidates `tags` now, and again later.
    pub(super) fn owe(&self, tags: Tags) {
        let region: &Region = on!(Pool, &self.caught.pool, pool => pool.region());
        let guard = region.write_guard(tags.clone());
        guard.bump_now();
        let Ok(runtime) = Handle::try_current() else { return };
        let mut owed = self.caught.owed();
        match &mut owed.young {
            Some(young) => {
                young.extend(tags.iter().cloned());
                guard.discard();
            }
            none => *none = Some(guard),
        }
        if !owed.attended {
            owed.attended = true;
            drop(runtime.spawn(attend(Attendant(Arc::downgrade(&self.caught)))));
        }
    }
}

impl Caught {
    /// Once for each kind of write. Neither the statement nor its parameters: there are values in both.
    fn tell(&self, analysis: &Analysis) {
        let tables: Vec<_> = analysis.writes().iter().map(TableName::to_string).collect();
        let what = format!("{:?} {}", analysis.kind(), tables.join(", "));
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < MOST_TOLD && told.insert(what) {
            let region: &str = on!(Pool, &self.pool, pool => pool.region().name());
            tracing::warn!(
                region,
                kind = ?analysis.kind(),
                tables = tables.join(", "),
                "a write went round the cached connection: send it through the connection, or do it \
                 inside of `outside`"
            );
        }
    }

    /// What is old enough to be invalidated again; `None` once nothing is left.
    fn due(&self) -> Option<Option<WriteGuard>> {
        let mut owed = self.owed();
        let due = owed.old.take();
        owed.old = owed.young.take();
        owed.attended = due.is_some() || owed.old.is_some();
        owed.attended.then_some(due)
    }

    fn owed(&self) -> MutexGuard<'_, Owed> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sees to what is owed, for as long as its runtime lives.
struct Attendant(Weak<Caught>);

async fn attend(attendant: Attendant) {
    loop {
        sleep(AGAIN).await;
        let due = attendant.0.upgrade().and_then(|caught| caught.due());
        match due {
            None => return,
            Some(None) => {}
            // A backend that cannot be reached keeps the debt itself.
            Some(Some(guard)) => drop(guard.bump().await),
        }
    }
}

impl Drop for Attendant {
    fn drop(&mut self) {
        if let Some(caught) = self.0.upgrade() {
            // Nothing, where it has come to its end. The guards invalidate now, for want of later.
            let left = std::mem::take(&mut *caught.owed());
            drop(left);
        }
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net").field("writes", &self.caught.writes).finish_non_exhaustive()
    }
}
