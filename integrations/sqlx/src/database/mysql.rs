//! MySQL and MariaDB.

use std::fmt::{self, Write as _};

use dogpile::DigestHasher;
use dogpile_query::Dialect;
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::{MySql, Pool, Row};

use super::{CacheDatabase, through_executor};

impl CacheDatabase for MySql {
    const DIALECT: Dialect = Dialect::MySql;

    fn identity(pool: &Pool<Self>) -> String {
        let options = pool.connect_options();
        let socket = options.get_socket().map(|path| path.display().to_string());
        format!(
            "mysql:{}:{}/{}?user={}",
            socket.as_deref().unwrap_or_else(|| options.get_host()),
            options.get_port(),
            options.get_database().unwrap_or_default(),
            options.get_username(),
        )
    }

    /// Prints the type of every argument and the bytes that go over the wire.
    fn fingerprint(arguments: &MySqlArguments, hasher: &mut DigestHasher) -> fmt::Result {
        write!(hasher, "{arguments:?}")
    }

    fn row_bytes(row: &MySqlRow) -> usize {
        const POINTER: usize = 24;
        let cell = |column| row.try_get_unchecked::<&[u8], _>(column).map_or(0, <[u8]>::len);
        (0..row.len()).map(|column| POINTER + cell(column)).sum()
    }

    through_executor!();
}
