//! The backend, whatever the database: what is decided here is decided alike for all of them.

mod again;
mod change;
pub(crate) mod dialect;
mod entries;
mod fold;
mod lease;
pub(crate) mod life;
mod lineage;
mod listen;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) mod lock;
#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(crate) mod named;
#[cfg(not(any(feature = "mysql", feature = "postgres")))]
mod no_lock;
pub(crate) mod register;
mod sweep;
mod tags;
mod taints;
pub(crate) mod transactional;

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use dogpile::backend::{
    Answer, Listener, Listening, Put, Stamp, Stored, TagVersion, Taints, Transactional,
};
use dogpile::{Backend, BoxFuture, Capabilities, Locks, Result};
use tokio::runtime::Handle;

use self::dialect::Dialect;
pub use self::fold::Folded;
use self::fold::{Expected, Folder};
use self::lease::SqlLocks;
use self::lineage::{Lineage, Mask};
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) use self::lock::Locker;
#[cfg(not(any(feature = "mysql", feature = "postgres")))]
pub(crate) use self::no_lock::Locker;
use self::sweep::Sweeper;
pub use self::sweep::Swept;
use self::taints::SqlTaints;
use self::transactional::{Located, SqlTransactional};
use crate::config::SqlStoreBuilder;
use crate::error::{Done, Failure};

/// The longest name, in bytes: what an index of MySQL takes.
const LONGEST_NAME: usize = 255;

/// Keeps entries, registers, leases and taints in tables of PostgreSQL, MySQL, MariaDB or SQLite.
///
/// Cheap to clone; clones share their connections. The tables are made by `dogpile-migrate up`. See
/// the [crate](crate) for URLs, for the settings of servers, and for what is lost when what fails.
///
/// ```no_run
/// use dogpile::{Region, minutes};
/// use dogpile_sql_store::SqlStore;
///
/// # async fn example() -> dogpile::Result<()> {
/// let store = SqlStore::open("postgres://app@localhost/shop")?;
/// let region = Region::builder("shop").ttl(minutes(5)).backend(store).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SqlStore(Arc<Inner>);

/// What the backend, its leases and its taints share.
pub(crate) struct Inner {
    pub(crate) dialect: Box<dyn Dialect>,
    /// Where leases are locks and not rows.
    locker: Option<Locker>,
    identity: String,
    lineage: Arc<Lineage>,
    /// Whether what is stored survives a restart of the server.
    persistent: bool,
    every: Every,
    located: Located,
    folder: Expected,
    runtime: OnceLock<Handle>,
    sweeper: OnceLock<Sweeper>,
    folding: OnceLock<Folder>,
    this: Weak<Self>,
}

/// How often a store does by itself what its tables need; zero: never.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Every {
    pub(crate) sweep: Duration,
    pub(crate) fold: Duration,
}

impl SqlStore {
    /// A store at a [URL](crate#urls) that connects when it is first asked: a region can be built while
    /// the server is down.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](dogpile::ErrorKind::Config): the URL is wrong.
    pub fn open(url: &str) -> Result<Self> {
        Self::builder(url)?.open()
    }

    /// A store at a [URL](crate#urls) that is connected, and has looked whether its tables are there.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`ErrorKind::Unavailable`](dogpile::ErrorKind::Unavailable): the
    /// server could not be reached, or the tables are not there.
    ///
    /// # Cancel safety
    ///
    /// Dropping it may leave a connection that is closed soon after.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::builder(url)?.connect().await
    }

    /// A store at a [URL](crate#urls) whose settings are given.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](dogpile::ErrorKind::Config): the URL is wrong.
    pub fn builder(url: &str) -> Result<SqlStoreBuilder> {
        SqlStoreBuilder::from_url(&url.parse()?)
    }

    /// A store over the application's own pool: its tables are in the application's database, and a
    /// cached query and its cache share their connections.
    ///
    /// A call waits no longer than [`acquire_timeout`](SqlStoreBuilder::acquire_timeout) for one.
    #[cfg(feature = "postgres")]
    pub fn postgres(pool: sqlx::PgPool) -> SqlStoreBuilder {
        SqlStoreBuilder::of_postgres(pool)
    }

    /// The same over a pool of MySQL or MariaDB.
    #[cfg(feature = "mysql")]
    pub fn mysql(pool: sqlx::MySqlPool) -> SqlStoreBuilder {
        SqlStoreBuilder::of_mysql(pool)
    }

    /// The same over a pool of SQLite, of a file and not of `:memory:`.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(pool: sqlx::SqlitePool) -> SqlStoreBuilder {
        SqlStoreBuilder::of_sqlite(pool)
    }

    /// Removes from all tables what has ended, a part at a time, and says how much.
    ///
    /// What has ended is never read, swept or not. A store does this by itself, at the
    /// [interval](SqlStoreBuilder::sweep) that it was told, for all processes at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`](dogpile::ErrorKind::Unavailable): the server could not be asked; what
    /// is removed by then is removed.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves the rest to the next one.
    pub async fn sweep(&self) -> Result<Swept> {
        self.0.sweep().await.map_err(|failure| failure.during("sweep"))
    }

    /// Folds all tokens of transactions into their registers, some at a time, and says how many. No
    /// version that anybody reads changes.
    ///
    /// A store does this by itself, at the [interval](SqlStoreBuilder::fold) that it was told, for all
    /// processes at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`](dogpile::ErrorKind::Unavailable): the server could not be asked; what
    /// is folded by then is folded.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves the rest to the next one.
    pub async fn fold(&self) -> Result<Folded> {
        self.0.fold().await.map_err(|failure| failure.during("fold"))
    }

    pub(crate) fn new(
        dialect: Box<dyn Dialect>,
        locker: Option<Locker>,
        identity: String,
        persistent: bool,
        every: Every,
    ) -> Self {
        Self(Arc::new_cyclic(|this| Inner {
            dialect,
            locker,
            lineage: Lineage::of(&identity),
            identity,
            persistent,
            every,
            located: Located::default(),
            folder: Expected::default(),
            runtime: OnceLock::new(),
            sweeper: OnceLock::new(),
            folding: OnceLock::new(),
            this: Weak::clone(this),
        }))
    }

    /// Connects, and looks whether all tables are there.
    pub(crate) async fn connected(&self) -> Result<()> {
        let looked = self.0.look_around().await;
        looked.map_err(|failure| failure.during("connect backend"))
    }
}

