//! Statements on the table that says which migrations were applied.

use crate::Dialect;
use crate::names::Names;

/// The table's name.
pub(crate) const LEDGER: &str = "migration";

/// Notes that a migration was applied. One that was noted before stays as it was.
pub(super) fn record(dialect: Dialect, names: &Names, version: i64, name: &str) -> String {
    let (table, now) = (names.table(dialect, LEDGER), dialect.now());
    let (ignore, on_conflict) = match dialect {
        Dialect::MySql => ("ignore ", ""),
        Dialect::Postgres | Dialect::Sqlite => ("", " on conflict do nothing"),
    };
    format!(
        "insert {ignore}into {table} (version, name, applied) \
         values ({version}, '{name}', {now}){on_conflict};\n"
    )
}

/// Takes that note away.
pub(super) fn forget(dialect: Dialect, names: &Names, version: i64) -> String {
    format!("delete from {} where version = {version};\n", names.table(dialect, LEDGER))
}

/// Reads all notes.
pub(super) fn read(dialect: Dialect, names: &Names) -> String {
    format!("select version, applied from {}", names.table(dialect, LEDGER))
}
