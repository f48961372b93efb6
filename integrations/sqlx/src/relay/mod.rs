//! Writes from outside: the relay that invalidates what others have written.
//!
//! Triggers of [`Migrations::watch`](dogpile_migrations::Migrations::watch) note each write to a watched table in a log, inside of the
//! writer's own transaction, and writers of [`Freshness::Durable`](dogpile::Freshness::Durable) the tags that they invalidate. The relay reads it in three steps, each of which can be done twice and
//! none of which is left out by a crash:
//!
//! 1. *Feed.* Whoever holds the feed's row moves the rows of the log that are visible now to the feed,
//!    numbered without gaps, in one transaction. A row that was inserted early and committed late is
//!    just not visible yet: no id is compared with another, so none is passed over. Numbers are given
//!    under a lock that lasts until they are committed, so those of the feed are in commit order.
//! 2. *Invalidate* what the next numbers of the feed name, and wait until the backend has acknowledged it.
//! 3. *Mark* the last number as done. A region on a shared backend has one mark, in the database, and
//!    one relay at a time, by a lease in the mark's row; a region in memory has its own in each process.
//!
//! Old numbers are swept by the clock, but no clock decides what is valid: a reader that finds a gap
//! after its mark, or none of what it has seen, invalidates all tables and its region. Numbers begin with the time at
//! which the tables were made, so those of tables that were made anew have a gap before them.

mod builder;
mod database;
mod mark;
mod sql;
mod stats;
mod work;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dogpile::Region;
use sqlx::Pool;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use builder::RelayBuilder;
pub use database::RelayDatabase;
pub use stats::RelayStats;

use stats::Counters;

use crate::pool::CachedPool;

/// Invalidates what is written past every wrapper: by another program, another language, `psql`.
///
/// It reads what the triggers of [`Migrations::watch`](dogpile_migrations::Migrations::watch) note in the database. Runs as a task of its own
/// until it is dropped or [stopped](Self::stop). Start one in every process: for a region on a shared
/// backend they agree on one that works, and another goes on where that ends. Where it ended does not
/// matter; what was committed meanwhile is invalidated by the next one.
///
/// It invalidates tags, and so in all regions of the region's tag space. A watched table is kept by table,
/// not by row, because a trigger for a statement does not know rows. What the catalog says is written with
/// it, by foreign keys and triggers, is invalidated too, watched or not.
///
/// The same log is an outbox: a wrapped writer that is killed between its COMMIT and its invalidation
/// has left that in the database. For tables that are not watched, and by row, it does with
/// [`Freshness::Durable`](dogpile::Freshness::Durable).
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use dogpile::{Region, minutes};
/// use dogpile_migrations::Migrations;
/// use dogpile_sqlx::{CachedPool, Relay};
/// use sqlx::sqlite::SqlitePoolOptions;
///
/// let region = Region::builder("shop").ttl(minutes(5)).build()?;
/// let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
/// let db = CachedPool::new(pool, region);
/// # sqlx::raw_sql("CREATE TABLE cake (id INTEGER PRIMARY KEY)").execute(&db).await?;
///
/// let migrations = Migrations::new();
/// migrations.up(db.inner()).await?;
/// migrations.watch(db.inner(), "cake").await?;
/// let relay = Relay::of(&db).start().await?;
/// # let _ = relay.lag();
/// # relay.stop().await;
/// # Ok(()) }
/// # #[cfg(not(feature = "sqlite"))] fn main() {}
/// ```
pub struct Relay {
    counters: Arc<Counters>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Relay {
    /// A relay that invalidates in `region` what is written to the database of `pool`.
    ///
    /// A pool of its own, of one connection, keeps it out of the way of the application's queries.
    pub fn builder<DB: RelayDatabase>(pool: &Pool<DB>, region: &Region) -> RelayBuilder<DB> {
        RelayBuilder::new(CachedPool::new(pool.clone(), region.clone()))
    }

    /// A relay for the region of a cached pool, on connections of that pool.
    pub fn of<DB: RelayDatabase>(pool: &CachedPool<DB>) -> RelayBuilder<DB> {
        RelayBuilder::new(pool.clone())
    }

    /// How long ago the oldest write was made of those that were invalidated last. The length of the
    /// writer's own transaction counts. Zero if there was none yet.
    pub fn lag(&self) -> Duration {
        self.stats().lag
    }

    /// What it has done so far.
    pub fn stats(&self) -> RelayStats {
        self.counters.snapshot()
    }

    /// Ends it after what it is doing, and lets another one begin at once.
    ///
    /// # Cancel safety
    ///
    /// May be dropped: the relay ends at its next await, and another one begins when its lease is over.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // A panic has been reported where it was.
        drop((&mut self.task).await);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
