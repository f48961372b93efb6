//! One comparison, in a task of its own.

use std::sync::Arc;
use std::time::Duration;

use dogpile::{EntryRef, Key, Shared, Tags};
use dogpile_query::shape;
use dogpile_replay::{Recorder, RowSet};
use futures_util::TryStreamExt;
use sqlx::Either;
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use super::Verifier;
use super::compare::{Part, is_same};
use super::counts::Verdict;
use super::spare::spare;
use crate::database::CacheDatabase;
use crate::out_of_step::Asking;
use crate::pool::CachedPool;
use crate::query::Options;
use crate::rows::Rows;
use crate::statement::Statement;

/// How much larger than what was served an answer of the database may be, in bytes, to be read.
const MOST_MORE: usize = 1 << 16;

/// Where what was served is kept.
pub(crate) struct Place {
    key: Key,
    tags: Tags,
    options: Options,
    first_only: bool,
}

impl Place {
    pub(crate) fn of(key: &Key, tags: &Tags, options: &Options, first_only: bool) -> Self {
        Self { key: key.clone(), tags: tags.clone(), options: options.clone(), first_only }
    }

    /// The entry, where it is fresh.
    fn entry<'r, DB: CacheDatabase>(&'r self, pool: &'r CachedPool<DB>) -> EntryRef<'r> {
        let region = self.options.region(pool);
        self.options.entry(region, &self.key, &self.tags).stale_for(Duration::ZERO)
    }
}

/// What is compared.
struct Check<DB: CacheDatabase> {
    pool: CachedPool<DB>,
    place: Place,
    served: Shared<Rows<DB>>,
    statement: Statement<DB>,
    part: Part,
}

impl Verifier {
    /// Compares `served` with what the database says, in the background, if there is room for it.
    pub(crate) fn check<DB: CacheDatabase>(
        self: &Arc<Self>,
        pool: &CachedPool<DB>,
        place: Place,
        served: Shared<Rows<DB>>,
        statement: Option<Statement<DB>>,
    ) {
        if served.cells().is_none() {
            return;
        }
        let skip = || self.counters.count(Verdict::Skipped, pool.region().name());
        let turn = Arc::clone(&self.turns).try_acquire_owned();
        let (Ok(turn), Ok(runtime), Some(statement)) = (turn, Handle::try_current(), statement)
        else {
            return skip();
        };
        let shape = shape(statement.sql.as_str(), DB::DIALECT);
        let Some(part) = part(&shape, place.first_only) else { return skip() };
        let check = Check { pool: pool.clone(), place, served, statement, part };
        let this = Arc::clone(self);
        // Nobody waits for it.
        drop(runtime.spawn(async move {
            let region = check.pool.region().name().to_owned();
            let verdict = Box::pin(check.run(&this)).await;
            this.note(verdict, &region, &shape);
            drop(turn);
        }));
    }

    fn note(&self, verdict: Verdict, region: &str, shape: &str) {
        self.counters.count(verdict, region);
        if verdict != Verdict::Different {
            return;
        }
        let (mismatches, is_new) = self.shapes.mismatch(shape, self.verify.threshold);
        tracing::error!(region, shape, mismatches, "a hit was not what the database says");
        if is_new {
            tracing::error!(region, shape, "not served from the cache until `trust_again`");
        }
    }
}

/// Which rows of a statement of this shape were served; `None` where the database is free to choose.
fn part(shape: &str, first_only: bool) -> Option<Part> {
    let has = |word: &str| {
        let mut words = shape.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        words.any(|it| it.eq_ignore_ascii_case(word))
    };
    let is_ordered = has("ORDER");
    match (first_only, is_ordered) {
        (_, false) if has("LIMIT") || has("FETCH") => None,
        (false, _) => Some(Part::All),
        (true, true) => Some(Part::First),
        (true, false) => Some(Part::Any),
    }
}

