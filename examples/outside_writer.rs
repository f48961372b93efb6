//! A writer that knows nothing of the cache: `psql` updates a row, and a cached reader sees it.
//!
//! ```text
//! cargo run --example outside_writer                                    a file of SQLite, no set-up
//! cargo run --example outside_writer -- --url postgres://app@localhost/shop
//! ```
//!
//! On PostgreSQL the write is one of the real `psql`:
//!
//! ```text
//! psql postgres://app@localhost/shop -c "UPDATE outside_writer_cake SET price = 2"
//! ```
//!
//! On SQLite it is one of a plain connection, as good as the program `sqlite3`.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::{Command, ExitCode};

use clap::Parser;
use dogpile::{Region, minutes, secs};
use dogpile_migrations::Migrations;
use dogpile_sqlx::{CachedPool, QueryCacheExt, Relay, RelayDatabase};
use sqlx::{AssertSqlSafe, Connection, Executor, Pool, Postgres, Sqlite};
use tokio::time::{Instant, timeout};

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

const TABLE: &str = "outside_writer_cake";

/// Shows that a write which no wrapper sees reaches a cached reader.
///
/// Makes the table `outside_writer_cake` and tables that begin with `outside_writer_`, and drops them in
/// the end.
#[derive(Debug, Parser)]
#[command(name = "outside_writer", version)]
struct Args {
    /// postgres://user@host:port/database; a file of SQLite that is gone afterwards without it
    #[arg(long)]
    url: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(said) if said.use_stderr() => {
            return leave(2, said.to_string().lines().next().unwrap_or_default());
        }
        Err(help) => {
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    let done = match args.url {
        None => in_a_file().await,
        Some(url) if url.starts_with("postgres") => show::<Postgres>(&url).await,
        Some(_) => return leave(2, "error: --url begins with postgres://"),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => leave(1, format_args!("error: {error}")),
    }
}

fn leave(code: u8, said: impl Display) -> ExitCode {
    let _ = writeln!(io::stderr(), "{}", said.to_string().replace('\n', " "));
    ExitCode::from(code)
}

async fn in_a_file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    show::<Sqlite>(&format!("sqlite://{}/shop.db?mode=rwc", folder.path().display())).await
}

/// Makes the tables, shows what there is to see, and drops them however that ends.
async fn show<DB: Shop>(url: &str) -> Result<()> {
    // One by itself: a pool would try again for half a minute, and then not say what is wrong.
    timeout(secs(10), DB::Connection::connect(url)).await??.close().await?;
    let pool = Pool::<DB>::connect(url).await?;
    let migrations = Migrations::new().prefix("outside_writer_");
    migrations.up(&pool).await?;
    // One that was killed has left its table.
    let make = format!(
        "DROP TABLE IF EXISTS {TABLE}; CREATE TABLE {TABLE} (price BIGINT); \
         INSERT INTO {TABLE} VALUES (1)"
    );
    DB::execute(&pool, make).await?;
    let done = tour(&pool, &migrations, url).await;
    let dropped = DB::execute(&pool, format!("DROP TABLE {TABLE}")).await;
    migrations.down(&pool).await?;
    done?;
    dropped
}

async fn tour<DB: Shop>(pool: &Pool<DB>, migrations: &Migrations, url: &str) -> Result<()> {
    let region = Region::builder("shop").ttl(minutes(60)).build()?;
    let db = CachedPool::new(pool.clone(), region);

    // The two lines that it takes. The first is the same as `dogpile-migrate watch outside_writer_cake`.
    migrations.watch(pool, TABLE).await?;
    let relay = Relay::of(&db).migrations(migrations.clone()).start().await?;

    // The relay begins by invalidating whatever is there: wait until reads are hits.
    let hits = || db.region().stats().hits;
    while hits() < 3 {
        DB::price(&db).await?;
        tokio::task::yield_now().await;
    }
    line(format_args!("the price is {}, from the cache for an hour", DB::price(&db).await?))?;

    DB::write_outside(url, &format!("UPDATE {TABLE} SET price = 2")).await?;
    let written = Instant::now();
    let seen = async {
        while DB::price(&db).await? != 2 {
            tokio::task::yield_now().await;
        }
        Ok::<_, sqlx::Error>(written.elapsed())
    };
    let seen = timeout(secs(30), seen).await??;
    line(format_args!("{} wrote 2, and the cached reader has it {seen:.1?} later", DB::WRITER))?;
    relay.stop().await;
    Ok(())
}

fn line(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

/// What cannot be written once for all drivers.
trait Shop: RelayDatabase {
    /// Who writes.
    const WRITER: &str;

    async fn execute(pool: &Pool<Self>, sql: String) -> Result<()>;

    /// The price, cached.
    async fn price(db: &CachedPool<Self>) -> sqlx::Result<i64>;

    /// Runs a statement past this program's pools.
    async fn write_outside(url: &str, sql: &str) -> Result<()>;
}

macro_rules! statements {
    () => {
        async fn execute(pool: &Pool<Self>, sql: String) -> Result<()> {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await?;
            Ok(())
        }

        async fn price(db: &CachedPool<Self>) -> sqlx::Result<i64> {
            let sql = format!("SELECT price FROM {TABLE}");
            sqlx::query_scalar(AssertSqlSafe(sql)).cached().fetch_one(db).await
        }
    };
}

impl Shop for Postgres {
    const WRITER: &str = "psql";
    statements!();

    async fn write_outside(url: &str, sql: &str) -> Result<()> {
        let mut psql = Command::new("psql");
        psql.args([url, "--no-psqlrc", "--quiet", "--command", sql]);
        let ended = tokio::task::spawn_blocking(move || psql.status()).await?;
        let ended = ended.map_err(|error| format!("psql cannot be started: {error}"))?;
        if ended.success() { Ok(()) } else { Err(format!("psql: {ended}").into()) }
    }
}

impl Shop for Sqlite {
    const WRITER: &str = "another connection";
    statements!();

    async fn write_outside(url: &str, sql: &str) -> Result<()> {
        let mut outside = sqlx::SqliteConnection::connect(url).await?;
        outside.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
        Ok(outside.close().await?)
    }
}
