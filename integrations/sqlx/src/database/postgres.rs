//! PostgreSQL.

use std::fmt::{self, Write as _};

use dogpile::DigestHasher;
use dogpile_query::Dialect;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Pool, Postgres, Row};

use super::{CacheDatabase, through_executor};

impl CacheDatabase for Postgres {
    const DIALECT: Dialect = Dialect::Postgres;

    fn identity(pool: &Pool<Self>) -> String {
        let options = pool.connect_options();
        let socket = options.get_socket().map(|path| path.display().to_string());
        format!(
            "postgres:{}:{}/{}?user={}&options={}",
            socket.as_deref().unwrap_or_else(|| options.get_host()),
            options.get_port(),
            options.get_database().unwrap_or_default(),
            options.get_username(),
            options.get_options().unwrap_or_default(),
        )
    }

    /// Prints the type of every argument and the bytes that go over the wire.
    fn fingerprint(arguments: &PgArguments, hasher: &mut DigestHasher) -> fmt::Result {
        write!(hasher, "{arguments:?}")
    }

    fn row_bytes(row: &PgRow) -> usize {
        const POINTER: usize = 24;
        let cell = |column| {
            let value = row.try_get_raw(column).ok()?;
            value.as_bytes().ok().map(<[u8]>::len)
        };
        (0..row.len()).map(|column| POINTER + cell(column).unwrap_or(0)).sum()
    }

    through_executor!();
}
