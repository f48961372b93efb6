//! Counts the statements that sqlx really sent: the oracle of hit and miss.
//!
//! A test that asks the cache whether it hit would believe the thing it tests. The driver itself
//! reports every statement it ran, with its SQL, as an event of `tracing` under the target
//! `sqlx::query`; this module listens to those. It becomes the process's default subscriber, so
//! another one must not be; a test may still put its own in front with
//! [`tracing::subscriber::with_default`].
//!
//! What is counted: every statement that goes through a query or `execute`, those with which a
//! connection opens included: open the pool, then [`reset`](Statements::reset). What dogpile itself
//! asks the catalog, once per table, and the server, once per pool, is not: it says so in a comment.
//! The drivers do not report `BEGIN`, and differ in reporting `COMMIT` and `ROLLBACK`, so count
//! with [`matching`](Statements::matching) where transactions are involved. The event of a
//! statement comes before its result ends; only after an error, or a stream that was not read to
//! its end, may it come a moment later.

mod level;
mod recorder;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tracing::Level;

use self::level::Taken;

/// How a question to the catalog, or to the server, begins.
const QUESTIONS: [&str; 2] = ["/* dogpile: catalog */", "/* dogpile: server */"];

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
    mark: Mark,
    sql: Mutex<Vec<String>>,
}

/// Which events count.
#[derive(Debug)]
enum Mark {
    All,
    /// Those of threads with this prefix.
    Threads(String),
    /// Those of this level.
    Level(Taken),
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
        Self::watch(Mark::All)
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
    /// for these threads marks the pool. For PostgreSQL and MySQL see [`at_a_level`](Self::at_a_level).
    ///
    /// # Panics
    ///
    /// As [`install`](Self::install).
    pub fn of(options: SqliteConnectOptions) -> (Self, SqliteConnectOptions) {
        let threads = format!("watched-{}-", NEXT.fetch_add(1, Ordering::Relaxed));
        let statements = Self::watch(Mark::Threads(threads.clone()));
        (statements, options.thread_name(move |number| format!("{threads}{number}")))
    }

    /// Counts what the connections made from these options send, to any database.
    ///
    /// The driver reports at a level that its options say, and there are five: each handle has one
    /// for itself as long as it lives. So no more than five may be watched at a time in a process,
    /// and what else the process sends must not be reported: switch that off, with
    /// [`disable_statement_logging`](ConnectOptions::disable_statement_logging).
    ///
    /// # Panics
    ///
    /// As [`install`](Self::install), and when all five levels are taken.
    pub fn at_a_level<O: ConnectOptions>(options: O) -> (Self, O) {
        let taken = Taken::take();
        let options = taken.mark(options);
        (Self::watch(Mark::Level(taken)), options)
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

    fn watch(mark: Mark) -> Self {
        let seen = Arc::new(Seen { mark, sql: Mutex::default() });
        recorder::register(&seen);
        Self { seen }
    }
}

impl Seen {
    /// Notes a statement that was reported at that level, on the thread with that name.
    fn note(&self, level: Level, thread: &str, sql: &str) {
        let watched = match &self.mark {
            Mark::All => true,
            Mark::Threads(prefix) => thread.starts_with(prefix),
            Mark::Level(taken) => taken.level() == level,
        };
        if watched && !QUESTIONS.iter().any(|question| sql.starts_with(question)) {
            self.lock().push(sql.into());
        }
    }

    /// A test that panicked while it held the lock left a whole list behind.
    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.sql.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
