//! What the database's own catalog tells: which tables are behind the names of a statement, and what
//! the rows of a table are told apart by.
//!
//! A picture of all [relations](dogpile_query::Relations) is taken before the first read or write that needs it, on a
//! connection that is in no transaction. A write on one that is, and a read that finds no connection in
//! time, go without: nothing is then cached, and all is invalidated.
//!
//! The key of a table is asked for when a cached read limits it by equality: on a connection of the pool,
//! once. A write never waits for it. It counts as one of any row, and the next connection that is taken
//! from the pool and is in no transaction learns what the table's key is.
//!
//! What was learnt is dropped when a statement of this process changes the schema. What others change
//! is found out at the first miss, or the first write, after [`BELIEF`]: until then this process may
//! go by a key that the table no longer has, or not know of a trigger it has now. A name that is not in
//! the picture is asked for at once.

mod ask;
mod complaints;
pub(crate) mod keys;
mod picture;
pub(crate) mod relations;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dogpile::{Digest, Tags};
use dogpile_query::{Analysis, Bypass, TableKey, TableName};
use quick_cache::UnitWeighter;
use quick_cache::sync::Cache;
use tokio::time::Instant;

use complaints::Complaints;
use picture::Pictured;
pub(crate) use picture::{Dependence, UNKNOWN_RELATIONS};

/// Of how many tables the keys are remembered.
const MOST_TABLES: usize = 1_000;
/// Of how many reads it is remembered which row they depend on: as many as there may well be small
/// rows in a local tier. Each takes some 100 bytes beside the list of tags that it shares with its
/// entry.
const MOST_ROWS: u64 = 50_000;
/// Of how many there is room from the beginning.
const USUAL_ROWS: usize = 1_000;
/// How many tables wait to be asked for.
const MOST_WANTED: usize = 32;
/// How long the answer is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long all relations are waited for.
const PATIENCE_FOR_ALL: Duration = Duration::from_secs(5);
/// After a failure nobody asks again for so long.
const REST: Duration = Duration::from_secs(5);
/// After all connections were in use nobody asks for so long.
const BREATH: Duration = Duration::from_millis(200);
/// How long it is believed that others have not changed the schema.
const BELIEF: Duration = Duration::from_secs(60);
/// How long a change of the schema may take whose caller went away.
const DISTRUST: Duration = Duration::from_secs(60);

/// What is known of a table: its key, or that it has none to go by.
pub(crate) type Belief = Arc<Option<TableKey>>;

/// What is known of the tables of a pool.
pub(crate) struct Catalog {
    picture: Pictured,
    beliefs: Cache<TableName, Belief>,
    /// What reads by key depend on, by what they are kept under, and in which generation.
    rows: Cache<Digest, (u64, Tags)>,
    /// That of the state, for whoever only compares.
    generation: AtomicU64,
    state: Mutex<State>,
    /// One waits for a connection to ask on. Whoever has one already never waits for those.
    door: tokio::sync::Mutex<()>,
    /// One asks at a time.
    turn: tokio::sync::Mutex<()>,
    complaints: Complaints,
}

struct State {
    /// What was asked for before the schema changed says nothing.
    generation: u64,
    /// Then everything is asked for anew.
    ends: Instant,
    /// Nobody asks before.
    rests_until: Instant,
    /// How many do what may change the schema at any time.
    working: usize,
    wanted: BTreeSet<TableName>,
}

impl State {
    /// The database did not tell: nobody asks for a while, and then for everything.
    fn rest(&mut self) {
        let later = Instant::now() + REST;
        (self.rests_until, self.ends) = (later, self.ends.min(later));
    }
}

