//! The key of a query: everything that decides its result.

use std::any::TypeId;
use std::hash::{Hash, Hasher};

use dogpile::{DigestHasher, Key};

use crate::database::CacheDatabase;
use crate::pool::CachedPool;
use crate::statement::Statement;

/// The key under which the rows mapped by `mapper` are kept; `None` where an argument cannot be told
/// apart from others.
///
/// Every part is hashed after its length, and the arguments last, so that no part can run into
/// another.
pub(super) fn fingerprint<DB: CacheDatabase>(
    pool: &CachedPool<DB>,
    scope: &[String],
    shape: u8,
    mapper: TypeId,
    statement: &Statement<DB>,
) -> Option<Key> {
    let maker = pool.region().hasher();
    let mut hasher = maker.hasher();
    hasher.write_part(pool.identity().as_bytes());
    // Two ways of mapping the same rows are two entries, even if they give values of one type.
    mapper.hash(&mut Bytes(&mut hasher));
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

/// Hands what a `Hash` implementation writes on to the digest.
struct Bytes<'h>(&'h mut DigestHasher);

impl Hasher for Bytes<'_> {
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
