//! The settings of a relay.

use std::sync::Arc;
use std::time::Duration;

use dogpile::{millis, minutes, secs};
use dogpile_migrations::{Error, Migrations};
use tokio::sync::watch;

use super::sql::Texts;
use super::stats::Counters;
use super::work::Work;
use super::{Relay, RelayDatabase};
use crate::pool::CachedPool;

/// Builds a [`Relay`].
#[derive(Debug, Clone)]
#[must_use = "a relay does nothing until it is started"]
pub struct RelayBuilder<DB: RelayDatabase> {
    db: CachedPool<DB>,
    migrations: Migrations,
    name: String,
    each_process: bool,
    interval: Duration,
    lease: Duration,
    retention: Duration,
}

impl<DB: RelayDatabase> RelayBuilder<DB> {
    pub(super) fn new(db: CachedPool<DB>) -> Self {
        let region = db.region();
        let (name, each_process) = (region.name().to_owned(), !region.is_shared());
        Self {
            db,
            migrations: Migrations::new(),
            name,
            each_process,
            interval: millis(20),
            lease: secs(2),
            retention: minutes(10),
        }
    }

    /// Where the tables of the log are.
    ///
    /// Default: [`Migrations::new`].
    pub fn migrations(mut self, migrations: Migrations) -> Self {
        self.migrations = migrations;
        self
    }

    /// The name of the mark in the database: what relays have in common that take turns. Two caches on
    /// two backends that read one database must have two names, or each would miss what the other's relay
    /// has done. 1 to 100 ASCII letters, digits, `_`, `-`, `.`, `:` and `/`. Of no meaning where
    /// [each process](Self::each_process) reads for itself.
    ///
    /// Default: the region's name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Whether the relay of each process reads everything for itself, because what one invalidates
    /// others do not see: a region in memory, or on a backend that lives in the process. It begins by
    /// invalidating all tables.
    ///
    /// Default: `true` for a region without a backend, `false` for others.
    pub fn each_process(mut self, each_process: bool) -> Self {
        self.each_process = each_process;
        self
    }

    /// How long it waits between two looks at the log, at least 1 ms. This bounds the lag where nobody
    /// is in the way. A look that finds nothing is one statement. No trigger tells that there is
    /// something: `NOTIFY` makes the commits of PostgreSQL wait for each other, and leaves a tenth of
    /// their throughput.
    ///
    /// Default: 20 ms.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(millis(1));
        self
    }

    /// How long the relay that works may be silent before another one takes its place; renewed at a
    /// third of it. At least 100 ms. Two that work at once cost a few misses.
    ///
    /// Default: 2 seconds.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease.max(millis(100));
        self
    }

    /// How long the feed is kept for those that were away. Who was away for longer invalidates all
    /// tables. At least 1 second.
    ///
    /// Default: 10 minutes.
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention.max(secs(1));
        self
    }

    /// Starts it, after a look whether the tables are there.
    ///
    /// Errors of later do not end it: it tries again, with growing pauses of up to 5 seconds, and counts
    /// them in [`RelayStats::failures`](super::RelayStats::failures).
    ///
    /// # Errors
    ///
    /// [`Error::NotReady`] says what is missing of the tables and the command that brings it;
    /// [`Error::Setting`] for a [name](Self::name) that cannot be used; others of
    /// [`Migrations::check`].
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Nothing runs if it is dropped.
    pub async fn start(self) -> Result<Relay, Error> {
        if !is_plain(&self.name) {
            let mend = "it has 1 to 100 ASCII letters, digits, `_`, `-`, `.`, `:` and `/`";
            return Err(Error::Setting { setting: "name of the relay", mend });
        }
        self.migrations.check(self.db.inner()).await?;
        let texts = Texts::new(
            <DB as dogpile_migrations::Database>::DIALECT,
            &self.migrations,
            &self.name,
            self.lease,
            self.retention,
        )?;
        let counters = Arc::new(Counters::new(self.db.region().name()));
        let (stop, stopped) = watch::channel(false);
        let work = Work::new(self.db, texts, Arc::clone(&counters));
        let work = work.every(self.interval, self.lease, self.retention, self.each_process);
        Ok(Relay { counters, stop, task: tokio::spawn(work.run(stopped)) })
    }
}

fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
    (1..=100).contains(&name.len()) && name.bytes().all(plain)
}
