//! Settings of a store.

use std::fmt;
use std::time::Duration;

use dogpile::Result;
use dogpile::config::BackendUrl;

use super::{Settings, Source, Tables, url};
use crate::SqlStore;
use crate::backend::Every;
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
}

/// Which database, and how to get at it.
pub(super) enum Target {
    #[cfg(feature = "postgres")]
    Postgres(Source<sqlx::Postgres>),
    #[cfg(feature = "mysql")]
    Mysql(Source<sqlx::MySql>),
    #[cfg(feature = "sqlite")]
    Sqlite(Source<sqlx::Sqlite>),
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
        let (sweep, fold) = (url.duration("sweep")?, url.duration("fold")?);
        let mut builder = Self::of(url::target(url)?);
        let settings = &mut builder.settings;
        settings.pool_size = pool.unwrap_or(settings.pool_size);
        settings.acquire_timeout = acquire.unwrap_or(settings.acquire_timeout);
        settings.connect_timeout = connect.unwrap_or(settings.connect_timeout);
        settings.statement_timeout = statement.unwrap_or(settings.statement_timeout);
        settings.lineage = lineage.unwrap_or(settings.lineage);
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
            },
            logged: false,
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

    /// The most connections that a store makes for itself. Not for a pool of the application's.
    ///
    /// Default: 8.
    pub const fn pool_size(mut self, connections: u32) -> Self {
        self.settings.pool_size = connections;
        self
    }

    /// How long a call waits for a connection, and on SQLite for writers of other processes. It is then an error, which a region takes for a miss: a
    /// pool whose connections are all taken slows nobody down for longer.
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

    /// A store that connects when it is first asked; the server may be down.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](dogpile::ErrorKind::Config): a setting is wrong.
    pub fn open(self) -> Result<SqlStore> {
        self.check()?;
        let place = self.place();
        let (schema, prefix, settings) = (self.schema.as_deref(), &*self.prefix, &self.settings);
        let (dialect, persistent): (Box<dyn Dialect>, bool) = match self.target {
            #[cfg(feature = "postgres")]
            Target::Postgres(source) => {
                let tables = Tables::new(schema, prefix, '"')?;
                (Box::new(Postgres::new(source, &tables, settings)), self.logged)
            }
            #[cfg(feature = "mysql")]
            Target::Mysql(source) => {
                let tables = Tables::new(schema, prefix, '`')?;
                (Box::new(Mysql::new(source, tables, settings)), true)
            }
            #[cfg(feature = "sqlite")]
            Target::Sqlite(source) => {
                if schema.is_some() {
                    return Err(wrong("a file of SQLite has no schemas; use a prefix"));
                }
                let tables = Tables::new(schema, prefix, '"')?;
                (Box::new(Sqlite::new(source, tables, settings)?), true)
            }
        };
        let schema = schema.map(|schema| format!("{schema}.")).unwrap_or_default();
        // Two that mask differently do not understand each other's versions.
        let bare = if self.settings.lineage { "" } else { " without lineage" };
        let identity = format!("{place} {schema}{prefix}{bare}");
        Ok(SqlStore::new(dialect, identity, persistent, self.every))
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
            .field("every", &self.every)
            .finish()
    }
}

#[cfg(all(test, feature = "postgres", feature = "mysql", feature = "sqlite"))]
mod tests {
    use std::collections::HashSet;

    use dogpile::{Backend, ErrorKind};

    use crate::SqlStore;

    fn refused(url: &str) -> String {
        let error = SqlStore::open(url).expect_err(url);
        assert_eq!(error.kind(), ErrorKind::Config, "{url}");
        error.to_string()
    }

    #[test]
    fn parameters_are_read_and_unknown_ones_refused() {
        let url = "postgres://a/b?prefix=shop_&schema=cache&pool=3&acquire_timeout=20ms\
                   &connect_timeout=2s&statement_timeout=3s&lineage=false&logged=true&sweep=0s\
                   &sslmode=disable";
        let builder = SqlStore::builder(url).unwrap();
        let shown = format!("{builder:?}");
        for part in ["\"shop_\"", "\"cache\"", "pool_size: 3", "20ms", "2s", "3s", "lineage: false"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(builder.open().unwrap().capabilities().persistent);
        assert!(!SqlStore::open("postgres://a/b").unwrap().capabilities().persistent);
        for url in ["postgres://a/b?prefx=shop", "mysql://a/b?ssl-mod=x", "sqlite:a.db?mde=rw"] {
            assert!(refused(url).contains("unknown parameter"), "{url}");
        }
    }

    #[test]
    fn identities_tell_stores_apart_and_hold_no_password() {
        let identity = |url| SqlStore::open(url).unwrap().identity();
        let all = [
            "postgres://a/b",
            "postgres://a:5433/b",
            "postgres://a/c",
            "postgres://a/b?prefix=shop_",
            "postgres://a/b?schema=shop",
            "postgres://a/b?lineage=false",
            "mysql://a/b",
            "sqlite:///tmp/a.db",
            "sqlite:///tmp/b.db",
        ];
        let distinct: HashSet<_> = all.into_iter().map(identity).collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(identity("postgres://a/b"), identity("postgresql://app:secret@a:5432/b?pool=2"));
        assert_eq!(identity("mysql://a/b"), identity("mariadb://app:secret@a:3306/b"));
        assert_eq!(identity("sqlite:///tmp/a.db"), identity("sqlite:/tmp/a.db?mode=rwc"));
    }

    #[test]
    fn nothing_shows_a_password() {
        for scheme in ["postgres", "mysql", "mariadb"] {
            let builder = SqlStore::builder(&format!("{scheme}://app:secret@a/b")).unwrap();
            assert!(!format!("{builder:?}").contains("secret"));
            assert!(!format!("{:?}", builder.open().unwrap()).contains("secret"));
        }
        let wrong = refused("postgres://app:secret@a/b?sslmode=secret");
        assert!(!wrong.contains("secret"), "{wrong}");
    }

    #[test]
    fn wrong_settings_say_how_to_mend_them() {
        for (url, mend) in [
            ("redis://a", "postgres://"),
            ("postgres://a,b/c", "one host"),
            ("postgres://a/b?pool=0", "no connections"),
            ("postgres://a/b?acquire_timeout=0s", "timeout of zero"),
            ("mysql://a/b?prefix=a%22", "dogpile_"),
            ("sqlite::memory:", "memory://"),
            ("sqlite:a.db?mode=memory", "memory://"),
            ("sqlite:a.db?schema=x", "use a prefix"),
        ] {
            let error = refused(url);
            assert!(error.contains(mend), "{url}: {error}");
        }
    }
}
