//! Whether the transactions of a pool can carry their own invalidations.
//!
//! That takes a connection of the application's that reaches the very tables of the backend, or those of
//! the log. There is a question that tells, and a connection that is in no transaction answers it: when
//! one is taken from the pool, once for all of them, and again some time after something failed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dogpile::backend::Transactional;
use dogpile::{Region, WriteGuard};
use dogpile_migrations::Migrations;
use dogpile_query::Dialect;
use sqlx::{AssertSqlSafe, Error};
use tokio::time::{Instant, timeout};

use super::log::{self, Log};
use crate::database::CacheDatabase;
use crate::statement::Statement;

/// After a failure nobody tries again for so long.
const REST: Duration = Duration::from_secs(5);
/// How long a caller waits for a question.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a pool knows of its transactions.
#[derive(Default)]
pub(crate) struct Carrier {
    by: Option<By>,
    state: Mutex<State>,
}

/// What writes the SQL that a transaction carries.
#[derive(Debug)]
enum By {
    /// Moves the versions themselves.
    Backend(Arc<dyn Transactional>),
    /// Notes what is to be invalidated.
    Log(Log),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Unknown,
    Ready,
    RestsUntil(Instant),
}

/// A question that a connection is to be asked.
pub(crate) struct Question(String);

impl Carrier {
    /// That of a pool whose results are kept in `region`.
    pub(crate) fn of<DB: CacheDatabase>(region: &Region) -> Self {
        let speaks = match DB::DIALECT {
            Dialect::Postgres => "postgres",
            Dialect::MySql => "mysql",
            Dialect::Sqlite => "sqlite",
            _ => return Self::default(),
        };
        let by = region.transactional().filter(|by| by.dialect() == speaks);
        Self { by: by.map(By::Backend), state: Mutex::default() }
    }

    /// That of a pool whose writes are noted in the log of `migrations`.
    pub(crate) fn noting<DB: CacheDatabase>(
        migrations: &Migrations,
    ) -> Result<Self, dogpile_migrations::Error> {
        use dogpile_migrations::Dialect as Known;
        let dialect = match DB::DIALECT {
            Dialect::Postgres => Known::Postgres,
            Dialect::MySql => Known::MySql,
            Dialect::Sqlite => Known::Sqlite,
            _ => return Ok(Self::default()),
        };
        let by = Log::new(dialect, migrations)?;
        Ok(Self { by: Some(By::Log(by)), state: Mutex::default() })
    }

    /// Whether scripts may be run.
    pub(crate) fn is_ready(&self) -> bool {
        self.by.is_some() && self.state() == State::Ready
    }

    /// SQL that invalidates the tags of a write inside of its transaction, or notes them.
    pub(crate) fn script(&self, guard: &WriteGuard) -> Option<String> {
        match self.by.as_ref()? {
            By::Backend(_) => guard.script(),
            By::Log(_) if guard.tags().is_empty() => None,
            By::Log(log) => log.script(guard.tags()),
        }
    }

    /// SQL that takes back a script that failed.
    pub(crate) fn undo(&self) -> &'static str {
        match &self.by {
            Some(By::Backend(by)) => by.undo(),
            Some(By::Log(_)) => log::UNDO,
            None => "",
        }
    }

    /// A script failed where it should not.
    pub(crate) fn failed(&self) {
        self.set(State::RestsUntil(Instant::now() + REST));
    }

    /// The question to the next connection, if one is to be asked. Taken before the connection: the
    /// backend may need it.
    pub(crate) async fn question(&self) -> Option<Question> {
        let by = self.by.as_ref()?;
        match self.state() {
            State::Ready => return None,
            State::RestsUntil(end) if Instant::now() < end => return None,
            State::Unknown | State::RestsUntil(_) => {}
        }
        let by = match by {
            By::Backend(by) => by,
            By::Log(log) => return Some(Question(log.question())),
        };
        match timeout(PATIENCE, by.question()).await {
            Ok(Ok(question)) => Some(Question(question)),
            Ok(Err(_)) | Err(_) => {
                self.failed();
                None
            }
        }
    }

    /// Asks a connection that is in no transaction.
    pub(crate) async fn ask<DB: CacheDatabase>(
        &self,
        question: Question,
        connection: &mut DB::Connection,
    ) {
        let answer = match script::<DB>(question.0) {
            Ok(question) => DB::fetch_optional(connection, question).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(Some(row)) if self.hear::<DB>(&row) => self.set(State::Ready),
            Ok(_) | Err(_) => self.failed(),
        }
    }

    /// Takes what is to be known from an answer, and says whether it is one.
    fn hear<DB: CacheDatabase>(&self, row: &DB::Row) -> bool {
        let Some(By::Log(log)) = &self.by else { return true };
        DB::first_text(row).map(|located| log.is_at(located)).is_some()
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carrier").field("by", &self.by).field("state", &self.state()).finish()
    }
}

/// A text of any number of statements, sent as it is and not prepared.
fn script<DB: CacheDatabase>(text: String) -> Result<Statement<DB>, Error> {
    Statement::take(sqlx::raw_sql(AssertSqlSafe(text)))
}

/// Runs a text of any number of statements to its end.
pub(super) async fn run<DB: CacheDatabase>(
    connection: &mut DB::Connection,
    text: impl Into<String>,
) -> Result<(), Error> {
    DB::run(connection, script(text.into())?).await
}

/// Whether a statement has met another transaction that it could not be put in an order with.
pub(super) fn is_conflict(error: &Error) -> bool {
    const DEADLOCK_OF_POSTGRES: &str = "40P01";
    const CONFLICT: &str = "40001";
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == CONFLICT || code == DEADLOCK_OF_POSTGRES)
}
