//! A database of each driver, as a plain pool and as cached ones.

use std::time::Duration;

use dogpile::backend::MemoryBackend;
use dogpile::{Region, TagSpace, minutes};
use dogpile_sqlx::{CacheDatabase, CachedPool};
use sqlx::pool::PoolOptions;
use sqlx::{Connection, Pool};

type Options<DB> = <<DB as sqlx::Database>::Connection as Connection>::Options;

/// A pool on which nothing is too quick to be replayed.
pub(crate) async fn slow<DB: CacheDatabase>(options: Options<DB>) -> Pool<DB> {
    PoolOptions::new()
        .max_connections(2)
        .before_acquire(|_, _| {
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(2)).await;
                Ok(true)
            })
        })
        .connect_with(options)
        .await
        .unwrap()
}

/// Transparent pools over `pool`: one keeps what it has in this process, one in a backend.
pub(crate) fn cached<DB: CacheDatabase>(pool: &Pool<DB>) -> [CachedPool<DB>; 2] {
    let region = || Region::builder("shop").ttl(minutes(60)).jitter(0.0);
    let own = region().tag_space(TagSpace::new(10_000)).build().unwrap();
    let backend = region().backend(MemoryBackend::new()).local(0).build().unwrap();
    [own, backend].map(|region| CachedPool::new(pool.clone(), region).transparent())
}

macro_rules! subject {
    ($driver:ident, $holds:ty) => {
        use dogpile_sqlx::CachedPool;
        use dogpile_tests::statements::Statements;
        use sqlx::{Pool, $driver};

        pub(crate) struct Subject {
            pub(crate) plain: Pool<$driver>,
            pub(crate) statements: Statements,
            pub(crate) watched: Pool<$driver>,
            _holds: $holds,
        }

        impl Subject {
            pub(crate) fn cached(&self) -> [CachedPool<$driver>; 2] {
                super::cached(&self.watched)
            }
        }
    };
}

pub(crate) mod sqlite {
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{AssertSqlSafe, ConnectOptions};
    use tempfile::TempDir;

    subject!(Sqlite, TempDir);

    /// The SQL as this driver has it.
    pub(crate) fn sql(text: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(text.into())
    }

    impl Subject {
        pub(crate) async fn open() -> Self {
            let folder = TempDir::new().unwrap();
            let file = folder.path().join("shop.db");
            let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
            let plain = super::slow(options.clone().disable_statement_logging()).await;
            let (statements, options) = Statements::of(options);
            let watched = super::slow(options).await;
            Self { plain, statements, watched, _holds: folder }
        }
    }
}

pub(crate) mod postgres {
    use dogpile_tests::services;
    use sqlx::postgres::PgConnectOptions;
    use sqlx::{AssertSqlSafe, ConnectOptions};

    subject!(Postgres, services::Postgres);

    /// The SQL as this driver has it: its parameters have numbers.
    pub(crate) fn sql(text: &str) -> AssertSqlSafe<String> {
        let mut parts = text.split('?');
        let first = parts.next().unwrap_or_default().to_owned();
        let numbered =
            parts.zip(1..).fold(first, |sql, (part, number)| format!("{sql}${number}{part}"));
        AssertSqlSafe(numbered)
    }

    impl Subject {
        pub(crate) async fn open() -> Self {
            let server = services::Postgres::start().await.unwrap();
            let url = server.create_database().await.unwrap();
            let options: PgConnectOptions = url.parse().unwrap();
            let options = options.disable_statement_logging();
            let plain = super::slow(options.clone()).await;
            let (statements, options) = Statements::at_a_level(options);
            let watched = super::slow(options).await;
            Self { plain, statements, watched, _holds: server }
        }
    }
}

pub(crate) mod mariadb {
    use dogpile_tests::services::MariaDb;
    use sqlx::ConnectOptions;
    use sqlx::mysql::MySqlConnectOptions;

    pub(crate) use super::sqlite::sql;

    subject!(MySql, MariaDb);

    impl Subject {
        pub(crate) async fn open() -> Self {
            let server = MariaDb::start().await.unwrap();
            let url = server.create_database().await.unwrap();
            let options: MySqlConnectOptions = url.parse().unwrap();
            let options = options.disable_statement_logging();
            let plain = super::slow(options.clone()).await;
            let (statements, options) = Statements::at_a_level(options);
            let watched = super::slow(options).await;
            Self { plain, statements, watched, _holds: server }
        }
    }
}
