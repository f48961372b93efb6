//! What leases are.

use std::str::FromStr;

use std::sync::Arc;

use dogpile::config::BackendUrl;
use dogpile::{Error, Result};

use super::builder::Target;
use super::{Settings, Source, Tables, url};
use crate::backend::lock::Locker;
use crate::backend::lock::session::Sessions;
use crate::error::wrong;

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

    /// What makes leases of locks, unless they are rows.
    pub(super) fn locker(
        &self,
        target: &Target,
        schema: Option<&str>,
        prefix: &str,
        settings: &Settings,
    ) -> Result<Option<Locker>> {
        let sessions: Arc<dyn Sessions> = match target {
            #[cfg(feature = "sqlite")]
            Target::Sqlite(_) if self.kind == Some(LockKind::Advisory) || self.url.is_some() => {
                return Err(wrong("SQLite's leases are rows; leave locks and lock_url out"));
            }
            #[cfg(feature = "sqlite")]
            Target::Sqlite(_) => return Ok(None),
            #[cfg(feature = "postgres")]
            Target::Postgres(source) => {
                let tables = Tables::new(schema, prefix, '"')?;
                let direct = self.direct(|target| match target {
                    Target::Postgres(Source::Options(options)) => Some(options),
                    _ => None,
                })?;
                Arc::new(crate::postgres::lock::Locks::new(source, direct, &tables, settings))
            }
            #[cfg(feature = "mysql")]
            Target::Mysql(source) => {
                let tables = Tables::new(schema, prefix, '`')?;
                let direct = self.direct(|target| match target {
                    Target::Mysql(Source::Options(options)) => Some(options),
                    _ => None,
                })?;
                Arc::new(crate::mysql::lock::Locks::new(source, direct, &tables, settings))
            }
        };
        if self.kind == Some(LockKind::Rows) {
            return Ok(None);
        }
        let scope = [&*space(target, schema), prefix];
        Ok(Some(Locker::new(sessions, &scope, settings)))
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

/// What the names of leases are told apart by on one server, beside the prefix.
fn space(target: &Target, schema: Option<&str>) -> String {
    match (target, schema) {
        // Locks of MySQL are the whole server's.
        #[cfg(feature = "mysql")]
        (Target::Mysql(source), None) => crate::mysql::lock::database(source),
        (_, schema) => schema.unwrap_or_default().to_owned(),
    }
}
