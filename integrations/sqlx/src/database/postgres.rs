//! PostgreSQL.

use std::fmt;

use dogpile::DigestHasher;
use dogpile_query::Dialect;
use futures_core::future::BoxFuture;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Error, PgConnection, Pool, Postgres, Row};

use super::{CacheDatabase, through_executor};
use crate::arguments::digest;
use crate::server::{Told, machine};

/// What of a session decides the result of a statement, as the pool's connections begin.
const SESSION: &str = "/* dogpile: server */ SELECT concat_ws(' ', current_database(), session_user, current_user, \
    current_setting('search_path'), current_setting('TimeZone'), current_setting('DateStyle'), \
    current_setting('IntervalStyle')), pg_is_in_recovery()";

/// The number of the cluster.
const CLUSTER: &str =
    "/* dogpile: server */ SELECT system_identifier::text FROM pg_control_system()";

/// Where the server is, as this machine sees it.
fn address(pool: &Pool<Postgres>) -> String {
    let options = pool.connect_options();
    let socket = options.get_socket().map(|path| path.display().to_string());
    let host = socket.as_deref().unwrap_or_else(|| options.get_host());
    format!("{}:{}:{}", machine(), host, options.get_port())
}

impl CacheDatabase for Postgres {
    const DIALECT: Dialect = Dialect::Postgres;

    fn tell(pool: &Pool<Self>) -> BoxFuture<'_, Result<Told, Error>> {
        Box::pin(async move {
            let mut connection = pool.acquire().await?;
            Self::tell_on(pool, &mut connection).await
        })
    }

    fn tell_on<'c>(
        pool: &'c Pool<Self>,
        connection: &'c mut PgConnection,
    ) -> BoxFuture<'c, Result<Told, Error>> {
        Box::pin(async move {
            // Not everybody may ask for the number of the cluster, and not every relative of
            // PostgreSQL has one.
            let cluster = sqlx::query_scalar(CLUSTER)
                .fetch_one(&mut *connection)
                .await
                .unwrap_or_else(|_| address(pool));
            let (session, is_replica): (String, bool) =
                sqlx::query_as(SESSION).fetch_one(connection).await?;
            Ok(Told { identity: format!("postgres:{cluster} {session}"), is_replica })
        })
    }

    /// Prints the type of every argument and the bytes that go over the wire.
    fn fingerprint(arguments: &PgArguments, hasher: &mut DigestHasher) -> fmt::Result {
        digest(arguments, hasher)
    }

    fn row_bytes(row: &PgRow) -> usize {
        const POINTER: usize = 24;
        let cell = |column| {
            let value = row.try_get_raw(column).ok()?;
            value.as_bytes().ok().map(<[u8]>::len)
        };
        (0..row.len()).map(|column| POINTER + cell(column).unwrap_or(0)).sum()
    }

    through_executor!(postgres);
}
