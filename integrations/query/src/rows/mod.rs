//! What tells the rows of a table apart, and how a row is called in a tag.

mod key;
mod kind;

pub use key::{KeyColumn, TableKey};
pub use kind::{KeyKind, KeyValue};
