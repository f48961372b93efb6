//! The settings, and the texts that need no database.

use crate::names::Names;
use crate::script::{ALL, Migration, Plan};
use crate::{Dialect, Result};

/// The tables of dogpile in one place of one database: creates, drops and checks them.
///
/// Settings are looked at when they are used: a wrong one makes every call but the setters fail,
/// before anything is sent.
///
/// ```
/// use dogpile_migrations::Migrations;
/// use sqlx::SqlitePool;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let pool = SqlitePool::connect("sqlite::memory:").await?;
/// let migrations = Migrations::new().prefix("shop_");
/// assert_eq!(migrations.up(&pool).await?, ["0001_store", "0002_log"]);
/// assert!(migrations.up(&pool).await?.is_empty(), "nothing is left to do");
/// migrations.check(&pool).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Migrations {
    pub(crate) names: Names,
    pub(crate) logged: bool,
    pub(crate) list: &'static [Migration],
}

impl Default for Migrations {
    fn default() -> Self {
        Self::new()
    }
}

impl Migrations {
    /// The default settings.
    pub fn new() -> Self {
        let names = Names { schema: None, prefix: "dogpile_".into() };
        Self { names, logged: false, list: ALL }
    }

    /// The schema of the tables: on MySQL a database, on SQLite the name of an attached file. `up`
    /// creates it on PostgreSQL and MySQL; `down` leaves it.
    ///
    /// 1 to 32 ASCII letters, digits and `_`.
    ///
    /// Default: none, and the connection decides (`search_path`, the database of the URL, the main
    /// file).
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.names.schema = Some(schema.into());
        self
    }

    /// What the names of all tables and indexes begin with, so that several stores have room in one
    /// schema.
    ///
    /// 1 to 32 ASCII letters, digits and `_`.
    ///
    /// Default: `dogpile_`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.names.prefix = prefix.into();
        self
    }

    /// Whether PostgreSQL writes the tables to its log. Unlogged tables are several times faster to
    /// write; after a crash, a restore and on a new primary they are empty, which is a cold cache.
    /// Must be the setting of the store. The other databases know no unlogged tables.
    ///
    /// Default: `false`.
    #[must_use]
    pub const fn logged(mut self, logged: bool) -> Self {
        self.logged = logged;
        self
    }

    /// The SQL that `up` runs on an empty database, to be run by hand or by a tool for migrations.
    /// It does nothing where it was run before.
    ///
    /// ```
    /// use dogpile_migrations::{Dialect, Migrations};
    ///
    /// let sql = Migrations::new().schema("cache").print(Dialect::Postgres)?;
    /// assert!(sql.contains("create unlogged table if not exists \"cache\".\"dogpile_entry\""));
    /// # Ok::<(), dogpile_migrations::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Setting`](crate::Error::Setting).
    pub fn print(&self, dialect: Dialect) -> Result<String> {
        let plan = self.plan(dialect)?;
        let head = plan.create_schema() + &plan.create_ledger();
        let steps =
            plan.migrations().iter().map(|migration| section(migration, &plan.up(migration)));
        Ok(head + &steps.collect::<String>())
    }

    /// The SQL that `down` runs: it drops the tables, and leaves the schema.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`](crate::Error::Setting).
    pub fn print_down(&self, dialect: Dialect) -> Result<String> {
        let plan = self.plan(dialect)?;
        let steps = plan.migrations().iter().rev();
        let steps = steps.map(|migration| section(migration, &plan.down(migration)));
        Ok(steps.collect::<String>() + "\n" + &plan.drop_ledger())
    }

    /// The settings for one database, once they were found to be usable.
    pub(crate) fn plan(&self, dialect: Dialect) -> Result<Plan<'_>> {
        self.names.validate()?;
        Ok(Plan { dialect, settings: self })
    }

    /// A command of the program `dogpile-migrate` with these settings.
    pub(crate) fn command(&self, verb: &str) -> String {
        let mut command = format!("dogpile-migrate {verb} URL");
        if let Some(schema) = &self.names.schema {
            command = command + " --schema " + schema;
        }
        if self.names.prefix != Self::new().names.prefix {
            command = command + " --prefix " + &self.names.prefix;
        }
        command + if self.logged { " --logged" } else { "" }
    }
}

fn section(migration: &Migration, text: &str) -> String {
    format!("\n-- {}\n\n{text}", migration.title())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_placeholder_is_left() {
        for dialect in Dialect::ALL {
            let migrations = Migrations::new();
            for text in
                [migrations.print(dialect).unwrap(), migrations.print_down(dialect).unwrap()]
            {
                assert!(!text.contains(['{', '}']), "{text}");
            }
        }
    }

    #[test]
    fn only_tables_of_data_are_unlogged_and_only_in_postgres() {
        for dialect in Dialect::ALL {
            let text = Migrations::new().print(dialect).unwrap();
            let unlogged = text.matches("create unlogged table").count();
            assert_eq!(unlogged, if dialect == Dialect::Postgres { 4 } else { 0 }, "{dialect}");
            assert!(!Migrations::new().logged(true).print(dialect).unwrap().contains("unlogged "));
        }
    }

    #[test]
    fn wrong_names_print_nothing() {
        for dialect in Dialect::ALL {
            assert!(Migrations::new().prefix("a\"; drop table t; --").print(dialect).is_err());
            assert!(Migrations::new().schema("").print_down(dialect).is_err());
        }
    }

    #[test]
    fn a_command_repeats_the_settings_that_are_not_default() {
        assert_eq!(Migrations::new().command("up"), "dogpile-migrate up URL");
        let all = Migrations::new().schema("s").prefix("p_").logged(true);
        assert_eq!(all.command("down"), "dogpile-migrate down URL --schema s --prefix p_ --logged");
    }
}
