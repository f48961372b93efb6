//! PostgreSQL, 14 or later.

mod lease;
mod listen;
pub(crate) mod lock;
mod read;
mod sql;
mod store;
mod sweep;
mod tags;
mod taints;
mod tokens;

use std::sync::Arc;

use dogpile::backend::{Listener, Listening, Put};
use dogpile::{BoxFuture, Owner};
use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use tokio::runtime::Handle;

use self::listen::{Channel, Post};
use self::sql::Sql;
use crate::backend::dialect::{
    Call, Chunk, Dialect, Life, Looked, Lying, Part, Place, Seen, Table,
};
use crate::backend::register::Row;
use crate::backend::transactional::hex;
use crate::config::{Settings, Source, Tables};
use crate::error::Done;
use crate::pool::Pool;

/// More than this is no entry of a cache.
const MAX_ENTRY: usize = 64 * 1024 * 1024;

/// The tables in one database.
#[derive(Debug)]
pub(crate) struct Postgres {
    pool: Arc<Pool<sqlx::Postgres>>,
    sql: Sql,
    post: Post,
    /// Whether everybody is told of registers that move.
    push: bool,
}

impl Postgres {
    /// Listens by sessions made like `session`.
    pub(crate) fn new(
        source: Source<sqlx::Postgres>,
        session: PgConnectOptions,
        tables: &Tables,
        settings: &Settings,
    ) -> Self {
        let pool = Arc::new(match source {
            Source::Pool(pool) => settings.of_application(pool),
            Source::Options(options) => own(options, settings),
        });
        let channel = Channel::of(tables);
        let post = Post::new(Arc::clone(&pool), session, &channel, settings);
        Self { pool, sql: Sql::new(tables, &channel, settings), post, push: settings.push }
    }
}

impl Postgres {
    /// The connections of calls.
    pub(crate) fn pool(&self) -> Arc<Pool<sqlx::Postgres>> {
        Arc::clone(&self.pool)
    }
}

/// How sessions are made that are no call's, unless they go past a pooler.
pub(crate) fn options(source: &Source<sqlx::Postgres>) -> PgConnectOptions {
    match source {
        Source::Pool(pool) => pool.connect_options().as_ref().clone(),
        Source::Options(options) => options.clone(),
    }
}

impl Postgres {
    /// Connects, and looks whether reads of the cache take part in the application's transactions.
    async fn introduce(&self) -> Done<()> {
        let mut connection = self.pool.connect().await?;
        let level = sqlx::query_scalar("SHOW default_transaction_isolation");
        let level: String = level.fetch_one(&mut *connection).await?;
        if level != "read committed" {
            tracing::warn!(
                target: "dogpile",
                "default_transaction_isolation of the pool is {level}: reads of the cache may make the \
                 application's transactions fail; give the cache a pool of its own"
            );
        }
        Ok(())
    }
}

fn own(options: PgConnectOptions, settings: &Settings) -> Pool<sqlx::Postgres> {
    let limit = settings.statement_timeout.as_millis().min(1_000_000_000);
    // One plan does for every call, and planning takes longer than the work.
    // And never a part of the application's serialisable transactions, whatever the server's default.
    let session = format!(
        "SET statement_timeout = {limit}; SET plan_cache_mode = force_generic_plan; \
         SET default_transaction_isolation = 'read committed'"
    );
    let pool: PoolOptions<sqlx::Postgres> = settings.pool_options();
    let pool = pool.after_connect(move |connection, _| {
        let session = AssertSqlSafe(session.clone());
        Box::pin(async move { connection.execute(sqlx::raw_sql(session)).await.map(drop) })
    });
    let options = options.application_name("dogpile").disable_statement_logging();
    settings.own(move || pool.clone().connect_lazy_with(options.clone()))
}

/// Where the tables are.
pub(crate) fn place(source: &Source<sqlx::Postgres>) -> String {
    let of = |options: &PgConnectOptions| {
        let user = options.get_username();
        let database = options.get_database().unwrap_or(user);
        let host = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => options.get_host().to_owned(),
        };
        format!("postgres://{host}:{}/{database}", options.get_port())
    };
    match source {
        Source::Pool(pool) => of(&pool.connect_options()),
        Source::Options(options) => of(options),
    }
}

impl Dialect for Postgres {
    fn kind(&self) -> &'static str {
        "postgres"
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

    fn pushes(&self) -> bool {
        self.push
    }

    fn listen(&self, runtime: &Handle, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        self.push.then(|| Box::new(self.post.listen(runtime, listener)) as Box<dyn Listening>)
    }

    fn freed(&self, runtime: &Handle, name: &str) -> Option<BoxFuture<'static, ()>> {
        Some(self.post.freed(runtime, name))
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
        format!("pg_catalog.decode('{}', 'hex')", hex(bytes))
    }

    fn may_insert(&self) -> &'static str {
        " AND pg_catalog.has_table_privilege(t.tableoid, 'INSERT')"
    }
}
