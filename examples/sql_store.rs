//! The database that is there anyway as the cache of many processes: no other server to run.
//!
//! ```text
//! cargo run --example sql_store                                   a file of SQLite, no set-up
//! cargo run --example sql_store -- postgres://app@localhost/shop
//! cargo run --example sql_store -- mariadb://app@localhost/shop
//! ```
//!
//! Both "processes" are handles in this one, each with connections of its own.

use std::fmt::{Debug, Display};
use std::future::Future;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use clap::Parser;
use dogpile::{Region, millis, minutes, secs};
use dogpile_migrations::Migrations;
use dogpile_sql_store::SqlStore;
use dogpile_sqlx::{CacheDatabase, CachedPool};
use indicatif::ProgressBar;
use sqlx::{AssertSqlSafe, Connection, Pool};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// A cache for many processes in the database that is there anyway: one query for a crowd, writes
/// that invalidate, transactions that may be rolled back.
///
/// Without a URL it works in a file of SQLite that is gone afterwards. In a database that a URL names
/// it makes tables that begin with `sql_store_`, and drops them in the end.
#[derive(Debug, Parser)]
#[command(name = "sql_store", version)]
struct Args {
    /// postgres://user:password@host:port/database, or mysql://, mariadb://, sqlite:
    url: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(said) if said.use_stderr() => {
            let said = said.to_string();
            return leave(2, said.lines().next().unwrap_or_default());
        }
        Err(help) => {
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    // Not by clap: what it says of a URL would repeat a password.
    if let Some(url) = &args.url
        && let Err(error) = SqlStore::open(url)
    {
        return leave(2, format_args!("error: [URL] {error}"));
    }
    let _ = tracing::subscriber::set_global_default(Driver);
    match run(args.url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => leave(1, format_args!("error: {error} (--help says what URLs there are)")),
    }
}

fn leave(code: u8, said: impl Display) -> ExitCode {
    let _ = writeln!(io::stderr(), "{}", said.to_string().replace('\n', " "));
    ExitCode::from(code)
}

async fn run(url: Option<String>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = || format!("sqlite://{}/shop.db?mode=rwc", folder.path().display());
    let url = url.unwrap_or_else(file);
    match url.split(':').next() {
        Some("sqlite") => show::<sqlx::Sqlite>("SQLite", &url).await,
        Some("mysql" | "mariadb") => show::<sqlx::MySql>("MySQL or MariaDB", &url).await,
        _ => show::<sqlx::Postgres>("PostgreSQL", &url).await,
    }
}

/// Makes the tables, shows what there is to see, and drops them however that ends.
async fn show<DB: Driven>(database: &str, url: &str) -> Result<()> {
    // Names of its own: two runs at once do not meet.
    let prefix = format!("sql_store_{}_", std::process::id());
    let migrations = Migrations::new().prefix(&prefix);
    // One by itself: a pool would try again for half a minute, and then not say what is wrong.
    patiently("connecting", DB::Connection::connect(url)).await?.close().await?;
    let pool = Pool::<DB>::connect(url).await?;
    let (began, table) = (Instant::now(), format!("{prefix}cake"));
    let shop = Shop { pool, url, prefix, report: report_of(&table), table };
    let done = tokio::select! {
        done = async {
            patiently("making tables", migrations.up(&shop.pool)).await?;
            patiently("filling a table", shop.fill()).await?;
            let made = humane(began.elapsed());
            line(format_args!("{database}, tables {}*: made in {made}\n", shop.prefix))?;
            shop.tour().await
        } => done,
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    };
    let dropped = DB::execute(&shop.pool, format!("DROP TABLE IF EXISTS {}", shop.table)).await;
    migrations.down(&shop.pool).await?;
    done?;
    dropped?;
    line(format_args!("\nall tables are dropped again"))
}

/// What takes its time in a database: for each kind of cake, how many pairs there are of a cheaper
/// and a dearer one.
fn report_of(table: &str) -> String {
    format!(
        "SELECT a.kind, COUNT(*) FROM {table} AS a JOIN {table} AS b \
         ON b.kind = a.kind AND b.price < a.price GROUP BY a.kind ORDER BY a.kind"
    )
}

async fn read<DB: Driven>(db: &CachedPool<DB>, table: &str, report: &str) -> Result<Report> {
    let query = async || DB::fetch(db.inner(), report.to_owned()).await;
    let tags = db.tags_of([table]);
    let read = db.region().entry("report").tags(&tags).get_or_create(query).await?;
    Ok(read.to_vec())
}

/// The database of a shop, with the cache in it.
struct Shop<'a, DB: Driven> {
    pool: Pool<DB>,
    url: &'a str,
    prefix: String,
    table: String,
    report: String,
}

