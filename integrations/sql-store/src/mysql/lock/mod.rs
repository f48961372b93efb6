//! Leases that are locks with names, of `GET_LOCK`.

mod session;
mod sql;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::mysql::MySqlConnectOptions;
use tokio::time::timeout;

use self::session::LockSession;
use crate::backend::lock::session::{Sent, Session, Sessions, Trouble};
use crate::config::{Settings, Source, Tables};
use crate::error::Failure;

/// Makes sessions for locks.
pub(crate) struct Locks {
    options: Box<MySqlConnectOptions>,
    tables: Arc<Tables>,
    connect_limit: Duration,
    statement_limit: Duration,
}

impl Locks {
    /// Sessions of `direct`, or of where the tables are.
    pub(crate) fn new(
        source: &Source<sqlx::MySql>,
        direct: Option<MySqlConnectOptions>,
        tables: &Tables,
        settings: &Settings,
    ) -> Self {
        let options = direct.unwrap_or_else(|| match source {
            Source::Pool(pool) => (*pool.connect_options()).clone(),
            Source::Options(options) => options.clone(),
        });
        Self {
            options: options.disable_statement_logging().into(),
            tables: Arc::new(tables.clone()),
            connect_limit: settings.connect_timeout,
            statement_limit: settings.statement_timeout,
        }
    }

    async fn begin(&self) -> Result<LockSession, Trouble> {
        let connection = timeout(self.connect_limit, self.options.connect()).await;
        let connection = connection.map_err(|_| Failure::no_session(self.connect_limit))??;
        let begin = sql::begin(self.statement_limit);
        Ok(LockSession::new(connection, begin, Arc::clone(&self.tables)).await?)
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

/// The database whose tables they are: names of locks are the whole server's.
pub(crate) fn database(source: &Source<sqlx::MySql>) -> String {
    let of = |options: &MySqlConnectOptions| options.get_database().unwrap_or_default().to_owned();
    match source {
        Source::Pool(pool) => of(&pool.connect_options()),
        Source::Options(options) => of(options),
    }
}
