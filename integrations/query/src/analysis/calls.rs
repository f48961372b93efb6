//! Calls of functions that are not built in, of which the catalog may know more.

use super::Bypass;
use crate::TableName;

/// What a statement calls, and what would be said of it if that were harmless.
#[derive(Debug, Clone)]
pub(crate) struct Calls {
    /// The functions, sorted, each once.
    pub(crate) functions: Box<[TableName]>,
    /// What else stands in the way.
    pub(crate) bypass: Option<Bypass>,
    /// Whether something else writes what is not known.
    pub(crate) flushes: bool,
}
