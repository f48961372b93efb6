//! Where messages go.

use crate::config::Tables;

/// The channel of a store's tables, as it stands in statements.
///
/// It is called after the table itself and not after its name: however two processes spell the schema,
/// they meet, and tables that are made anew have another one. A session that does not find the table
/// tells nobody, and is not disturbed by it.
#[derive(Debug, Clone)]
pub(in crate::postgres) struct Channel(String);

impl Channel {
    pub(in crate::postgres) fn of(tables: &Tables) -> Self {
        // Of names that were checked: no quote is in them.
        Self(format!("'dogpile_' || to_regclass('{}')::oid::text", tables.register))
    }

    /// An expression: the name, or nothing (`NULL`) where the tables are not there.
    pub(super) fn name(&self) -> &str {
        &self.0
    }

    /// An expression that tells every process, when its transaction is committed, what `payload` says:
    /// an expression as well, of a message of this module, which is safe between two `'`.
    pub(in crate::postgres) fn tell(&self, payload: &str) -> String {
        format!("pg_notify(coalesce({}, 'dogpile'), {payload})", self.0)
    }
}