type Report = Vec<(i64, i64)>;

impl<DB: Driven> Shop<'_, DB> {
    const CAKES: usize = 4_000;

    async fn fill(&self) -> Result<()> {
        let table = &self.table;
        let columns = "id BIGINT PRIMARY KEY, kind BIGINT NOT NULL, price BIGINT NOT NULL";
        DB::execute(&self.pool, format!("CREATE TABLE {table} ({columns})")).await?;
        let cakes: Vec<usize> = (0..Self::CAKES).collect();
        for some in cakes.chunks(500) {
            let cakes = some.iter().map(|n| format!("({n}, {}, {})", n % 8, n * 7919 % 997));
            let cakes: Vec<String> = cakes.collect();
            DB::execute(&self.pool, format!("INSERT INTO {table} VALUES {}", cakes.join(", ")))
                .await?;
        }
        Ok(())
    }

    /// A process: connections of its own for the application, and for its cache.
    async fn process(&self) -> Result<CachedPool<DB>> {
        let store = SqlStore::builder(self.url)?.prefix(&self.prefix);
        // In good time for a crowd of 500 even where this is a debug build and the machine busy.
        let store = store.acquire_timeout(secs(5)).connect().await?;
        // No local tier: everything is in the tables.
        let region = Region::builder("shop").ttl(minutes(5)).op_timeout(secs(5)).local(0);
        let pool = Pool::<DB>::connect(self.url).await?;
        Ok(CachedPool::new(pool, region.backend(store).build()?))
    }

    /// The report, kept for all processes. It depends on its table: any write to that is the end of it.
    async fn read(&self, db: &CachedPool<DB>) -> Result<Report> {
        read(db, &self.table, &self.report).await
    }

    async fn tour(&self) -> Result<()> {
        let (one, two) = (self.process().await?, self.process().await?);
        line(format_args!("{:<48}{:>16}{:>12}", "", "queries so far", "a read"))?;
        let report = &self.report;

        let began = Instant::now();
        let direct = DB::fetch(&self.pool, format!("/* not cached */ {report}")).await?;
        row("without a cache", "one a read", began.elapsed())?;

        let crowd = patiently("a crowd of 500", self.crowd(&one, &two));
        let took = crowd.await?;
        step("500 tasks in two processes, at once", 1, took).await?;

        let began = Instant::now();
        for n in 0..1_000 {
            let db = if n % 2 == 0 { &one } else { &two };
            check(&self.read(db).await?, &direct, "a hit")?;
        }
        step("1,000 reads more, in both", 1, began.elapsed() / 1_000).await?;

        let write = format!("UPDATE {} SET price = price + 100 WHERE id < 10", self.table);
        DB::write(&one, write.clone(), true).await?;
        let now = DB::fetch(&self.pool, format!("/* not cached */ {report}")).await?;
        let began = Instant::now();
        check(&self.read(&two).await?, &now, "a read after a write")?;
        step("one process writes, the other reads", 2, began.elapsed()).await?;
        let began = Instant::now();
        check(&self.read(&one).await?, &now, "a read after a write")?;
        step("and so does the one that wrote", 2, began.elapsed()).await?;

        DB::write(&two, write, false).await?;
        let began = Instant::now();
        check(&self.read(&one).await?, &now, "a read after a rollback")?;
        step("a write that is rolled back invalidates nothing", 2, began.elapsed()).await?;

        for db in [&one, &two] {
            db.region().close().await;
        }
        line(format_args!("\nthe region of the second process\n{:#}", two.region().stats()))
    }

    /// Asks 500 times at once, and says how long the last one waited.
    async fn crowd(&self, one: &CachedPool<DB>, two: &CachedPool<DB>) -> Result<Duration> {
        let (began, mut crowd) = (Instant::now(), JoinSet::new());
        for n in 0..500 {
            let db = if n % 2 == 0 { one } else { two }.clone();
            let (table, report) = (self.table.clone(), self.report.clone());
            crowd.spawn(async move { read(&db, &table, &report).await });
        }
        while let Some(read) = crowd.join_next().await {
            read??;
        }
        Ok(began.elapsed())
    }
}

