//! Queries that are answered from the cache.

mod capture;
mod decision;
mod detached;
mod explain;
mod failure;
mod fetch;
mod fingerprint;
mod gate;
mod held_back;
mod in_transaction;
mod keeping;
mod on_connection;
mod options;
mod owned;
mod route;
mod rules;
mod shape;
mod stream;
mod target;
mod through_cells;
mod transparent;
mod typed;
pub mod way;

pub(crate) use capture::Capture;
pub use explain::Explanation;
pub use gate::Gate;
pub(crate) use options::Options;
pub use options::{CachedQuery, Mode};
pub use target::Target;
pub use typed::TypedQuery;

/// Adds [`cached`](Self::cached) to `query_as`, `query_scalar`, `query`, mapped queries and the
/// `query!` family.
pub trait QueryCacheExt: TypedQuery {
    /// Lets the query be answered from the cache.
    ///
    /// Its result is kept under the SQL, the parameters with their types, the database and the
    /// scope, and depends on every table in the SQL. A query that must not be cached runs on the
    /// database as if this had not been called; [`explain`](CachedQuery::explain) says why.
    fn cached(self) -> CachedQuery<Self> {
        CachedQuery::new(self)
    }
}

impl<Q: TypedQuery> QueryCacheExt for Q {}
