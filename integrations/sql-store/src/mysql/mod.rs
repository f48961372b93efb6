//! MySQL 8 or later, and MariaDB 10.6 or later.

mod lease;
pub(crate) mod lock;
mod read;
mod sql;
mod store;
mod sweep;
mod tags;
mod taints;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use dogpile::Owner;
use dogpile::backend::Put;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::pool::PoolOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, SqlSafeStr, SqlStr};

use crate::backend::dialect::{
    Call, Chunk, Dialect, Life, Looked, Lying, Part, Place, Seen, Table,
};
use crate::backend::register::Row;
use crate::backend::transactional::hex;
use crate::config::{Settings, Source, Tables};
use crate::error::Done;
use crate::pool::Pool;

/// What a server takes in one packet, with room for the rest, unless it was told otherwise.
const MAX_ENTRY: usize = 8 * 1024 * 1024;

/// The tables in one database.
#[derive(Debug)]
pub(crate) struct Mysql {
    tables: Tables,
    lineage: bool,
    pool: Arc<Pool<sqlx::MySql>>,
}

impl Mysql {
    pub(crate) fn new(source: Source<sqlx::MySql>, tables: Tables, settings: &Settings) -> Self {
        let pool = match source {
            Source::Pool(pool) => settings.of_application(pool),
            Source::Options(options) => own(options, settings),
        };
        Self { tables, lineage: settings.lineage, pool: Arc::new(pool) }
    }

    /// The connections of calls.
    pub(crate) fn pool(&self) -> Arc<Pool<sqlx::MySql>> {
        Arc::clone(&self.pool)
    }

    /// Connects, and looks for the setting with which a crash loses bumps that were acknowledged.
    async fn introduce(&self) -> Done<()> {
        let mut connection = self.pool.connect().await?;
        let flush =
            sqlx::query_scalar("SELECT CAST(@@global.innodb_flush_log_at_trx_commit AS SIGNED)");
        let flush: i64 = flush.fetch_one(&mut *connection).await?;
        if flush != 1 {
            tracing::warn!(
                target: "dogpile",
                "innodb_flush_log_at_trx_commit is {flush}: a crash of the server may lose \
                 invalidations; set it to 1"
            );
        }
        Ok(())
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

fn own(options: MySqlConnectOptions, settings: &Settings) -> Pool<sqlx::MySql> {
    let session = session(settings.statement_timeout);
    let pool: PoolOptions<sqlx::MySql> = settings.pool_options();
    let pool = pool.after_connect(move |connection, _| {
        let session = AssertSqlSafe(session.clone());
        Box::pin(async move { connection.execute(sqlx::raw_sql(session)).await.map(drop) })
    });
    let options = options.disable_statement_logging();
    settings.own(move || pool.clone().connect_lazy_with(options.clone()))
}

/// Committed rows only, and no locks between rows. The limit of MariaDB is in a comment that only
/// MariaDB reads, that of MySQL in one that only MySQL does.
fn session(limit: Duration) -> String {
    let limit = limit.min(Duration::from_secs(1_000_000));
    let seconds = limit.as_secs().max(1);
    format!(
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
         SET SESSION autocommit = 1, SESSION innodb_lock_wait_timeout = {seconds} \
         /*M! , SESSION max_statement_time = {} */ /*!50708 , SESSION max_execution_time = {} */",
        limit.as_secs_f64(),
        limit.as_millis()
    )
}

/// Where the tables are.
pub(crate) fn place(source: &Source<sqlx::MySql>) -> String {
    let of = |options: &MySqlConnectOptions| {
        let database = options.get_database().unwrap_or_default();
        let host = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => options.get_host().to_owned(),
        };
        format!("mysql://{host}:{}/{database}", options.get_port())
    };
    match source {
        Source::Pool(pool) => of(&pool.connect_options()),
        Source::Options(options) => of(options),
    }
}

impl Dialect for Mysql {
    fn kind(&self) -> &'static str {
        "mysql"
    }

    fn max_entry(&self) -> usize {
        MAX_ENTRY
    }

    fn drop_idle(&self) {
        self.pool.drop_idle();
    }

    fn connect(&self) -> Call<'_, ()> {
        Box::pin(self.introduce())
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
        Box::pin(self.locate())
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
