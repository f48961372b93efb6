//! What is said of a catalog that does not tell: once, because where it may not be read today it may not be
//! read tomorrow.

use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::Error;

/// What was said already.
#[derive(Debug, Default)]
pub(super) struct Complaints {
    of_keys: AtomicBool,
    of_relations: AtomicBool,
}

impl Complaints {
    pub(super) fn of_keys(&self, error: &Error) {
        if !self.of_keys.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "dogpile", why = why(error),
                "the catalog of the database cannot be read: writes invalidate reads of other rows \
                 of their table too",
            );
        }
    }

    pub(super) fn of_relations(&self, error: &Error) {
        if !self.of_relations.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "dogpile", why = why(error),
                "the catalog of the database does not tell its views, triggers and foreign keys: until it \
                 does nothing is cached, and every write invalidates everything. `without_catalog` takes \
                 statements at their word",
            );
        }
    }
}

fn why(error: &Error) -> String {
    match error {
        Error::Database(error) => error.to_string(),
        _ => "it did not answer".to_owned(),
    }
}
