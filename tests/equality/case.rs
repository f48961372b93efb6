//! One query, read in many ways.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use dogpile_sqlx::{CacheDatabase, CachedQuery, QueryCacheExt, TypedQuery};
use futures_util::TryStreamExt;
use sqlx::AssertSqlSafe;

use crate::outcome::outcome;
use crate::pools::{Pools, Side};

/// Why a query may go past the cache here: its rows would not come back exactly.
const REASONS: [&str; 1] = ["not_replayable"];

/// What became of the queries and of their reads.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cached: usize,
    pub(crate) refused: usize,
    pub(crate) bypassed: BTreeMap<String, usize>,
    pub(crate) hits: usize,
    pub(crate) values: usize,
    pub(crate) errors: usize,
    pub(crate) panics: usize,
    /// What was not the same.
    pub(crate) differences: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Warm {
    /// Its cells are in the backend.
    Cached,
    /// The cache is not used for it.
    Bypassed,
    /// The database refuses it.
    Refused,
}

/// A query of one database.
pub(crate) struct Case<'p, DB: CacheDatabase> {
    pub(crate) pools: &'p Pools<DB>,
    pub(crate) sql: String,
    tally: &'p Mutex<Tally>,
    warm: Warm,
}

/// What a pool did for one read.
#[derive(Debug, PartialEq, Eq)]
struct Done {
    hits: u64,
    misses: u64,
    bypasses: u64,
    stored: u64,
    asked: bool,
}

const HIT: Done = Done { hits: 1, misses: 0, bypasses: 0, stored: 0, asked: false };

impl<'p, DB: CacheDatabase> Case<'p, DB> {
    /// A query whose cells `warm` and `warm_first` bring into the backend: reads of all rows, and of
    /// the first, that make nothing of them.
    pub(crate) async fn new<Q>(
        pools: &'p Pools<DB>,
        sql: String,
        tally: &'p Mutex<Tally>,
        make: impl Fn() -> Q,
    ) -> Self
    where
        Q: TypedQuery<Database = DB, Output = ()>,
    {
        let mut case = Self { pools, sql, tally, warm: Warm::Cached };
        // Each process asks once which database it is.
        for side in [&pools.other, &pools.tiered, &pools.own] {
            make().cached().explain(&side.db).await;
        }
        let why = make().cached().explain(&pools.one.db).await;
        let (all, done) = case.all(&pools.one, make().cached(), |()| String::new()).await;
        let (_, first) = case.first(&pools.one, make().cached(), |()| String::new()).await;
        // A result turns out not to be replayable when it is read.
        let then = make().cached().explain(&pools.one.db).await;
        let bypassed = why.reason().or_else(|| then.reason()).map(str::to_owned);
        case.warm = match bypassed {
            _ if all.starts_with("Err") => Warm::Refused,
            Some(reason) => {
                assert!(REASONS.contains(&&*reason), "{reason}: {}", case.sql);
                *case.tally().bypassed.entry(reason).or_default() += 1;
                Warm::Bypassed
            }
            None => {
                assert_eq!((done.stored, first.stored), (1, 1), "not stored: {}", case.sql);
                Warm::Cached
            }
        };
        case.tally().cached += usize::from(case.warm == Warm::Cached);
        case.tally().refused += usize::from(case.warm == Warm::Refused);
        case
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap()
    }

    pub(crate) fn sql(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(self.sql.clone())
    }

    /// Reads with what `make` makes, live as `all` and `first` do, and every other way.
    pub(crate) async fn same<Q>(
        &self,
        name: &str,
        make: impl Fn() -> Q,
        all: impl Future<Output = sqlx::Result<Vec<Q::Output>>>,
        first: impl Future<Output = sqlx::Result<Option<Q::Output>>>,
        print: fn(&Q::Output) -> String,
    ) where
        Q: TypedQuery<Database = DB, Output: Sync>,
    {
        let Pools { one, other, tiered, own, .. } = self.pools;
        let all = outcome(all, |rows| list(rows, print)).await;
        let first = outcome(first, |row| list(row, print)).await;
        self.count(&all);
        let is_value = !all.starts_with("Err") && !all.starts_with("Panic");
        let is_first = !first.starts_with("Err") && !first.starts_with("Panic");

        for (which, side) in [("one process", one), ("another", other), ("its copy", tiered)] {
            let (got, done) = self.all(side, make().cached(), print).await;
            self.check(name, &format!("a hit in {which}"), &got, &all, done, true);
            let (got, done) = self.first(side, make().cached(), print).await;
            self.check(name, &format!("a first row in {which}"), &got, &first, done, true);
        }
        let apart = || scoped(make(), name);
        let (got, done) = self.all(one, apart(), print).await;
        self.check(name, "a miss", &got, &all, done, false);
        let (got, done) = self.all(one, apart(), print).await;
        self.check(name, "a hit after its own miss", &got, &all, done, is_value);
        let (got, done) = self.first(one, apart(), print).await;
        self.check(name, "a miss of one row", &got, &first, done, false);
        for again in [false, true] {
            let kept = again && self.warm == Warm::Cached;
            let (got, done) = self.all(own, make().cached(), print).await;
            let is_hit = kept && is_value && done.bypasses == 0;
            self.check(name, "in a region of this process", &got, &all, done, is_hit);
            let (got, done) = self.first(own, make().cached(), print).await;
            let is_hit = kept && is_first && done.bypasses == 0;
            self.check(name, "a row of this process", &got, &first, done, is_hit);
        }
    }

