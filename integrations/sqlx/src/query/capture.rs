//! What passes between a query that is being run and whoever decides about it.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use super::route::Route;
use crate::database::CacheDatabase;
use crate::statement::Statement;

/// A statement on its way from the query to the database.
///
/// The query's own future is polled once: it hands its statement over and waits. Whoever holds the
/// other end reads the statement, and either drops the future, because the answer is known, or
/// releases it to a route and lets it run to its end.
pub(super) struct Capture<'c, DB: CacheDatabase> {
    state: Mutex<State<'c, DB>>,
    bytes: AtomicUsize,
    ended: AtomicBool,
}

struct State<'c, DB: CacheDatabase> {
    statement: Option<Statement<DB>>,
    route: Option<Route<'c, DB>>,
}

impl<'c, DB: CacheDatabase> Capture<'c, DB> {
    pub(super) fn new() -> Arc<Self> {
        let state = Mutex::new(State { statement: None, route: None });
        Arc::new(Self { state, bytes: AtomicUsize::new(0), ended: AtomicBool::new(false) })
    }

    pub(super) fn put(&self, statement: Statement<DB>) {
        self.lock().statement = Some(statement);
    }

    /// Looks at the captured statement.
    pub(super) fn read<R>(&self, read: impl FnOnce(&Statement<DB>) -> R) -> Option<R> {
        self.lock().statement.as_ref().map(read)
    }

    /// Lets the statement run on `route` when its future is polled next.
    pub(super) fn release(&self, route: Route<'c, DB>) {
        self.lock().route = Some(route);
    }

    /// The statement and where it is to run, once it was released.
    ///
    /// Registers no waker: whoever releases the statement polls its future right after.
    pub(super) async fn released(&self) -> Option<(Statement<DB>, Route<'c, DB>)> {
        poll_fn(|_| {
            let mut state = self.lock();
            match state.route.take() {
                Some(route) => Poll::Ready(state.statement.take().map(|taken| (taken, route))),
                None => Poll::Pending,
            }
        })
        .await
    }

    pub(super) fn add_bytes(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// How many bytes the rows took that have passed.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Notes that the driver has said all there is to say.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
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
