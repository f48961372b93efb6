//! SQLite: a file, and one writer at a time.

mod lease;
mod read;
mod sql;
mod store;
mod sweep;
mod tags;
mod taints;
mod tokens;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use dogpile::backend::Put;
use dogpile::{Owner, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, SqlSafeStr, SqlStr};
use tokio::sync::{Mutex as Turns, MutexGuard};
use tokio::time::timeout;

use crate::backend::dialect::{
    Call, Chunk, Dialect, Life, Looked, Lying, Part, Place, Seen, Table,
};
use crate::backend::register::Row;
use crate::backend::transactional::hex;
use crate::config::{Settings, Source, Tables};
use crate::error::{Done, wrong};
use crate::pool::{Pool, Taken};

/// More than this is no entry of a cache.
const MAX_ENTRY: usize = 64 * 1024 * 1024;

/// The longest wait for a turn to write.
const TURN: Duration = Duration::from_millis(25);

/// The tables in one file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    tables: Tables,
    /// Reads, and writes that may be lost when the power fails.
    pool: Pool<sqlx::Sqlite>,
    /// Writes that may not: whoever has seen a write of the application sees its bump.
    durable: Pool<sqlx::Sqlite>,
    /// Whose turn it is to write: waiting here is fair, and waiting for the file's lock is not. No more
    /// than that: one whose caller has stopped asking holds up nobody for good.
    turns: Arc<Turns<()>>,
    limit: Duration,
}

/// A connection that may write, and the turn for it.
struct Writing<'a> {
    connection: Taken<'a, sqlx::Sqlite>,
    _turn: Option<MutexGuard<'a, ()>>,
}

impl Sqlite {
    pub(crate) fn new(
        source: Source<sqlx::Sqlite>,
        tables: Tables,
        settings: &Settings,
    ) -> Result<Self> {
        let file = file(&source);
        if is_memory(&file) {
            return Err(wrong(
                "a store in SQLite's memory is each connection's own; use memory:// instead",
            ));
        }
        let limit = settings.acquire_timeout;
        let (pool, durable) = match source {
            Source::Pool(pool) => {
                let shared = || settings.of_application(pool.clone());
                (shared(), shared())
            }
            Source::Options(options) => {
                let options = options
                    .journal_mode(SqliteJournalMode::Wal)
                    .busy_timeout(limit)
                    .disable_statement_logging();
                let pool = |synchronous| {
                    let options = options.clone().synchronous(synchronous);
                    let pool = settings.pool_options();
                    settings.own(move || pool.clone().connect_lazy_with(options.clone()))
                };
                (pool(SqliteSynchronous::Normal), pool(SqliteSynchronous::Full))
            }
        };
        Ok(Self { tables, pool, durable, turns: turns(&file), limit })
    }

    /// A connection to read with.
    async fn reading(&self) -> Done<Taken<'_, sqlx::Sqlite>> {
        self.pool.acquire().await
    }

    /// A connection to write with what may be lost.
    async fn writing(&self) -> Done<Writing<'_>> {
        self.writing_by(&self.pool).await
    }

    /// A connection to write with what may not.
    async fn writing_for_good(&self) -> Done<Writing<'_>> {
        self.writing_by(&self.durable).await
    }

    async fn writing_by<'a>(&'a self, pool: &'a Pool<sqlx::Sqlite>) -> Done<Writing<'a>> {
        let turn = timeout(TURN.min(self.limit / 2), self.turns.lock()).await.ok();
        Ok(Writing { connection: pool.acquire().await?, _turn: turn })
    }

    fn table(&self, table: Table) -> &str {
        match table {
            Table::Entry => &self.tables.entry,
            Table::Register => &self.tables.register,
            Table::Lease => &self.tables.lease,
        }
    }
}

/// Of names that were checked, and of marks.
fn text(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}

