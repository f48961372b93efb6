//! How each database's catalog tells of its relations.

#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

#[cfg(any(feature = "sqlite", feature = "mysql"))]
use dogpile_query::{Changes, OnReferenced};

/// How many relations are known at most, and how many functions. Those that a statement finds without a
/// schema come first; what is left out counts as not known.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
const MOST: i64 = 20_000;

/// What a foreign key does, by the words of the standard.
#[cfg(any(feature = "sqlite", feature = "mysql"))]
fn actions(updated: &str, deleted: &str) -> OnReferenced {
    OnReferenced {
        updated: follows(updated, Changes::UPDATE),
        deleted: follows(deleted, Changes::DELETE),
    }
}

#[cfg(any(feature = "sqlite", feature = "mysql"))]
fn follows(rule: &str, cascade: Changes) -> Changes {
    match rule {
        "CASCADE" => cascade,
        "NO ACTION" | "RESTRICT" => Changes::NONE,
        _ => Changes::UPDATE,
    }
}
