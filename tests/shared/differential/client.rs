//! One process's way to the database, and what comes of its reads and writes.

use std::fmt::Display;

use dogpile::{Region, Stats};
use dogpile_sqlx::VerifyCounts;

use super::plan::{Read, Shows, Write};
use super::worker::Assignment;

/// A row of most queries.
pub(super) type Triple = (i64, i64, Option<String>);

/// The versions of the tables that a write has committed, and what a read in its transaction saw that
/// it should not have.
pub(super) type Done = (Vec<(usize, i64)>, Option<String>);

/// What is known of a table without the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// The newest version of which the writer has heard that it is acknowledged.
    pub(super) version: i64,
    /// How many writers have begun and not ended.
    pub(super) pending: i64,
}

/// What came of a read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) result: Result<String, String>,
    /// The version of its table, if the read shows it.
    pub(super) version: Option<i64>,
}

impl Outcome {
    pub(super) fn new(read: &Read, result: Result<Vec<Triple>, impl Display>) -> Self {
        let first = result.as_ref().ok().and_then(|rows| rows.first());
        let first = first.filter(|row| read.shows == Shows::Version && row.0 == 0);
        let version = first.map(|row| row.1);
        Self::of(result.map(|rows| format!("{rows:?}")), version)
    }

    /// Whether the server chose this very read to end a deadlock with a change of the schema: it says
    /// nothing of what the rows are.
    pub(super) fn met_a_deadlock(&self) -> bool {
        self.result.as_ref().is_err_and(|error| error.to_lowercase().contains("deadlock"))
    }

    /// Of a read of nothing but a version.
    pub(super) fn of_version(version: Result<i64, impl Display>) -> Self {
        let seen = version.as_ref().ok().copied();
        Self::of(version.map(|version| version.to_string()), seen)
    }

    pub(super) fn of(result: Result<String, impl Display>, version: Option<i64>) -> Self {
        // What a database says of an error may have a place or a number in it.
        let result = result.map_err(|error| error.to_string());
        Self { result, version }
    }
}

/// One process's way to the database, with the cache and without.
pub(super) trait Client: Sized {
    /// Whether some verify what they serve.
    const VERIFIES: bool = true;

    async fn create(url: &str);
    async fn open(assignment: &Assignment, region: Region) -> Self;
    async fn acknowledged(&self) -> Vec<Known>;
    /// The version of a table that is committed, if it can be told.
    async fn committed(&self, table: usize) -> Option<i64>;
    async fn direct(&self, read: &Read) -> Outcome;
    async fn cached(&self, read: &Read, options: u32) -> Outcome;
    /// As much of a write as the database can do.
    fn feasible(&self, write: Write) -> Write;
    async fn apply(&self, write: &Write) -> Result<Done, String>;
    /// Changes what is known.
    async fn note(&self, sql: String);
    fn stats(&self) -> Stats;
    /// How hits compared with the database, when all comparisons that have begun are done.
    async fn verified(&self) -> VerifyCounts;

    /// Writes, and keeps account of it; says what a read in the transaction saw that it should not have.
    async fn write(&self, write: &Write) -> Result<Option<String>, String> {
        let write = self.feasible(write.clone());
        self.pending(&write, 1).await;
        let done = self.apply(&write).await;
        for (table, version) in done.iter().flat_map(|(versions, _)| versions) {
            let newer = format!("version = {version} WHERE id = {table} AND version < {version}");
            self.note(format!("UPDATE known SET {newer}")).await;
        }
        self.pending(&write, -1).await;
        done.map(|(_, wrong)| wrong)
    }

    /// Notes that writers have begun, or ended.
    async fn pending(&self, write: &Write, by: i64) {
        for table in &write.tables {
            let more = format!("pending = pending + {by} WHERE id = {table}");
            self.note(format!("UPDATE known SET {more}")).await;
        }
    }
}
