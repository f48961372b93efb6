//! Counts the statements that sqlx really sent: the oracle of hit and miss.
//!
//! A test that asks the cache whether it hit would believe the thing it tests. The driver itself
//! reports every statement it ran, with its SQL, as an event of `tracing` under the target
//! `sqlx::query`; this module listens to those. It becomes the process's default subscriber, so
//! another one must not be; a test may still put its own in front with
//! [`tracing::subscriber::with_default`].
//!
//! What is counted: every statement that goes through a query or `execute`, the `PRAGMA`s with
//! which a SQLite connection opens included: open the pool, then [`reset`](Statements::reset).
//! The drivers do not report `BEGIN`, and differ in reporting `COMMIT` and `ROLLBACK`, so count
//! with [`matching`](Statements::matching) where transactions are involved. The event of a
//! statement comes before its result ends; only after an error, or a stream that was not read to
//! its end, may it come a moment later.

mod recorder;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::sqlite::SqliteConnectOptions;

/// Tells apart the pools that one process watches.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// The statements sent since it was made or [reset](Self::reset), of the process or of one pool.
///
/// Clones share what they saw.
#[derive(Debug, Clone)]
pub struct Statements {
    seen: Arc<Seen>,
}

/// What the recorder writes to.
#[derive(Debug)]
struct Seen {
    /// Only events of threads with this prefix count; all events where there is none.
    threads: Option<String>,
    sql: Mutex<Vec<String>>,
}

impl Statements {
    /// Counts everything that this process sends, to any database.
    ///
    /// That is one test's statements where every test has a process of its own, as under
    /// `cargo nextest`, or where tests run one at a time. Elsewhere use [`of`](Self::of).
    ///
    /// # Panics
    ///
    /// When the process has another default subscriber already: counting nothing in silence would
    /// make every read look like a hit.
    pub fn install() -> Self {
        Self::watch(None)
    }

    /// Counts what the connections made from these options send, in any test runner.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sqlx::Result<()> {
    /// use dogpile_tests::statements::Statements;
    /// use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
    ///
    /// let (statements, options) = Statements::of(SqliteConnectOptions::new().in_memory(true));
    /// let pool = SqlitePool::connect_with(options).await?;
    /// statements.reset();
    /// sqlx::query("SELECT 1").execute(&pool).await?;
    /// assert_eq!(statements.count(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// sqlx runs every SQLite connection on a thread of its own and reports from there, so a name
    /// for these threads marks the pool. There is no such mark for PostgreSQL and MySQL.
    ///
    /// # Panics
    ///
    /// As [`install`](Self::install).
    pub fn of(options: SqliteConnectOptions) -> (Self, SqliteConnectOptions) {
        let threads = format!("watched-{}-", NEXT.fetch_add(1, Ordering::Relaxed));
        let statements = Self::watch(Some(threads.clone()));
        (statements, options.thread_name(move |number| format!("{threads}{number}")))
    }

    /// How many statements were sent.
    pub fn count(&self) -> usize {
        self.seen.lock().len()
    }

    /// The SQL of those that contain `text`, in any case, in the order in which they ended.
    pub fn matching(&self, text: &str) -> Vec<String> {
        let text = text.to_lowercase();
        let contains = |sql: &&String| sql.to_lowercase().contains(&text);
        self.seen.lock().iter().filter(contains).cloned().collect()
    }

    /// Forgets what was sent so far.
    pub fn reset(&self) {
        self.seen.lock().clear();
    }

    fn watch(threads: Option<String>) -> Self {
        let seen = Arc::new(Seen { threads, sql: Mutex::default() });
        recorder::register(&seen);
        Self { seen }
    }
}

impl Seen {
    /// Notes a statement that was reported on the thread with that name.
    fn note(&self, thread: &str, sql: &str) {
        if self.threads.as_deref().is_none_or(|prefix| thread.starts_with(prefix)) {
            self.lock().push(sql.into());
        }
    }

    /// A test that panicked while it held the lock left a whole list behind.
    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.sql.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
