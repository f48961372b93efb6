//! SQLite.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

use dogpile::DigestHasher;
use dogpile_query::Dialect;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Decode, Pool, Row, Sqlite, TypeInfo, ValueRef};

use super::{CacheDatabase, through_executor};

impl CacheDatabase for Sqlite {
    const DIALECT: Dialect = Dialect::Sqlite;

    /// The file, by its canonical path where there is one. A database in memory is nobody else's.
    fn identity(pool: &Pool<Self>) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let options = pool.connect_options();
        match options.get_filename().canonicalize() {
            Ok(path) => format!("sqlite:{}", path.display()),
            Err(_) => format!("sqlite:#{}", NEXT.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// Every argument prints with the name of its kind: `Int64(1)`, `Text("1")`, `Null`.
    fn fingerprint(arguments: &SqliteArguments, hasher: &mut DigestHasher) -> fmt::Result {
        write!(hasher, "{arguments:?}")
    }

    fn row_bytes(row: &SqliteRow) -> usize {
        (0..row.len()).map(|column| cell_bytes(row, column)).sum()
    }

    through_executor!();
}

fn cell_bytes(row: &SqliteRow, column: usize) -> usize {
    const NUMBER: usize = 8;
    const POINTER: usize = 24;
    let Ok(value) = row.try_get_raw(column) else { return 0 };
    // Only text and blobs are asked for their bytes: asking a number would convert it.
    if !matches!(value.type_info().name(), "TEXT" | "BLOB") {
        return NUMBER;
    }
    <&[u8] as Decode<Sqlite>>::decode(value).map_or(NUMBER, |bytes| POINTER + bytes.len())
}
