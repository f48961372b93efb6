//! MySQL and MariaDB.

use std::fmt;

use dogpile::DigestHasher;
use dogpile_query::Dialect;
use futures_core::future::BoxFuture;
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::{Error, MySql, MySqlConnection, Pool, Row};

use super::{CacheDatabase, through_executor};
use crate::arguments::digest;
use crate::out_of_step::Asking;
use crate::server::Told;

/// Who the server is, and what of a session decides the result of a statement, as the pool's
/// connections begin. MariaDB has no `@@server_uuid`.
const SERVER: &str = "/* dogpile: server */ SELECT CONCAT_WS(' ', @@hostname, @@port, @@datadir, \
    DATABASE(), CURRENT_USER(), @@session.time_zone, @@session.sql_mode, @@session.collation_connection), \
    CAST(@@global.read_only AS CHAR)";

impl CacheDatabase for MySql {
    const DIALECT: Dialect = Dialect::MySql;

    fn tell(pool: &Pool<Self>) -> BoxFuture<'_, Result<Told, Error>> {
        Box::pin(async move {
            let mut connection = pool.acquire().await?;
            let mut asking = Asking::on(&mut connection);
            let told = Self::tell_on(pool, asking.connection()).await;
            asking.answered();
            told
        })
    }

    fn tell_on<'c>(
        _: &'c Pool<Self>,
        connection: &'c mut MySqlConnection,
    ) -> BoxFuture<'c, Result<Told, Error>> {
        Box::pin(async move {
            let (server, read_only): (String, String) =
                sqlx::query_as(SERVER).fetch_one(connection).await?;
            let is_replica = !matches!(read_only.as_str(), "0" | "OFF");
            Ok(Told { identity: format!("mysql:{server}"), is_replica })
        })
    }

    /// Prints the type of every argument and the bytes that go over the wire.
    fn fingerprint(arguments: &MySqlArguments, hasher: &mut DigestHasher) -> fmt::Result {
        digest(arguments, hasher)
    }

    fn row_bytes(row: &MySqlRow) -> usize {
        const POINTER: usize = 24;
        let cell = |column| row.try_get_unchecked::<&[u8], _>(column).map_or(0, <[u8]>::len);
        (0..row.len()).map(|column| POINTER + cell(column)).sum()
    }

    through_executor!(mysql);
}
