//! `Database::connect`, as the tests call it.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use dogpile::{Region, minutes};
use dogpile_sea_orm::CachedConnection;
use real::{ConnectOptions, DbErr};

use crate::DatabaseConnection;
use crate::tally::Lookups;
use crate::way::Way;

/// Connects.
#[derive(Debug, Default)]
pub struct Database;

impl Database {
    /// Connects as the real one does, and wraps the connection.
    pub async fn connect<C: Into<ConnectOptions>>(options: C) -> Result<DatabaseConnection, DbErr> {
        let way = Way::of_process();
        let mut options = options.into();
        let region = region(options.get_url());
        if way == Way::Cached {
            slow_down(&mut options);
        }
        let db = CachedConnection::new(real::Database::connect(options).await?, region)?;
        Ok(match way {
            #[cfg(feature = "replayed")]
            Way::Replayed => DatabaseConnection::new(db.uncached()),
            #[cfg(not(feature = "replayed"))]
            Way::Cached => db,
            #[cfg(not(feature = "replayed"))]
            Way::Through => db.uncached(),
            other => unreachable!("{other:?} is of another build"),
        })
    }
}

/// Lets every statement take longer than the replay of its rows: what comes sooner is not kept.
fn slow_down(options: &mut ConnectOptions) {
    macro_rules! slowly {
        ($($map:ident)*) => {
            $(options.$map(|pool| {
                pool.before_acquire(|_, _| {
                    Box::pin(async {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                        Ok(true)
                    })
                })
            });)*
        };
    }
    slowly!(map_sqlx_sqlite_pool_opts map_sqlx_postgres_pool_opts map_sqlx_mysql_pool_opts);
}

/// The region of a database: a process that connects twice has one cache. A database in memory is
/// another with every connection.
fn region(url: &str) -> Region {
    static REGIONS: LazyLock<Mutex<HashMap<String, Region>>> = LazyLock::new(Mutex::default);
    if url.contains(":memory:") {
        return build();
    }
    let mut regions = REGIONS.lock().unwrap_or_else(PoisonError::into_inner);
    regions.entry(url.to_owned()).or_insert_with(build).clone()
}

fn build() -> Region {
    let region = Region::builder("suite").ttl(minutes(60)).observer(Lookups).build();
    region.expect("the description is right")
}
