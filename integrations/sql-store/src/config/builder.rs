//! Settings of a store.

use std::fmt;
use std::time::Duration;

use dogpile::Result;
use dogpile::config::BackendUrl;

use super::leases::Leases;
use super::{LockKind, Settings, Source, Tables, url};
use crate::SqlStore;
use crate::backend::Every;
use crate::backend::Locker;
use crate::backend::dialect::Dialect;
use crate::error::wrong;
#[cfg(feature = "mysql")]
use crate::mysql::Mysql;
#[cfg(feature = "postgres")]
use crate::postgres::Postgres;
#[cfg(feature = "sqlite")]
use crate::sqlite::Sqlite;

/// Makes an [`SqlStore`]: where its tables are, and how they are talked to.
///
/// ```no_run
/// use dogpile_sql_store::SqlStore;
///
/// let store = SqlStore::builder("postgres://app@localhost/shop")?.prefix("cache_").open()?;
/// # Ok::<_, dogpile::Error>(())
/// ```
#[must_use]
pub struct SqlStoreBuilder {
    target: Target,
    schema: Option<String>,
    prefix: String,
    settings: Settings,
    logged: bool,
    every: Every,
    leases: Leases,
}

/// What talks to the tables, what makes leases of locks, and whether entries survive a restart.
type Made = (Box<dyn Dialect>, Option<Locker>, bool);

/// Which database, and how to get at it.
pub(super) enum Target {
    #[cfg(feature = "postgres")]
    Postgres(Source<sqlx::Postgres>),
    #[cfg(feature = "mysql")]
    Mysql(Source<sqlx::MySql>),
    #[cfg(feature = "sqlite")]
    Sqlite(Source<sqlx::Sqlite>),
}

impl Target {
    /// Whether the database has `NOTIFY`.
    const fn notifies(&self) -> bool {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => true,
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => false,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
        }
    }
}