fn file(source: &Source<sqlx::Sqlite>) -> PathBuf {
    let options: Arc<SqliteConnectOptions>;
    let name = match source {
        Source::Pool(pool) => {
            options = pool.connect_options();
            options.get_filename()
        }
        Source::Options(options) => options.get_filename(),
    };
    name.canonicalize().or_else(|_| std::path::absolute(name)).unwrap_or_else(|_| name.to_owned())
}

fn is_memory(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.is_empty() || name == ":memory:" || name.starts_with("file:")
}

/// Where the tables are.
pub(crate) fn place(source: &Source<sqlx::Sqlite>) -> String {
    format!("sqlite:{}", file(source).display())
}

/// The turns of a file, the same ones for all handles in this process.
fn turns(file: &Path) -> Arc<Turns<()>> {
    static ALL: LazyLock<Mutex<HashMap<PathBuf, Weak<Turns<()>>>>> = LazyLock::new(Mutex::default);
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(turns) = all.get(file).and_then(Weak::upgrade) {
        return turns;
    }
    all.retain(|_, turns| turns.strong_count() > 0);
    let turns = Arc::new(Turns::default());
    all.insert(file.to_owned(), Arc::downgrade(&turns));
    turns
}

impl Dialect for Sqlite {
    fn kind(&self) -> &'static str {
        "sqlite"
    }

    fn max_entry(&self) -> usize {
        MAX_ENTRY
    }

    fn drop_idle(&self) {
        self.pool.drop_idle();
    }

    fn connect(&self) -> Call<'_, ()> {
        Box::pin(async move {
            self.pool.connect().await?;
            self.durable.connect().await.map(drop)
        })
    }

    fn read<'a>(&'a self, keys: &'a [&'a str], registers: &'a [&'a str]) -> Call<'a, Seen> {
        Box::pin(self.read(keys, registers))
    }

    fn create<'a>(&'a self, lying: &'a [Lying<'a>], life: i64) -> Call<'a, ()> {
        Box::pin(self.create(lying, life))
    }

    fn bump<'a>(&'a self, lying: &'a [Lying<'a>], life: i64) -> Call<'a, ()> {
        Box::pin(self.bump(lying, life))
    }

    fn look<'a>(&'a self, registers: &'a [&'a str]) -> Call<'a, Looked> {
        Box::pin(self.look(registers))
    }

    fn swap<'a>(&'a self, name: &'a str, from: Option<&'a Row>, to: &'a Row) -> Call<'a, bool> {
        Box::pin(self.swap(name, from, to))
    }

    fn store<'a>(
        &'a self,
        puts: &'a [&'a Put<'a>],
        extend: &'a [&'a str],
        life: Life,
    ) -> Call<'a, Vec<bool>> {
        Box::pin(self.store(puts, extend, life))
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> Call<'a, ()> {
        Box::pin(self.remove(keys))
    }

    fn acquire<'a>(&'a self, name: &'a str, owner: Owner, life: i64) -> Call<'a, bool> {
        Box::pin(self.acquire(name, owner, life))
    }

    fn renew<'a>(&'a self, name: &'a str, owner: Owner, life: i64) -> Call<'a, bool> {
        Box::pin(self.renew(name, owner, life))
    }

    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> Call<'a, ()> {
        Box::pin(self.release(name, owner))
    }

    fn sweep(&self, table: Table, from: Place) -> Call<'_, Chunk> {
        Box::pin(self.sweep(table, from))
    }

    fn locate(&self) -> Call<'_, String> {
        Box::pin(std::future::ready(Ok(self.locate())))
    }

    fn token<'a>(&'a self, token: Lying<'a>) -> Call<'a, ()> {
        Box::pin(self.token(token))
    }

    fn tokened<'a>(&'a self, after: &'a [u8]) -> Call<'a, Vec<Vec<u8>>> {
        Box::pin(self.tokened(after))
    }

    fn fold<'a>(&'a self, name: &'a [u8]) -> Call<'a, Part> {
        Box::pin(self.fold(name))
    }

    fn literal(&self, bytes: &[u8]) -> String {
        format!("x'{}'", hex(bytes))
    }
}
