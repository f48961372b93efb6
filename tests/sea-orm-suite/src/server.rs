//! The database that the tests run on.

use dogpile_tests::services::{MariaDb, Postgres};

use crate::Result;

/// The database that the tests run on. A server ends with this.
pub(crate) enum Server {
    Sqlite,
    Postgres(Postgres),
    MariaDb(MariaDb),
}

impl Server {
    pub(crate) async fn start(database: &str) -> Result<Self> {
        match database {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" => Ok(Self::Postgres(Postgres::start().await?)),
            "mariadb" => Ok(Self::MariaDb(MariaDb::start().await?)),
            other => Err(format!("{other} is none of sqlite, postgres, mariadb").into()),
        }
    }

    /// What sea-orm's tests call `DATABASE_URL`: they add the name of a database.
    pub(crate) fn url(&self) -> String {
        let url = match self {
            Self::Sqlite => "sqlite::memory:".to_owned(),
            Self::Postgres(server) => server.url(""),
            Self::MariaDb(server) => server.url(""),
        };
        url.trim_end_matches('/').to_owned()
    }
}
