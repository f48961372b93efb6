//! SQLite.

use std::fmt;
use std::future::ready;
use std::sync::atomic::{AtomicU64, Ordering};

use dogpile::{DigestHasher, ProcessHasher};
use dogpile_query::Dialect;
use futures_core::future::BoxFuture;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Decode, Error, Pool, Row, Sqlite, SqliteConnection, TypeInfo, ValueRef};

use super::{CacheDatabase, through_executor};
use crate::arguments::digest;
use crate::server::{Told, machine};

impl CacheDatabase for Sqlite {
    const DIALECT: Dialect = Dialect::Sqlite;

    /// The file, by its machine and canonical path, where there is one. A database in memory is nobody
    /// else's.
    fn tell(pool: &Pool<Self>) -> BoxFuture<'_, Result<Told, Error>> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let options = pool.connect_options();
        let identity = match options.get_filename().canonicalize() {
            Ok(path) => format!("sqlite:{}:{}", machine(), path.display()),
            Err(_) => {
                let process = ProcessHasher::digest(b"sqlite");
                format!("sqlite:{process}#{}", NEXT.fetch_add(1, Ordering::Relaxed))
            }
        };
        Box::pin(ready(Ok(Told { identity, is_replica: false })))
    }

    fn tell_on<'c>(
        pool: &'c Pool<Self>,
        _: &'c mut SqliteConnection,
    ) -> BoxFuture<'c, Result<Told, Error>> {
        Self::tell(pool)
    }

    /// Every argument prints with the name of its kind: `Int64(1)`, `Text("1")`, `Null`.
    fn fingerprint(arguments: &SqliteArguments, hasher: &mut DigestHasher) -> fmt::Result {
        digest(arguments, hasher)
    }

    fn row_bytes(row: &SqliteRow) -> usize {
        (0..row.len()).map(|column| cell_bytes(row, column)).sum()
    }

    through_executor!(sqlite);
}

fn cell_bytes(row: &SqliteRow, column: usize) -> usize {
    const NUMBER: usize = 8;
    const POINTER: usize = 24;
    let Ok(value) = row.try_get_raw(column) else { return 0 };
    // Only text and blobs are asked for their bytes: asking a number would convert it.
    if !matches!(value.type_info().name(), "TEXT" | "BLOB") {
        return NUMBER;
    }
    // Not borrowed: the driver would from now on refuse to read the cell as a number.
    <Vec<u8> as Decode<Sqlite>>::decode(value).map_or(NUMBER, |bytes| POINTER + bytes.len())
}