impl SqlStoreBuilder {
    /// Reads a URL with all its parameters.
    pub(crate) fn from_url(url: &BackendUrl) -> Result<Self> {
        let schema = url.text("schema").map(str::to_owned);
        let prefix = url.text("prefix").map(str::to_owned);
        let pool = url.number("pool")?;
        let acquire = url.duration("acquire_timeout")?;
        let connect = url.duration("connect_timeout")?;
        let statement = url.duration("statement_timeout")?;
        let (lineage, logged) = (url.flag("lineage")?, url.flag("logged")?);
        let push = url.flag("push")?;
        let (leases, max_locks) = (Leases::from_url(url)?, url.number("max_locks")?);
        let (sweep, fold) = (url.duration("sweep")?, url.duration("fold")?);
        let mut builder = Self::of(url::target(url)?);
        let settings = &mut builder.settings;
        settings.pool_size = pool.unwrap_or(settings.pool_size);
        settings.acquire_timeout = acquire.unwrap_or(settings.acquire_timeout);
        settings.connect_timeout = connect.unwrap_or(settings.connect_timeout);
        settings.statement_timeout = statement.unwrap_or(settings.statement_timeout);
        settings.lineage = lineage.unwrap_or(settings.lineage);
        settings.push = push.unwrap_or(settings.push);
        settings.max_locks = max_locks.unwrap_or(settings.max_locks);
        builder.leases = leases;
        builder.logged = logged.unwrap_or(builder.logged);
        builder.every.sweep = sweep.unwrap_or(builder.every.sweep);
        builder.every.fold = fold.unwrap_or(builder.every.fold);
        builder.prefix = prefix.unwrap_or(builder.prefix);
        builder.schema = schema;
        Ok(builder)
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn of_postgres(pool: sqlx::PgPool) -> Self {
        Self::of(Target::Postgres(Source::Pool(pool)))
    }

    #[cfg(feature = "mysql")]
    pub(crate) fn of_mysql(pool: sqlx::MySqlPool) -> Self {
        Self::of(Target::Mysql(Source::Pool(pool)))
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn of_sqlite(pool: sqlx::SqlitePool) -> Self {
        Self::of(Target::Sqlite(Source::Pool(pool)))
    }

    fn of(target: Target) -> Self {
        Self {
            target,
            schema: None,
            prefix: String::from("dogpile_"),
            settings: Settings {
                pool_size: 8,
                acquire_timeout: Duration::from_millis(50),
                connect_timeout: Duration::from_secs(1),
                statement_timeout: Duration::from_secs(1),
                lineage: true,
                push: false,
                max_locks: 128,
            },
            logged: false,
            leases: Leases::default(),
            every: Every { sweep: Duration::from_secs(60), fold: Duration::from_secs(1) },
        }
    }

    /// What the names of all tables begin with: at most 32 ASCII letters, digits and `_`. Stores of one
    /// prefix in one schema share everything.
    ///
    /// Default: `dogpile_`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The schema of the tables (in MySQL: the database), spelled like a [prefix](Self::prefix). SQLite
    /// has none.
    ///
    /// Default: where the connection looks for tables.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// The most connections that a store makes for itself. Calls beyond them wait for their turn. Not for
    /// a pool of the application's.
    ///
    /// Default: 8.
    pub const fn pool_size(mut self, connections: u32) -> Self {
        self.settings.pool_size = connections;
        self
    }

    /// How long a call waits for a connection that is not ours, or not yet: one of a pool of the
    /// application's, or one that is to be made; and on SQLite for writers of other processes. It is then
    /// an error, which a region takes for a miss.
    ///
    /// Where calls of the store have all connections of its own pool, a call waits for its turn, for this
    /// and the [limit of a statement](Self::statement_timeout) together: no longer than the region's
    /// `op_timeout`, which is shorter as a rule.
    ///
    /// Default: 50 ms.
    pub const fn acquire_timeout(mut self, limit: Duration) -> Self {
        self.settings.acquire_timeout = limit;
        self
    }

    /// How long connecting may take. Not for a pool of the application's.
    ///
    /// No call waits that long: connecting goes on without it, and a later one finds the connection.
    ///
    /// Default: 1 s.
    pub const fn connect_timeout(mut self, limit: Duration) -> Self {
        self.settings.connect_timeout = limit;
        self
    }

    /// How long the server may work on one statement. Not for a pool of the application's, and not for
    /// SQLite, which has no such limit.
    ///
    /// Default: 1 s.
    pub const fn statement_timeout(mut self, limit: Duration) -> Self {
        self.settings.statement_timeout = limit;
        self
    }

    /// Makes versions depend on the server that holds them, so that nothing from before a failover is
    /// believed after it. Switch it off only where the server refuses to say which it is, and where a
    /// failover loses nothing. Set it alike in all processes.
    ///
    /// Default: `true`.
    pub const fn lineage(mut self, lineage: bool) -> Self {
        self.settings.lineage = lineage;
        self
    }

    /// Says that the tables of PostgreSQL were made as logged ones, and survive a crash of the server.
    /// MySQL's, MariaDB's and SQLite's always do.
    ///
    /// Default: `false`.
    pub const fn logged(mut self, logged: bool) -> Self {
        self.logged = logged;
        self
    }

    /// Tells every process what is invalidated, so that local tiers can be of
    /// [`Coherence::Push`](dogpile::Coherence::Push). PostgreSQL only. Set it alike in all processes: one
    /// that does not tell leaves the others with what they have, and nothing shows it.
    ///
    /// It makes commits that invalidate wait for each other, one after the other on the whole server,
    /// and whoever pushes keeps a connection to listen.
    ///
    /// Default: `false`.
    pub const fn push(mut self, push: bool) -> Self {
        self.settings.push = push;
        self
    }

    /// How often what has ended is removed from the tables, by one process for all. Zero: never; call
    /// [`SqlStore::sweep`] yourself then.
    ///
    /// Default: 60 s.
    pub const fn sweep(mut self, every: Duration) -> Self {
        self.every.sweep = every;
        self
    }

    /// How often the bumps of transactions are [folded](SqlStore::fold), by one process for all; sooner
    /// where there are many. Zero: never; call it yourself then. A hit reads the tokens of its tags
    /// that are not folded.
    ///
    /// Default: 1 s.
    pub const fn fold(mut self, every: Duration) -> Self {
        self.every.fold = every;
        self
    }

    /// What leases are. Set it alike in all processes: those of different kinds do not see each other's.
    ///
    /// Locks of a server belong to one session, which the store makes for itself beside every pool. Behind
    /// a pooler that shares sessions out, leases are rows whatever was set, with a warning; see
    /// [`lock_url`](Self::lock_url).
    ///
    /// Default: [`LockKind::Advisory`]; on SQLite [`LockKind::Rows`].
    pub const fn locks(mut self, kind: LockKind) -> Self {
        self.leases.kind = Some(kind);
        self
    }

    /// Where the session with the locks goes, and the one that hears what is told: to the server itself
    /// where the store's connections go through a pooler in transaction mode. A URL like that of the
    /// store, of the same database.
    ///
    /// That it is the same one is looked at whenever the session is made. Where it is not there are no
    /// leases: [`connect`](Self::connect) and whoever asks for one get an
    /// [`ErrorKind::Config`](dogpile::ErrorKind::Config), and a warning says so once.
    ///
    /// Default: where the connections of the store go.
    pub fn lock_url(mut self, url: impl Into<String>) -> Self {
        self.leases.url = Some(url.into());
        self
    }

    /// The most locks that a store has of the server at once, whose room for them is that of all its
    /// sessions. What is leased beyond them is leased within this process only.
    ///
    /// Default: 128.
    pub const fn max_locks(mut self, locks: usize) -> Self {
        self.settings.max_locks = locks;
        self
    }

    /// A store that connects when it is first asked; the server may be down.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](dogpile::ErrorKind::Config): a setting is wrong.
    pub fn open(self) -> Result<SqlStore> {
        self.check()?;
        let place = self.place();
        let (schema, prefix, settings) = (self.schema.as_deref(), &*self.prefix, &self.settings);
        let (dialect, locker, persistent): Made = match self.target {
            #[cfg(feature = "postgres")]
            Target::Postgres(source) => {
                let tables = Tables::new(schema, prefix, '"')?;
                let session = self.leases.session(&source)?;
                let names = (schema, prefix, &tables);
                let postgres = Postgres::new(source, session.clone(), &tables, settings);
                let locker = self.leases.postgres(session, postgres.pool(), names, settings);
                (Box::new(postgres), locker, self.logged)
            }
            #[cfg(feature = "mysql")]
            Target::Mysql(source) => {
                let tables = Tables::new(schema, prefix, '`')?;
                let session = self.leases.mysql_session(&source)?;
                let database = crate::mysql::lock::database(&source);
                let mysql = Mysql::new(source, tables.clone(), settings);
                let names = (schema.unwrap_or(&database), prefix, &tables);
                let locker = self.leases.mysql(session, mysql.pool(), names, settings);
                (Box::new(mysql), locker, true)
            }
            #[cfg(feature = "sqlite")]
            Target::Sqlite(source) => {
                if schema.is_some() {
                    return Err(wrong("a file of SQLite has no schemas; use a prefix"));
                }
                self.leases.are_rows()?;
                let tables = Tables::new(schema, prefix, '"')?;
                (Box::new(Sqlite::new(source, tables, settings)?), None, true)
            }
        };
        let schema = schema.map(|schema| format!("{schema}.")).unwrap_or_default();
        // Two that mask differently do not understand each other's versions.
        let bare = if self.settings.lineage { "" } else { " without lineage" };
        let identity = format!("{place} {schema}{prefix}{bare}");
        Ok(SqlStore::new(dialect, locker, identity, persistent, self.every))
    }

    /// A store that is connected, and has looked whether its tables are there.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`ErrorKind::Unavailable`](dogpile::ErrorKind::Unavailable): the
    /// server could not be reached, or the tables are not there.
    ///
    /// # Cancel safety
    ///
    /// Dropping it may leave a connection that is closed soon after.
    pub async fn connect(self) -> Result<SqlStore> {
        let store = self.open()?;
        store.connected().await?;
        Ok(store)
    }

    /// Where the database is, without user and password.
    fn place(&self) -> String {
        match &self.target {
            #[cfg(feature = "postgres")]
            Target::Postgres(source) => crate::postgres::place(source),
            #[cfg(feature = "mysql")]
            Target::Mysql(source) => crate::mysql::place(source),
            #[cfg(feature = "sqlite")]
            Target::Sqlite(source) => crate::sqlite::place(source),
        }
    }

    fn check(&self) -> Result<()> {
        let settings = &self.settings;
        if settings.pool_size == 0 {
            return Err(wrong("a pool of no connections lets nothing be done"));
        }
        let limits =
            [settings.acquire_timeout, settings.connect_timeout, settings.statement_timeout];
        if limits.iter().any(Duration::is_zero) {
            return Err(wrong("a timeout of zero lets nothing be done"));
        }
        if settings.push && !self.target.notifies() {
            return Err(wrong(
                "push is for PostgreSQL: no other of these databases tells what others do; leave it \
                 out, and let local tiers be Strict or Bounded",
            ));
        }
        if settings.max_locks == 0 {
            return Err(wrong("max_locks of 0 leaves no locks; set locks=rows instead"));
        }
        Ok(())
    }
}

impl fmt::Debug for SqlStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStoreBuilder")
            .field("place", &self.place())
            .field("schema", &self.schema)
            .field("prefix", &self.prefix)
            .field("settings", &self.settings)
            .field("logged", &self.logged)
            .field("locks", &self.leases.kind)
            .field("every", &self.every)
            .finish()
    }
}

#[cfg(all(test, feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod tests;