impl Inner {
    /// Looks at the names of a call, and begins to sweep when it is the first one.
    fn awake<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> Done<()> {
        if names.any(|name| name.len() > LONGEST_NAME) {
            return Err(Failure::too_long());
        }
        if self.runtime.get().is_none()
            && let Ok(runtime) = Handle::try_current()
        {
            let runtime = self.runtime.get_or_init(|| runtime);
            if let Some(locker) = &self.locker {
                // Its session is there, or nearly so, when the first lease is asked for.
                locker.begin();
            }
            let (this, every) = (|| Weak::clone(&self.this), self.every);
            if !every.sweep.is_zero() {
                self.sweeper.get_or_init(|| Sweeper::spawn(runtime, this(), every.sweep));
            }
            if !every.fold.is_zero() {
                self.folding.get_or_init(|| Folder::spawn(runtime, this(), every.fold));
            }
        }
        Ok(())
    }

    /// The runtime of earlier calls.
    fn runtime(&self) -> Option<Handle> {
        self.runtime.get().cloned()
    }

    /// What versions are masked with; asks for it where nobody has yet.
    async fn mask(&self) -> Done<Mask> {
        if let Some(mask) = self.lineage.mask() {
            return Ok(mask);
        }
        let seen = self.again(|| self.dialect.read(&[], &[])).await?;
        Ok(self.lineage.met(&seen.server))
    }

    async fn look_around(&self) -> Done<()> {
        self.awake(std::iter::empty())?;
        self.dialect.connect().await?;
        self.again(|| self.dialect.read(&[""], &[""])).await?;
        let nobody = dogpile::Owner::random();
        self.again(|| self.dialect.release("", nobody)).await?;
        match &self.locker {
            Some(locker) => locker.warm().await,
            None => Ok(()),
        }
    }
}

#[deny(clippy::missing_trait_methods)]
impl Backend for SqlStore {
    fn kind(&self) -> &'static str {
        self.0.dialect.kind()
    }

    fn identity(&self) -> String {
        self.0.identity.clone()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
            .shared(true)
            .persistent(self.0.persistent)
            .max_name(LONGEST_NAME)
            .max_entry(u64::try_from(self.0.dialect.max_entry()).unwrap_or(u64::MAX))
            .leases(true)
            .fences(true)
            .taints(true)
            .pushes(self.0.dialect.pushes())
    }

    fn incarnation(&self) -> u64 {
        self.0.lineage.incarnation()
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let answer = self.0.read(keys, registers).await;
            answer.map_err(|failure| failure.during("read"))
        })
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        Box::pin(async move {
            let created = self.0.create(stamps, life).await;
            created.map_err(|failure| failure.during("create"))
        })
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let bumped = self.0.bump(stamps, life).await;
            bumped.map_err(|failure| failure.during("bump"))
        })
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async move {
            let stored = self.0.store(puts, extend, life).await;
            stored.map_err(|failure| failure.during("store"))
        })
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let removed = self.0.remove(keys).await;
            removed.map_err(|failure| failure.during("remove"))
        })
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        Some(Arc::new(SqlLocks(Arc::clone(&self.0))))
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        Some(Arc::new(SqlTaints(Arc::clone(&self.0))))
    }

    /// Nobody who is pushed to would hear of what a transaction carries: there is none then. Why it does
    /// not tell them stands in the module of transactions.
    fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        let tells = self.0.dialect.pushes();
        (!tells).then(|| Arc::new(SqlTransactional(Arc::clone(&self.0))) as Arc<_>)
    }

    /// Takes a connection and a task, shared by all who listen. Outside of a runtime it takes that of
    /// earlier calls; where there were none either, nobody listens (`None`). A runtime that ends is a
    /// loss after which nothing begins again.
    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        self.0.listen(listener)
    }
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore")
            .field("identity", &self.0.identity)
            .field("incarnation", &self.incarnation())
            .finish()
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("identity", &self.identity).finish_non_exhaustive()
    }
}
