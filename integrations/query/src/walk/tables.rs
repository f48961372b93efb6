//! Names in `FROM`: tables, functions, and tables that are not to be cached.

use sqlparser::ast::{ObjectName, TableFactor};

use super::Walker;
use crate::analysis::{Bypass, BypassReason};
use crate::functions::Nature;
use crate::{Dialect, TableName};

impl Walker<'_> {
    pub(super) fn relation(&mut self, name: &ObjectName) {
        if self.not_reads.iter().any(|known| std::ptr::eq(*known, name)) {
            return;
        }
        // PostgreSQL takes `FROM current_date` for a call.
        if let [part] = name.0.as_slice()
            && let Some(ident) = part.as_ident()
        {
            self.bare_word(ident);
        }
        match TableName::from_object(self.dialect(), name) {
            // Asked of the name as it is written: `main.` is dropped from a normalised one, but a
            // name with a schema is never that of a CTE.
            Some(table) => self.read(table, name.0.len() == 1),
            None => self.obstacle(Bypass::new(BypassReason::TableFunction, name.to_string())),
        }
    }

    fn read(&mut self, table: TableName, unqualified: bool) {
        if unqualified && self.scopes.is_cte(table.name()) {
            return;
        }
        if unqualified && self.dialect() == Dialect::MySql && table.name() == "dual" {
            return;
        }
        if let Some(reason) = off_limits(self.dialect(), &table) {
            self.obstacle(Bypass::new(reason, table.to_string()));
        }
        self.reads.insert(table);
    }

    pub(super) fn write(&mut self, name: &ObjectName) {
        if !self.writes_count {
            return;
        }
        match TableName::from_object(self.dialect(), name) {
            Some(table) => {
                self.flushes |=
                    off_limits(self.dialect(), &table) == Some(BypassReason::SystemCatalog);
                self.writes.insert(table);
            }
            None => self.flushes = true,
        }
    }

    pub(super) fn table_factor(&mut self, factor: &TableFactor) {
        match factor {
            TableFactor::Table { name, args, sample, .. } => {
                if sample.is_some() {
                    self.obstacle(Bypass::new(BypassReason::Sample, name.to_string()));
                }
                if args.is_some() {
                    self.not_reads.push(name);
                    self.table_function(name);
                }
            }
            TableFactor::Derived { sample: Some(_), .. } => {
                self.obstacle(Bypass::new(BypassReason::Sample, ""));
            }
            TableFactor::Function { name, .. } => self.table_function(name),
            TableFactor::TableFunction { expr, .. } => {
                self.obstacle(Bypass::new(BypassReason::TableFunction, expr.to_string()));
            }
            _ => {}
        }
    }

    fn table_function(&mut self, name: &ObjectName) {
        self.touch(name);
        let reason = match self.functions.nature(name) {
            Nature::Pure | Nature::PureWith(_) => return,
            Nature::Catalog => BypassReason::SystemCatalog,
            Nature::Volatile | Nature::Time(_) => BypassReason::Volatile,
            Nature::Session => BypassReason::Session,
            Nature::Unknown => {
                match TableName::from_object(self.dialect(), name) {
                    Some(name) => drop(self.calls.insert(name)),
                    None => self.flushes |= self.functions.unknown_may_write(),
                }
                BypassReason::TableFunction
            }
        };
        // In SQLite a virtual table can be called like a function: `FROM notes('word')`.
        if self.dialect() == Dialect::Sqlite && reason == BypassReason::TableFunction {
            self.reads.extend(TableName::from_object(Dialect::Sqlite, name));
        }
        self.obstacle(Bypass::new(reason, format!("{name}()")).with_mend(format!(
            "if `{name}` is deterministic and reads no tables, declare it with `deterministic_function`"
        )));
    }
}

/// Why reads of this table are never cached, if they are not.
fn off_limits(dialect: Dialect, table: &TableName) -> Option<BypassReason> {
    let (schema, name) = (table.schema().unwrap_or_default(), table.name());
    let catalog = match dialect {
        Dialect::Sqlite => {
            name.starts_with("sqlite_") || name.starts_with("pragma_") || name == "dbstat"
        }
        Dialect::Postgres => {
            let temporary = schema.starts_with("pg_temp") || schema.starts_with("pg_toast_temp");
            let system = ["pg_catalog", "information_schema", "pg_toast"].contains(&schema);
            !temporary && (system || (schema.is_empty() && name.starts_with("pg_")))
        }
        Dialect::MySql => {
            ["information_schema", "performance_schema", "mysql", "sys"].contains(&schema)
        }
    };
    let temporary = match dialect {
        Dialect::Sqlite => schema == "temp",
        Dialect::Postgres => schema.starts_with("pg_temp"),
        Dialect::MySql => false,
    };
    match (catalog, temporary) {
        (true, _) => Some(BypassReason::SystemCatalog),
        (false, true) => Some(BypassReason::TemporaryTable),
        (false, false) => None,
    }
}
