//! Leases that are advisory locks.

mod session;
mod sql;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, Row as _};
use tokio::time::timeout;

use self::session::{LockSession, pid};
use self::sql::Sql;
use crate::backend::dialect::Life;
use crate::backend::lock::session::{Sent, Session, Sessions, Trouble};
use crate::config::{Settings, Tables};
use crate::error::{Done, Failure};
use crate::pool::Pool;

/// How long a session may wait for one that a pooler gives to somebody else.
const PROBE: Duration = Duration::from_secs(1);

/// Makes sessions for locks.
pub(crate) struct Locks {
    options: Box<PgConnectOptions>,
    sql: Arc<Sql>,
    connect_limit: Duration,
    /// The connections of calls, where sessions may lead to another database than they.
    beside: Option<Arc<Pool<sqlx::Postgres>>>,
}

impl Locks {
    pub(crate) fn new(
        options: PgConnectOptions,
        beside: Option<Arc<Pool<sqlx::Postgres>>>,
        tables: &Tables,
        settings: &Settings,
    ) -> Self {
        let options = options.application_name("dogpile locks").disable_statement_logging();
        let sql = Arc::new(Sql::new(tables, settings.statement_timeout));
        Self { options: options.into(), sql, connect_limit: settings.connect_timeout, beside }
    }

    async fn connect(&self) -> Done<PgConnection> {
        let connection = timeout(self.connect_limit, self.options.connect()).await;
        Ok(connection.map_err(|_| Failure::no_session(self.connect_limit))??)
    }

    /// A session that is not shared out by a pooler.
    async fn begin(&self) -> Result<LockSession, Trouble> {
        let mut connection = self.connect().await?;
        self.compare(&mut connection).await?;
        let pid = self.probe(&mut connection).await?;
        let mut session = LockSession::new(connection, pid, Arc::clone(&self.sql)).await?;
        // One that does not see the tables is found out before anything depends on it.
        session.store(&[], &[], Life { least: 0, generous: 0 }).await?;
        Ok(session)
    }

    /// Fails where calls go to another database: a lock there would protect nothing, and what is stored
    /// under it would be stored there.
    async fn compare(&self, connection: &mut PgConnection) -> Done<()> {
        let Some(calls) = &self.beside else { return Ok(()) };
        let theirs = self.place(&mut *calls.acquire().await?).await?;
        if self.place(connection).await? == theirs { Ok(()) } else { Err(Failure::elsewhere()) }
    }

    async fn place(&self, connection: &mut PgConnection) -> Done<String> {
        let row = sqlx::raw_sql(self.sql.place.clone()).fetch_one(connection).await?;
        Ok(row.try_get(0)?)
    }

    /// Which session it is: while another one is in a transaction it is still the one it was, unless both
    /// are shared out by a pooler.
    async fn probe(&self, connection: &mut PgConnection) -> Result<i32, Trouble> {
        let mut other = self.connect().await?;
        let before = pid(connection).await?;
        sqlx::raw_sql("BEGIN").execute(&mut other).await?;
        let others = pid(&mut other).await?;
        let mut asked = Box::pin(pid(connection));
        let meanwhile = timeout(PROBE, &mut asked).await;
        // Put back as it was: a pooler would close a session that was left in a transaction.
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await?;
        let is_alone = match meanwhile {
            Ok(meanwhile) => meanwhile? == before && others != before,
            Err(_) => {
                // It has waited for the other one, or for a server that is busy.
                timeout(PROBE, asked).await.map_err(|_| Failure::silent())??;
                false
            }
        };
        drop(other.close().await);
        if is_alone { Ok(before) } else { Err(Trouble::Pooled) }
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
