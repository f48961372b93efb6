//! What passes between a query that is being run and whoever decides about it.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use dogpile::Shared;
use dogpile_replay::{Recorder, RowSet, Unfit};
use sqlx::Either;

use super::route::Route;
use crate::database::{CacheDatabase, Step};
use crate::pool::CachedPool;
use crate::rows::Rows;
use crate::statement::Statement;
use crate::verify::Place;

/// A statement on its way from the query to the database.
///
/// The query's own future is polled once: it hands its statement over and waits. Whoever holds the
/// other end reads the statement, and either drops the future, because the answer is known, or
/// releases it to a route and lets it run to its end.
pub(crate) struct Capture<'c, DB: CacheDatabase> {
    state: Mutex<State<'c, DB>>,
    bytes: AtomicUsize,
    ended: AtomicBool,
}

struct State<'c, DB: CacheDatabase> {
    statement: Option<Statement<DB>>,
    route: Option<Route<'c, DB>>,
    recorder: Option<Result<Recorder<DB>, Unfit>>,
    /// The SQL of what is recorded.
    sql: Option<String>,
}

impl<'c, DB: CacheDatabase> Capture<'c, DB> {
    pub(super) fn new() -> Arc<Self> {
        let state = Mutex::new(State { statement: None, route: None, recorder: None, sql: None });
        Arc::new(Self { state, bytes: AtomicUsize::new(0), ended: AtomicBool::new(false) })
    }

    pub(super) fn put(&self, statement: Statement<DB>) {
        self.lock().statement = Some(statement);
    }

    /// Looks at the captured statement.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Statement<DB>) -> R) -> Option<R> {
        self.lock().statement.as_ref().map(read)
    }

    /// Has rows that are about to be served compared with what the statement finds in the database, if
    /// this is one of the share of which that is wanted.
    pub(super) fn compare(
        &self,
        pool: &CachedPool<DB>,
        place: impl FnOnce() -> Place,
        served: &Shared<Rows<DB>>,
    ) {
        if let Some(verifier) = pool.verifier().filter(|it| it.takes_this()) {
            verifier.check(pool, place(), served.clone(), self.read(Statement::again));
        }
    }

    /// Lets the statement run on `route` when its future is polled next.
    pub(super) fn release(&self, route: Route<'c, DB>) {
        self.lock().route = Some(route);
    }

    /// Takes the statement, for whoever runs it in place of the query's own future.
    pub(super) fn take(&self) -> Option<Statement<DB>> {
        self.lock().statement.take()
    }

    /// Where the statement is to run, once it was released, and the statement if nobody took it.
    ///
    /// Registers no waker: whoever releases the statement polls its future right after.
    pub(super) async fn released(&self) -> (Route<'c, DB>, Option<Statement<DB>>) {
        poll_fn(|_| {
            let mut state = self.lock();
            match state.route.take() {
                Some(route) => Poll::Ready((route, state.statement.take())),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Keeps the cells of the rows that pass from here on.
    pub(super) fn record(&self) {
        let mut state = self.lock();
        state.recorder = Some(Ok(Recorder::new()));
        state.sql = state.statement.as_ref().map(|statement| statement.sql.as_str().to_owned());
    }

    /// Keeps no cells any more, and none of those that were kept.
    pub(super) fn forget(&self) {
        self.lock().recorder = None;
    }

    /// The SQL of what was recorded.
    pub(crate) fn recorded_sql(&self) -> Option<String> {
        self.lock().sql.take()
    }

    /// The cells of all rows that have passed.
    pub(crate) fn recorded(&self) -> Result<RowSet<DB>, Unfit> {
        let recorder = self.lock().recorder.take();
        recorder.unwrap_or_else(|| Ok(Recorder::new())).and_then(Recorder::finish)
    }

    /// Notes what the driver says.
    pub(super) fn saw(&self, step: &Step<DB>) {
        match step {
            Either::Right(row) => self.saw_row(row),
            Either::Left(_) => self.ended.store(true, Ordering::Relaxed),
        }
    }

    /// Notes what the driver says where only the first row is asked for.
    pub(super) fn saw_first(&self, first: &Step<DB>) {
        self.saw(first);
        self.ended.store(true, Ordering::Relaxed);
    }

    fn saw_row(&self, row: &DB::Row) {
        self.bytes.fetch_add(DB::row_bytes(row), Ordering::Relaxed);
        if let Some(recorder) = &mut self.lock().recorder
            && let Ok(recording) = recorder
            && let Err(unfit) = recording.push(row)
        {
            *recorder = Err(unfit);
        }
    }

    /// How many bytes the rows took that have passed.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The weight of the result; `None` if the driver broke off without saying that it did.
    ///
    /// A stream that ends without an error is not enough: when the thread of a SQLite connection
    /// dies, its stream ends as if there were no more rows.
    pub(super) fn weight(&self) -> Option<usize> {
        self.ended.load(Ordering::Relaxed).then(|| self.bytes())
    }

    fn lock(&self) -> MutexGuard<'_, State<'c, DB>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
