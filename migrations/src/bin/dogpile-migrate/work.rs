//! Does what it is told.

use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use dogpile_migrations::{Database, Dialect, Migrations};
use sqlx::mysql::MySql;
use sqlx::pool::PoolOptions;
use sqlx::postgres::Postgres;
use sqlx::sqlite::{Sqlite, SqliteConnectOptions};
use sqlx::{ConnectOptions, Connection, Pool};

use crate::arguments::{Arguments, OnDatabase, Verb};
use crate::{Failure, say};

/// How long the server may take to answer.
const CONNECT: Duration = Duration::from_secs(30);

pub(crate) fn work(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.verb {
        Verb::Print { database, down, place } => {
            let (dialect, migrations) = (Dialect::from_str(&database)?, place.migrations());
            let print = if down { Migrations::print_down } else { Migrations::print };
            say(&print(&migrations, dialect)?);
            Ok(ExitCode::SUCCESS)
        }
        Verb::Up(on) => on_database(Action::Up, &on),
        Verb::Down(on) => on_database(Action::Down, &on),
        Verb::Status(on) => on_database(Action::Status, &on),
        Verb::Watch(about) => on_database(Action::Watch(&about.table), &about.on),
        Verb::Unwatch(about) => on_database(Action::Unwatch(&about.table), &about.on),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action<'a> {
    Up,
    Down,
    Status,
    Watch(&'a str),
    Unwatch(&'a str),
}

fn on_database(action: Action<'_>, on: &OnDatabase) -> Result<ExitCode, Failure> {
    let url = on.url()?;
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    let dialect = Dialect::from_str(scheme).map_err(|_| {
        let known = "`postgres://`, `mysql://`, `mariadb://` or `sqlite:`";
        Failure::Input(format!("the URL must begin with {known}"))
    })?;
    // What is wrong with a setting is found before anything is asked for.
    let migrations = on.place.migrations();
    migrations.print(dialect)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::work(&error))?;
    runtime.block_on(async {
        match dialect {
            Dialect::Postgres => act::<Postgres>(action, &migrations, options(&url)?).await,
            Dialect::MySql => act::<MySql>(action, &migrations, options(&url)?).await,
            Dialect::Sqlite => act::<Sqlite>(action, &migrations, sqlite(&url, action)?).await,
        }
    })
}

async fn act<D: Database>(
    action: Action<'_>,
    migrations: &Migrations,
    options: <D::Connection as Connection>::Options,
) -> Result<ExitCode, Failure> {
    reach::<D>(&options).await?;
    let pool: Pool<D> = PoolOptions::new().max_connections(1).connect_lazy_with(options);
    let done = match action {
        Action::Up => tell("applied", &migrations.up(&pool).await?),
        Action::Down => tell("taken back", &migrations.down(&pool).await?),
        Action::Status => {
            let status = migrations.status(&pool).await?;
            say(&status.to_string());
            for table in migrations.watched(&pool).await? {
                say(&format!("watched {table}"));
            }
            ExitCode::from(u8::from(!status.is_complete()))
        }
        Action::Watch(table) => {
            migrations.watch(&pool, table).await?;
            ExitCode::SUCCESS
        }
        Action::Unwatch(table) => {
            migrations.unwatch(&pool, table).await?;
            ExitCode::SUCCESS
        }
    };
    pool.close().await;
    Ok(done)
}

/// Whether the server is there. A pool would try until its time is over, and not say why.
async fn reach<D: Database>(
    options: &<D::Connection as Connection>::Options,
) -> Result<(), Failure> {
    let connect = async { D::Connection::connect_with(options).await?.close().await };
    let connected = tokio::time::timeout(CONNECT, connect).await;
    let answer = connected.map_err(|_| Failure::Work(format!("no answer within {CONNECT:?}")))?;
    answer.map_err(|error| Failure::Work(format!("cannot connect to the database: {error}")))
}

fn tell(verb: &str, titles: &[String]) -> ExitCode {
    if titles.is_empty() {
        say("nothing to do");
    }
    titles.iter().for_each(|title| say(&format!("{verb} {title}")));
    ExitCode::SUCCESS
}

/// The URL as the driver reads it.
fn options<O: ConnectOptions>(url: &str) -> Result<O, Failure> {
    O::from_str(url).map_err(|error| Failure::Input(format!("the URL cannot be used: {error}")))
}

/// `up` creates a file that is not there, unless the URL says how to open it.
fn sqlite(url: &str, action: Action<'_>) -> Result<SqliteConnectOptions, Failure> {
    let options: SqliteConnectOptions = options(url)?;
    let create = action == Action::Up && !url.contains("mode=");
    Ok(if create { options.create_if_missing(true) } else { options })
}