fn check(read: &Report, expected: &Report, what: &str) -> Result<()> {
    if read == expected { Ok(()) } else { Err(format!("{what} is not what is there").into()) }
}

/// One line of the table; the count of queries is checked, too.
async fn step(what: &str, expected: u32, took: Duration) -> Result<()> {
    // Longer than the event of a statement lags behind its last row.
    sleep(millis(20)).await;
    let counted = REPORTS.load(Ordering::SeqCst);
    if counted != expected {
        return Err(format!("{what}: {counted} queries, and not {expected}").into());
    }
    row(what, &counted.to_string(), took)
}

fn row(what: &str, queries: &str, took: Duration) -> Result<()> {
    line(format_args!("{what:<48}{queries:>16}{:>12}", humane(took)))
}

fn line(said: impl Display) -> Result<()> {
    match writeln!(io::stdout(), "{said}") {
        // Nobody reads on: the tables are still dropped.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn humane(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 1e-3 {
        format!("{:.0} us", seconds * 1e6)
    } else {
        format!("{:.1} ms", seconds * 1e3)
    }
}

/// Says what is being done if it takes longer than a second.
async fn patiently<T>(what: &'static str, work: impl Future<Output = T>) -> T {
    let mut work = Box::pin(work);
    if let Ok(done) = timeout(secs(1), &mut work).await {
        return done;
    }
    let progress = ProgressBar::new_spinner().with_message(what);
    progress.enable_steady_tick(millis(100));
    let done = work.await;
    progress.finish_and_clear();
    done
}

/// A driver, in the few words that this example needs.
trait Driven: CacheDatabase + dogpile_migrations::Database {
    fn execute(pool: &Pool<Self>, sql: String) -> impl Future<Output = Result<()>> + Send;

    fn fetch(pool: &Pool<Self>, sql: String) -> impl Future<Output = Result<Report>> + Send;

    /// A write in a transaction, without a word about the cache: its table is found in the SQL.
    fn write(
        db: &CachedPool<Self>,
        sql: String,
        commits: bool,
    ) -> impl Future<Output = Result<()>> + Send;
}

macro_rules! driven {
    ($driver:ty) => {
        impl Driven for $driver {
            async fn execute(pool: &Pool<Self>, sql: String) -> Result<()> {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await?;
                Ok(())
            }

            async fn fetch(pool: &Pool<Self>, sql: String) -> Result<Report> {
                Ok(sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await?)
            }

            async fn write(db: &CachedPool<Self>, sql: String, commits: bool) -> Result<()> {
                let mut transaction = db.begin().await?;
                sqlx::query(AssertSqlSafe(sql)).execute(&mut *transaction).await?;
                match commits {
                    true => transaction.commit().await?,
                    false => transaction.rollback().await?,
                }
                Ok(())
            }
        }
    };
}

driven!(sqlx::Sqlite);
driven!(sqlx::MySql);
driven!(sqlx::Postgres);

/// How often the driver has really sent the report.
static REPORTS: AtomicU32 = AtomicU32::new(0);

/// Hears of each statement that the driver has run.
struct Driver;

impl Subscriber for Driver {
    fn enabled(&self, event: &Metadata<'_>) -> bool {
        event.target() == "sqlx::query"
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Statement);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Statement;

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, text: &str) {
        if field.name() == "db.statement" && text.trim_start().starts_with("SELECT a.kind") {
            REPORTS.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
