//! The task.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dogpile::{Freshness, Tag, Tags, millis, secs};
use dogpile_migrations::Dialect;
use dogpile_query::TableName;
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, timeout};

use super::database::{Quad, RelayDatabase, Relayed};
use super::mark::Mark;
use super::sql::BATCH;
use super::stats::Counters;
use crate::pool::CachedPool;

/// The pauses after failures: the first, and the longest.
const PAUSES: [Duration; 2] = [millis(100), secs(5)];

/// Why a turn was not finished.
enum Failure {
    Database(sqlx::Error),
    Region(dogpile::Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<dogpile::Error> for Failure {
    fn from(error: dogpile::Error) -> Self {
        Self::Region(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => error.fmt(f),
            Self::Region(error) => error.fmt(f),
        }
    }
}

pub(super) struct Work<DB: RelayDatabase> {
    db: CachedPool<DB>,
    texts: Relayed,
    counters: Arc<Counters>,
    mark: Mark,
    interval: Duration,
    lease: Duration,
    /// Between two sweeps.
    sweep: Duration,
    swept: Instant,
    /// Whether the row of the shared mark was seen to, since the lease was last not to be had.
    created: bool,
}

impl<DB: RelayDatabase> Work<DB> {
    pub(super) fn new(
        db: CachedPool<DB>,
        texts: super::sql::Texts,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            db,
            texts: Relayed(texts),
            counters,
            mark: Mark::new(true),
            interval: Duration::ZERO,
            lease: Duration::ZERO,
            sweep: Duration::ZERO,
            swept: Instant::now(),
            created: false,
        }
    }

    pub(super) fn every(
        self,
        interval: Duration,
        lease: Duration,
        retention: Duration,
        each_process: bool,
    ) -> Self {
        let (mark, sweep) = (Mark::new(each_process), retention / 4);
        Self { mark, interval, lease, sweep, created: each_process, ..self }
    }

    /// Works until it is told to stop.
    pub(super) async fn run(mut self, mut stopped: Receiver<bool>) {
        let mut pause = PAUSES[0];
        while !*stopped.borrow() {
            let wait = match self.turn().await {
                Ok(wait) => {
                    pause = PAUSES[0];
                    wait
                }
                Err(failure) => {
                    self.counters.failed();
                    tracing::warn!(target: "dogpile", region = self.db.region().name(), error = %failure,
                        "the relay could not read or invalidate, and tries again");
                    let wait = pause;
                    pause = (pause * 2).min(PAUSES[1]);
                    wait
                }
            };
            // Woken by the word to stop.
            drop(timeout(wait, stopped.changed()).await);
        }
        self.mark.release(self.db.inner(), &self.texts.0).await;
        self.counters.leads(false);
    }

    /// One look at the log, and what follows from it. Says when to look again.
    async fn turn(&mut self) -> Result<Duration, Failure> {
        if !self.created {
            DB::touch(self.db.inner(), self.texts.0.create_mark()).await?;
            self.created = true;
        }
        let leads = self.mark.leads(self.db.inner(), &self.texts.0, self.lease).await?;
        self.counters.leads(leads);
        if !leads {
            // Another's, or gone with tables that were made anew since.
            self.created = false;
            return Ok(self.lease / 4);
        }
        let (head, waiting) = self.look().await?;
        let Some(seq) = self.mark.seq().filter(|seq| *seq <= head) else {
            // The first time of all, or a database that is not the one it was.
            self.flush(head).await?;
            return Ok(Duration::ZERO);
        };
        if waiting {
            DB::feed(self.db.inner(), &self.texts).await?;
        }
        let full = (waiting || head > seq) && self.catch_up(seq, head).await?;
        self.sweep().await?;
        Ok(if full { Duration::ZERO } else { self.interval })
    }

    /// The last number of the feed, and whether something is in the log.
    async fn look(&self) -> Result<(i64, bool), Failure> {
        let seen = DB::quads(self.db.inner(), self.texts.0.look()).await?;
        let (head, .., waiting) = seen.first().ok_or(sqlx::Error::RowNotFound)?;
        Ok((*head, *waiting != 0))
    }

    /// Invalidates what comes after a number. Says whether there may be more.
    async fn catch_up(&mut self, seq: i64, head: i64) -> Result<bool, Failure> {
        let rows = DB::quads(self.db.inner(), self.texts.0.read(seq)).await?;
        let read = Instant::now();
        let Some((last, ..)) = rows.last() else {
            if head > seq {
                // Swept, all of it.
                self.flush(head).await?;
            }
            return Ok(false);
        };
        let whole = rows.iter().zip(1..).all(|((found, ..), n)| *found == seq.saturating_add(n));
        if !whole {
            self.flush(*last).await?;
            return Ok(true);
        }
        self.invalidate(&rows).await?;
        let age = rows.iter().map(|(.., age)| u64::try_from(*age).unwrap_or(0)).max();
        self.counters.invalidated(rows.len(), millis(age.unwrap_or(0)) + read.elapsed());
        self.mark.advance(self.db.inner(), &self.texts.0, *last).await?;
        Ok(rows.len() == BATCH)
    }

    /// Invalidates what rows of the feed name: tables with all that is behind them, and tags as they are.
    async fn invalidate(&self, rows: &[Quad]) -> Result<(), dogpile::Error> {
        let kind = <DB as dogpile_migrations::Database>::DIALECT;
        let (tags, tables): (Vec<_>, Vec<_>) = rows.iter().partition(|row| is_tag(row));
        let tables: Vec<_> = tables.into_iter().map(|row| table(kind, row)).collect();
        let mut moved = match tables.is_empty() {
            true => Tags::new(),
            false => self.db.written_outside(&tables).await.with_rows(),
        };
        moved.extend(tags.into_iter().map(|(_, _, name, _)| Tag::new(name.as_str())));
        self.db.region().write_guard(moved).at(Freshness::AfterCommit).bump().await
    }

    /// Invalidates all tables, and the whole region for the tags that were noted, and goes on after a
    /// number.
    async fn flush(&mut self, head: i64) -> Result<(), Failure> {
        let region = self.db.region();
        region.invalidate([Tag::all_tables(), Tag::region(region.name())]).await?;
        self.counters.flushed();
        self.mark.advance(self.db.inner(), &self.texts.0, head).await?;
        Ok(())
    }

    async fn sweep(&mut self) -> Result<(), Failure> {
        if self.swept.elapsed() >= self.sweep {
            self.swept = Instant::now();
            DB::touch(self.db.inner(), self.texts.0.sweep()).await?;
        }
        Ok(())
    }
}

/// Whether a row names a tag, and not a table.
const fn is_tag((_, schema, _, _): &Quad) -> bool {
    schema.is_empty()
}

/// The table of a row, as the analyser spells it.
fn table(dialect: Dialect, (_, schema, table, _): &Quad) -> TableName {
    match dialect {
        Dialect::Postgres => TableName::new(Some(schema), table),
        Dialect::MySql => {
            TableName::new(Some(schema.to_lowercase().as_str()), &table.to_lowercase())
        }
        Dialect::Sqlite => TableName::new(None, &table.to_ascii_lowercase()),
    }
}
