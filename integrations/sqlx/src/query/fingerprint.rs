//! The key of a query: everything that decides its result.

use std::hash::{Hash, Hasher};

use dogpile::{DigestHasher, Key};
use dogpile_query::Analysis;

use super::decision::{Kept, Place};
use super::options::Options;
use crate::database::CacheDatabase;
use crate::pool::CachedPool;
use crate::statement::Statement;

/// What is asked of a statement.
pub(super) struct Part<'s> {
    pub(super) shape: u8,
    pub(super) kept: Kept,
    pub(super) analysis: &'s Analysis,
    /// What the rules keep it apart by.
    pub(super) scopes: &'s [(&'s str, String)],
}

/// The key under which the rows, or what `mapper` makes of them, are kept; `None` where an argument
/// cannot be told apart from others.
///
/// Every part is hashed after its length, or has always the same, and the arguments come last, so that
/// no part can run into another.
pub(super) fn fingerprint<DB: CacheDatabase>(
    pool: &CachedPool<DB>,
    place: &Place<'_>,
    options: &Options,
    part: &Part<'_>,
    statement: &Statement<DB>,
) -> Option<Key> {
    let maker = options.region(pool).hasher();
    let mut hasher = maker.hasher();
    hasher.write_part(place.server.as_bytes());
    hasher.write_part(pool.scope().as_bytes());
    place.settings.write(&mut hasher);
    write_kept(part.kept, &mut hasher);
    hasher.write(&[part.shape]);
    write_scopes(&options.scope, part.scopes, &mut hasher);
    let text = part.analysis.text_digest(statement.sql.as_str(), maker.is_stable());
    hasher.write(&text.lookup.to_le_bytes());
    hasher.write(&text.check.to_le_bytes());
    write_arguments(statement, &mut hasher)?;
    Some(Key::fingerprint(maker.finish(hasher)))
}

/// The scopes of the query and of the rules, each counted: none of one kind is taken for one of the
/// other.
fn write_scopes(own: &[String], ruled: &[(&str, String)], hasher: &mut DigestHasher) {
    let counts = own.len() as u64 | (ruled.len() as u64) << 32;
    hasher.write(&counts.to_le_bytes());
    for part in own {
        hasher.write_part(part.as_bytes());
    }
    for (name, value) in ruled {
        hasher.write_part(name.as_bytes());
        hasher.write_part(value.as_bytes());
    }
}

/// Two ways of mapping the same rows are two entries, even if they give values of one type.
fn write_kept(kept: Kept, hasher: &mut DigestHasher) {
    match kept {
        Kept::Values(mapper) => {
            hasher.write(&[0]);
            mapper.hash(&mut Bytes(hasher));
        }
        Kept::Cells => hasher.write(&[1]),
        Kept::Serialized(of) => {
            hasher.write(&[2]);
            hasher.write_part(of.as_bytes());
        }
    }
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