impl<DB: CacheDatabase> Check<DB> {
    async fn run(self, verifier: &Verifier) -> Verdict {
        let Self { pool, place, served, statement, part } = self;
        let observed = place.entry(&pool).observe().await;
        let limit = verifier.verify.timeout;
        let Some(fresh) = ask(&pool, statement, part, &served, limit).await else {
            return Verdict::Skipped;
        };
        match same(part, &served, &fresh).await {
            Some(true) => return Verdict::Equal,
            Some(false) => {}
            None => return Verdict::Skipped,
        }
        // Whoever has just committed has not invalidated yet.
        sleep(verifier.verify.settle).await;
        let Some(now): Option<Shared<Rows<DB>>> = place.entry(&pool).get().await else {
            return Verdict::Moved;
        };
        let is_served = now.cells().map(RowSet::bytes) == served.cells().map(RowSet::bytes);
        // Asked last: as long as nothing has moved, the entry claims to be what the database said.
        match is_served && observed.is_current().await {
            true => Verdict::Different,
            false => Verdict::Moved,
        }
    }
}

async fn same<DB: CacheDatabase>(part: Part, served: &Rows<DB>, fresh: &Fresh<DB>) -> Option<bool> {
    match fresh {
        Fresh::Rows(fresh) => is_same(part, served.cells()?, fresh).await,
        // Among so many the one that was served may be as well.
        Fresh::TooMany => (part == Part::All).then_some(false),
    }
}

/// What the database says.
enum Fresh<DB> {
    Rows(RowSet<DB>),
    /// Far more than was served.
    TooMany,
}

/// Runs the statement on a connection that is idle and not the last; `None` if it gave no answer.
async fn ask<DB: CacheDatabase>(
    pool: &CachedPool<DB>,
    statement: Statement<DB>,
    part: Part,
    served: &Rows<DB>,
    limit: Duration,
) -> Option<Fresh<DB>> {
    if pool.in_text_transaction() || !pool.settings().are_known() {
        return None;
    }
    let bytes = served.cells()?.bytes().len().saturating_mul(2).saturating_add(MOST_MORE);
    let mut raw = spare(pool.inner())?;
    let mut asking = Asking::at_length(&mut raw);
    let asked = match part {
        Part::First => timeout(limit, first::<DB>(asking.connection(), statement)).await,
        Part::All | Part::Any => {
            timeout(limit, all::<DB>(asking.connection(), statement, bytes)).await
        }
    };
    if matches!(asked, Ok(Some(Fresh::Rows(_)))) {
        asking.answered();
    }
    asked.ok()?
}

async fn first<DB: CacheDatabase>(
    raw: &mut DB::Connection,
    statement: Statement<DB>,
) -> Option<Fresh<DB>> {
    let mut recorder = Recorder::<DB>::new();
    if let Some(row) = DB::fetch_optional(raw, statement).await.ok()? {
        recorder.push(&row).ok()?;
    }
    recorder.finish().ok().map(Fresh::Rows)
}

async fn all<DB: CacheDatabase>(
    raw: &mut DB::Connection,
    statement: Statement<DB>,
    most: usize,
) -> Option<Fresh<DB>> {
    let (mut recorder, mut is_ended) = (Recorder::<DB>::new(), false);
    let mut steps = DB::fetch_many(raw, statement);
    while let Some(step) = steps.try_next().await.ok()? {
        match step {
            Either::Right(row) => recorder.push(&row).ok()?,
            Either::Left(_) => is_ended = true,
        }
        if recorder.len() > most {
            return Some(Fresh::TooMany);
        }
    }
    recorder.finish().ok().filter(|_| is_ended).map(Fresh::Rows)
}

#[cfg(test)]
mod tests {
    use super::{Part, part};

    #[test]
    fn what_the_database_is_free_to_choose_is_not_compared() {
        assert_eq!(part("SELECT a FROM t LIMIT ?", false), None);
        assert_eq!(part("SELECT a FROM t fetch first ? rows only", true), None);
        assert_eq!(part("SELECT a FROM t ORDER BY a LIMIT ?", false), Some(Part::All));
        assert_eq!(part("SELECT limits FROM t", false), Some(Part::All));
        assert_eq!(part("SELECT a FROM t ORDER BY a", true), Some(Part::First));
        assert_eq!(part("SELECT a FROM t", true), Some(Part::Any));
    }
}
