//! Whether a captured statement is answered from the cache, and under which key.

use std::any::TypeId;

use dogpile::{Key, Reason, Tags};

use super::fingerprint::fingerprint;
use super::options::Options;
use crate::database::CacheDatabase;
use crate::pool::CachedPool;
use crate::statement::Statement;

pub(super) enum Decision {
    Cache(Key, Tags),
    Bypass(Reason),
}

/// Bypass: an argument cannot be told apart from others.
const OPAQUE_ARGUMENT: Reason = Reason::new("opaque_argument");
/// Bypass: the rows are mapped by a closure that carries values of its own.
const OPAQUE_MAPPER: Reason = Reason::new("opaque_mapper");
/// Bypass: a connection of the pool is inside a transaction that was begun by SQL text.
const TEXT_TRANSACTION: Reason = Reason::new("text_transaction");
/// Bypass: the pool's policy does not allow one of the tables.
const DENIED_TABLE: Reason = Reason::new("denied_table");

/// Decides for a query whose rows are mapped by `mapper`.
pub(super) fn decide<DB: CacheDatabase>(
    pool: &CachedPool<DB>,
    options: &Options,
    shape: u8,
    mapper: Option<TypeId>,
    statement: &Statement<DB>,
) -> Decision {
    let analysis = pool.analyzer().analyze(statement.sql.as_str());
    // `Some` for everything but a read that may be cached.
    if let Some(bypass) = analysis.bypass() {
        return Decision::Bypass(Reason::new(bypass.reason().code()));
    }
    if pool.in_text_transaction() {
        return Decision::Bypass(TEXT_TRANSACTION);
    }
    if pool.policy().denied(&analysis).is_some() {
        return Decision::Bypass(DENIED_TABLE);
    }
    let Some(mapper) = mapper else { return Decision::Bypass(OPAQUE_MAPPER) };
    match fingerprint(pool, &options.scope, shape, mapper, statement) {
        Some(key) => Decision::Cache(key, options.all_tags(pool, &analysis)),
        None => Decision::Bypass(OPAQUE_ARGUMENT),
    }
}
