//! Leases that are locks with names, of `GET_LOCK`.

mod session;
mod sql;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{ConnectOptions, MySqlConnection, Row as _};
use tokio::time::timeout;

use self::session::LockSession;
use crate::backend::lock::session::{Sent, Session, Sessions, Trouble};
use crate::config::{Settings, Source, Tables};
use crate::error::{Done, Failure};
use crate::pool::Pool;

/// Makes sessions for locks.
pub(crate) struct Locks {
    options: Box<MySqlConnectOptions>,
    tables: Arc<Tables>,
    connect_limit: Duration,
    statement_limit: Duration,
    /// The connections of calls, where sessions may lead to another database than they.
    beside: Option<Arc<Pool<sqlx::MySql>>>,
}

impl Locks {
    pub(crate) fn new(
        options: MySqlConnectOptions,
        beside: Option<Arc<Pool<sqlx::MySql>>>,
        tables: &Tables,
        settings: &Settings,
    ) -> Self {
        Self {
            options: options.disable_statement_logging().into(),
            tables: Arc::new(tables.clone()),
            connect_limit: settings.connect_timeout,
            statement_limit: settings.statement_timeout,
            beside,
        }
    }

    async fn begin(&self) -> Result<LockSession, Trouble> {
        let connection = timeout(self.connect_limit, self.options.connect()).await;
        let mut connection = connection.map_err(|_| Failure::no_session(self.connect_limit))??;
        self.compare(&mut connection).await?;
        let begin = sql::begin(self.statement_limit);
        Ok(LockSession::new(connection, begin, Arc::clone(&self.tables)).await?)
    }
}

impl Locks {
    /// Fails where calls go to another server or database: a lock there would protect nothing, and what
    /// is stored under it would be stored there.
    async fn compare(&self, connection: &mut MySqlConnection) -> Done<()> {
        let Some(calls) = &self.beside else { return Ok(()) };
        let theirs = self.place(&mut *calls.acquire().await?).await?;
        if self.place(connection).await? == theirs { Ok(()) } else { Err(Failure::elsewhere()) }
    }

    async fn place(&self, connection: &mut MySqlConnection) -> Done<String> {
        let row = sqlx::raw_sql(sql::place(&self.tables)).fetch_one(connection).await?;
        Ok(row.try_get(0)?)
    }
}

impl fmt::Debug for Locks {
    /// Without the options, which have a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locks").finish_non_exhaustive()
    }
}

impl Sessions for Locks {
    fn begin(&self) -> Sent<'_, Box<dyn Session>> {
        Box::pin(async move { Ok(Box::new(self.begin().await?) as Box<dyn Session>) })
    }
}

/// How sessions are made, unless they go past a pooler.
pub(crate) fn options(source: &Source<sqlx::MySql>) -> MySqlConnectOptions {
    match source {
        Source::Pool(pool) => (*pool.connect_options()).clone(),
        Source::Options(options) => options.clone(),
    }
}

/// The database whose tables they are: names of locks are the whole server's.
pub(crate) fn database(source: &Source<sqlx::MySql>) -> String {
    let of = |options: &MySqlConnectOptions| options.get_database().unwrap_or_default().to_owned();
    match source {
        Source::Pool(pool) => of(&pool.connect_options()),
        Source::Options(options) => of(options),
    }
}
