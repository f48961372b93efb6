//! The key of a query: everything that decides its result.

use std::any::type_name;

use dogpile::{DigestHasher, Key};

use crate::database::CacheDatabase;
use crate::pool::CachedPool;
use crate::statement::Statement;

/// The key under which a value of type `T` is kept; `None` where an argument cannot be told apart
/// from others.
///
/// Every part is hashed after its length, and the arguments last, so that no part can run into
/// another.
pub(super) fn fingerprint<DB: CacheDatabase, T>(
    pool: &CachedPool<DB>,
    scope: &[String],
    shape: u8,
    statement: &Statement<DB>,
) -> Option<Key> {
    let maker = pool.region().hasher();
    let mut hasher = maker.hasher();
    hasher.write_part(pool.identity().as_bytes());
    // The value's type: two types over one query are two entries, not one that changes hands.
    hasher.write_part(type_name::<T>().as_bytes());
    hasher.write(&[shape]);
    hasher.write(&(scope.len() as u64).to_le_bytes());
    for part in scope {
        hasher.write_part(part.as_bytes());
    }
    hasher.write_part(statement.sql.as_str().as_bytes());
    write_arguments(statement, &mut hasher)?;
    Some(Key::fingerprint(maker.finish(hasher)))
}

fn write_arguments<DB: CacheDatabase>(
    statement: &Statement<DB>,
    hasher: &mut DigestHasher,
) -> Option<()> {
    match &statement.arguments {
        Some(arguments) => DB::fingerprint(arguments, hasher).ok()?,
        None => hasher.write(b"none"),
    }
    Some(())
}