impl Catalog {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let state = State {
            generation: 0,
            ends: now + BELIEF,
            rests_until: now,
            working: 0,
            wanted: BTreeSet::new(),
        };
        Self {
            picture: Pictured::new(),
            beliefs: Cache::new(MOST_TABLES),
            rows: Cache::with_weighter(USUAL_ROWS, MOST_ROWS, UnitWeighter),
            generation: AtomicU64::new(0),
            state: Mutex::new(state),
            door: tokio::sync::Mutex::new(()),
            turn: tokio::sync::Mutex::new(()),
            complaints: Complaints::default(),
        }
    }

    /// What is known of a table, if it was asked for.
    pub(crate) fn get(&self, table: &TableName) -> Option<Belief> {
        self.beliefs.get(table)
    }

    /// Raised when what is known is dropped.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// What the read under `key` was found to depend on, in this generation.
    pub(crate) fn row(&self, key: Digest, generation: u64) -> Option<Tags> {
        self.rows.get(&key).filter(|(then, _)| *then == generation).map(|(_, tags)| tags)
    }

    /// Remembers what the read under `key` depends on, as was found out in `generation`.
    pub(crate) fn remember_row(&self, key: Digest, generation: u64, tags: &Tags) {
        self.rows.insert(key, (generation, tags.clone()));
    }

    /// Says that a table should be asked for on the next connection.
    pub(crate) fn want(&self, table: &TableName) {
        let mut state = self.state();
        if state.wanted.len() < MOST_WANTED {
            state.wanted.insert(table.clone());
        }
    }

    /// The schema may have changed, or may be about to.
    pub(crate) fn forget(&self) {
        self.forget_in(&mut self.state());
    }

    /// The schema may change at any time from now on: nobody waits for who changes it.
    pub(crate) fn distrust(&self) {
        let mut state = self.state();
        state.rests_until = Instant::now() + DISTRUST;
        self.forget_in(&mut state);
    }

    /// Somebody does what may change the schema at any time: until it ends nobody asks.
    pub(crate) fn work_begins(&self) {
        let mut state = self.state();
        state.working += 1;
        self.forget_in(&mut state);
    }

    /// What may have changed the schema has ended.
    pub(crate) fn work_ends(&self) {
        let mut state = self.state();
        state.working = state.working.saturating_sub(1);
        self.forget_in(&mut state);
    }

    /// Lets go of what is too old to be believed. Not for the path of a hit: it asks for the time.
    pub(crate) fn refresh(&self) {
        self.refresh_at(Instant::now());
    }

    fn refresh_at(&self, now: Instant) {
        let mut state = self.state();
        if now >= state.ends {
            self.picture.doubt();
            self.forget_keys_in(&mut state);
        }
    }

    /// Whether there is something to be asked.
    pub(crate) fn wants(&self) -> bool {
        self.picture.is_due() || !self.state().wanted.is_empty()
    }

    /// What the read `analysis` of `sql` depends on, by table.
    pub(crate) fn depends(&self, analysis: &Analysis, sql: &str) -> Dependence {
        self.picture.depends(analysis, sql, self.generation())
    }

    /// Why the read `analysis` is not cached, in words.
    pub(crate) fn why_not(&self, analysis: &Analysis) -> Option<Bypass> {
        self.picture.why_not(analysis)
    }

    /// What the write `analysis` of `sql` moves.
    pub(crate) fn moved(&self, analysis: &Analysis, sql: &str) -> Tags {
        self.picture.moved(analysis, sql, self.generation())
    }

    /// What a write to `tables` moves of which nothing else is known.
    pub(crate) fn moved_somehow(&self, tables: &[TableName]) -> Tags {
        self.picture.moved_somehow(tables)
    }

    /// Whether the relations are to be asked for.
    pub(crate) fn is_due(&self) -> bool {
        self.picture.is_due()
    }

    /// Nobody asks for so long.
    fn rest(&self, pause: Duration) {
        let mut state = self.state();
        state.rests_until = state.rests_until.max(Instant::now() + pause);
    }

    fn forget_in(&self, state: &mut State) {
        self.picture.forget();
        self.forget_keys_in(state);
    }

    fn forget_keys_in(&self, state: &mut State) {
        state.generation += 1;
        self.generation.store(state.generation, Ordering::Release);
        state.ends = Instant::now() + BELIEF;
        self.beliefs.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog").field("tables", &self.beliefs.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use dogpile_query::{KeyColumn, KeyKind, TableKey, TableName};
    use sqlx::Error;
    use tokio::time::Instant;

    use super::{BELIEF, Catalog, REST};

    fn key() -> Option<TableKey> {
        Some(TableKey::new([KeyColumn::new("id", KeyKind::INTEGER)]))
    }

    #[test]
    fn what_was_asked_for_before_the_schema_changed_is_not_believed() {
        let (catalog, table) = (Catalog::new(), TableName::new(None, "t"));
        let before = catalog.may_ask().unwrap_or_default();
        catalog.forget();
        catalog.hear(before, &table, Ok(key()));
        assert_eq!(catalog.get(&table), None);
        let after = catalog.may_ask().unwrap_or_default();
        catalog.hear(after, &table, Ok(key()));
        assert_eq!(catalog.get(&table).as_deref(), Some(&key()));
        catalog.distrust();
        assert_eq!((catalog.get(&table), catalog.may_ask()), (None, None));
    }

    #[test]
    fn beliefs_end_and_failures_end_sooner() {
        let (catalog, table) = (Catalog::new(), TableName::new(None, "t"));
        let begin = Instant::now();
        catalog.hear(0, &table, Ok(key()));
        catalog.refresh_at(begin + BELIEF - REST);
        assert!(catalog.get(&table).is_some());
        catalog.refresh_at(begin + BELIEF + REST);
        assert!(catalog.get(&table).is_none());
        catalog.hear(1, &table, Err(Error::WorkerCrashed));
        assert_eq!((catalog.get(&table).as_deref(), catalog.may_ask()), (Some(&None), None));
        let later = Instant::now() + REST;
        catalog.refresh_at(later);
        assert_eq!((catalog.get(&table), catalog.may_ask_at(later)), (None, Some(2)));
    }
}
