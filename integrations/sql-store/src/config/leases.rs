//! What leases are.

use std::str::FromStr;
#[cfg(any(feature = "mysql", feature = "postgres"))]
use std::sync::Arc;

use dogpile::config::BackendUrl;
use dogpile::{Error, Result};
#[cfg(feature = "mysql")]
use sqlx::mysql::MySqlConnectOptions;
#[cfg(feature = "postgres")]
use sqlx::postgres::PgConnectOptions;

#[cfg(any(feature = "mysql", feature = "postgres"))]
use super::{Settings, Source, Tables, builder::Target, url};
#[cfg(any(feature = "mysql", feature = "postgres"))]
use crate::backend::lock::{Locker, session::Sessions};
use crate::error::wrong;
#[cfg(any(feature = "mysql", feature = "postgres"))]
use crate::pool::Pool;

/// What the leases of a store are: locks of the server's, or rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LockKind {
    /// Locks on one session that the store keeps for them, which end with it: advisory locks in
    /// PostgreSQL, `GET_LOCK` in MySQL and MariaDB.
    Advisory,
    /// Rows with their owner and their end. SQLite has nothing else.
    Rows,
}

impl FromStr for LockKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "advisory" => Ok(Self::Advisory),
            "rows" => Ok(Self::Rows),
            _ => Err(wrong("the parameter locks is one of advisory, rows")),
        }
    }
}

/// What a builder is told about leases.
#[derive(Clone, Default)]
pub(super) struct Leases {
    pub(super) kind: Option<LockKind>,
    /// May hold a password: never shown.
    pub(super) url: Option<String>,
}

impl Leases {
    pub(super) fn from_url(url: &BackendUrl) -> Result<Self> {
        let kind = url.text("locks").map(str::parse).transpose()?;
        Ok(Self { kind, url: url.text("lock_url").map(str::to_owned) })
    }

    /// How the sessions are made that are no call's: to the server itself.
    #[cfg(feature = "postgres")]
    pub(super) fn session(&self, source: &Source<sqlx::Postgres>) -> Result<PgConnectOptions> {
        let direct = self.direct(|target| match target {
            Target::Postgres(Source::Options(options)) => Some(options),
            _ => None,
        })?;
        Ok(direct.unwrap_or_else(|| crate::postgres::options(source)))
    }

    /// Advisory locks, unless leases are rows.
    #[cfg(feature = "postgres")]
    pub(super) fn postgres(
        &self,
        session: PgConnectOptions,
        calls: Arc<Pool<sqlx::Postgres>>,
        (schema, prefix, tables): (Option<&str>, &str, &Tables),
        settings: &Settings,
    ) -> Option<Locker> {
        let calls = self.url.is_some().then_some(calls);
        let sessions = crate::postgres::lock::Locks::new(session, calls, tables, settings);
        self.locker(Arc::new(sessions), [schema.unwrap_or_default(), prefix], settings)
    }

    /// How the session with the locks is made: to the server itself.
    #[cfg(feature = "mysql")]
    pub(super) fn mysql_session(
        &self,
        source: &Source<sqlx::MySql>,
    ) -> Result<MySqlConnectOptions> {
        let direct = self.direct(|target| match target {
            Target::Mysql(Source::Options(options)) => Some(options),
            _ => None,
        })?;
        Ok(direct.unwrap_or_else(|| crate::mysql::lock::options(source)))
    }

    /// Locks with names, unless leases are rows. The names are the whole server's.
    #[cfg(feature = "mysql")]
    pub(super) fn mysql(
        &self,
        session: MySqlConnectOptions,
        calls: Arc<Pool<sqlx::MySql>>,
        (database, prefix, tables): (&str, &str, &Tables),
        settings: &Settings,
    ) -> Option<Locker> {
        let calls = self.url.is_some().then_some(calls);
        let sessions = crate::mysql::lock::Locks::new(session, calls, tables, settings);
        self.locker(Arc::new(sessions), [database, prefix], settings)
    }

    /// Refuses what only servers have.
    #[cfg(feature = "sqlite")]
    pub(super) fn are_rows(&self) -> Result<()> {
        if self.kind == Some(LockKind::Advisory) || self.url.is_some() {
            return Err(wrong("SQLite's leases are rows; leave locks and lock_url out"));
        }
        Ok(())
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
    fn locker(
        &self,
        sessions: Arc<dyn Sessions>,
        scope: [&str; 2],
        settings: &Settings,
    ) -> Option<Locker> {
        let is_rows = self.kind == Some(LockKind::Rows);
        (!is_rows).then(|| Locker::new(sessions, &scope, settings))
    }

    /// Where the session with the locks goes, if not where all others do.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    fn direct<O>(&self, options: impl FnOnce(Target) -> Option<O>) -> Result<Option<O>> {
        let Some(url) = &self.url else { return Ok(None) };
        // What is wrong with it may repeat a password.
        let unread = || wrong("lock_url is no URL of such a server; write it like the store's own");
        let url: BackendUrl = url.parse().map_err(|_| unread())?;
        let target = url::target(&url).map_err(|_| unread())?;
        options(target).map(Some).ok_or_else(unread)
    }
}