    /// Reads as a stream, and from tasks of their own.
    pub(crate) async fn other_ways<Q>(
        &self,
        make: impl Fn() -> Q,
        live: impl Future<Output = sqlx::Result<Vec<String>>>,
    ) where
        Q: TypedQuery<Database = DB, Output = String> + 'static,
    {
        let Pools { one, other, .. } = self.pools;
        let print = |rows: &Vec<String>| rows.join(", ");
        let live = outcome(live, print).await;
        for (side, scope, is_hit) in [(other, "", true), (one, "streamed", false)] {
            let stream = scoped(make(), scope).fetch(&side.db).try_collect();
            let (got, done) = watched(side, outcome(stream, print)).await;
            self.check("rows", "in a stream", &got, &live, done, is_hit);
        }
        for (side, scope, is_hit) in [(other, "", true), (one, "detached", false)] {
            let detached = scoped(make(), scope).detached().fetch_all(&side.db);
            let (got, done) = watched(side, outcome(detached, print)).await;
            self.check("rows", "detached", &got, &live, done, is_hit);
        }
    }

    async fn all<Q>(
        &self,
        side: &Side<DB>,
        query: CachedQuery<Q>,
        print: fn(&Q::Output) -> String,
    ) -> (String, Done)
    where
        Q: TypedQuery<Database = DB, Output: Sync>,
    {
        let read = query.fetch_all_shared(&side.db);
        watched(side, outcome(read, |rows| list(&**rows, print))).await
    }

    async fn first<Q>(
        &self,
        side: &Side<DB>,
        query: CachedQuery<Q>,
        print: fn(&Q::Output) -> String,
    ) -> (String, Done)
    where
        Q: TypedQuery<Database = DB, Output: Sync>,
    {
        let read = query.fetch_optional_shared(&side.db);
        watched(side, outcome(read, |row| list(&**row, print))).await
    }

    fn check(&self, name: &str, way: &str, got: &str, live: &str, done: Done, is_hit: bool) {
        let what = format!("{way}, as {name}\n{}", self.sql);
        if got != live {
            let (live, got) = where_they_differ(live, got);
            self.tally().differences.push(format!("{what}\nlive   {live}\ncached {got}"));
        } else if self.warm == Warm::Cached && is_hit {
            match done {
                HIT => self.tally().hits += 1,
                other => self.tally().differences.push(format!("{what}\nno hit: {other:?}")),
            }
        }
    }

    fn count(&self, all: &str) {
        let mut tally = self.tally();
        let count = match all {
            all if all.starts_with("Err") => &mut tally.errors,
            all if all.starts_with("Panic") => &mut tally.panics,
            _ => &mut tally.values,
        };
        *count += 1;
    }
}

/// The parts of two texts that begin shortly before their first difference.
fn where_they_differ(one: &str, other: &str) -> (String, String) {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| text.chars().skip(same.saturating_sub(200)).take(400).collect();
    (part(one), part(other))
}

/// A cached query, for itself in a scope of its own unless that has no name.
fn scoped<Q: TypedQuery>(query: Q, scope: &str) -> CachedQuery<Q> {
    if scope.is_empty() { query.cached() } else { query.cached().scope(scope) }
}

/// What comes of a read, and what the pool did meanwhile.
async fn watched<DB: CacheDatabase>(
    side: &Side<DB>,
    read: impl Future<Output = String>,
) -> (String, Done) {
    let (before, asked) = (side.db.region().stats(), side.asked());
    let got = read.await;
    let after = side.db.region().stats();
    let done = Done {
        hits: after.hits - before.hits,
        misses: after.misses - before.misses,
        bypasses: after.bypasses - before.bypasses,
        stored: after.stored - before.stored,
        asked: side.asked() > asked,
    };
    (got, done)
}

fn list<'r, T: 'r>(rows: impl IntoIterator<Item = &'r T>, print: fn(&T) -> String) -> String {
    format!("[{}]", rows.into_iter().map(print).collect::<Vec<_>>().join(", "))
}
