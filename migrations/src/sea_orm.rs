//! The migrations as `sea-orm-migration` wants them.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::script::{Migration, POSTGRES_LOCK};
use crate::{Dialect, Migrations};

/// One migration of dogpile's tables for `sea-orm-migration`.
///
/// It writes dogpile's own list of migrations too, so that [`Migrations::check`] and the program know
/// of it.
#[derive(Debug)]
pub struct SeaOrmMigration {
    settings: Migrations,
    migration: &'static Migration,
    name: String,
}

impl Migrations {
    /// These migrations for `sea-orm-migration`, to be put among the application's own.
    ///
    /// They are named after their files and this prefix, such as `dogpile_0001_store`, and a later
    /// release adds further ones at the end. Settings are looked at when a migration is applied.
    ///
    /// ```
    /// use dogpile_migrations::Migrations;
    /// use sea_orm_migration::{MigrationTrait, MigratorTrait};
    ///
    /// struct Migrator;
    ///
    /// impl MigratorTrait for Migrator {
    ///     fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    ///         let mut all: Vec<Box<dyn MigrationTrait>> = Vec::new(); // the application's own
    ///         for migration in Migrations::new().sea_orm() {
    ///             all.push(Box::new(migration));
    ///         }
    ///         all
    ///     }
    /// }
    /// # assert_eq!(Migrator::migrations()[0].name(), "dogpile_0001_store");
    /// ```
    pub fn sea_orm(&self) -> Vec<SeaOrmMigration> {
        let all = self.list.iter().map(|migration| SeaOrmMigration {
            settings: self.clone(),
            migration,
            name: self.names.bare(&migration.title()),
        });
        all.collect()
    }
}

impl MigrationName for SeaOrmMigration {
    fn name(&self) -> &str {
        &self.name
    }
}

#[async_trait]
impl MigrationTrait for SeaOrmMigration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let plan = self.settings.plan(dialect(manager)?).map_err(refused)?;
        let schema = plan.create_schema();
        let text = schema + &plan.create_ledger() + &plan.up(self.migration);
        run(manager, plan.dialect, text).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let plan = self.settings.plan(dialect(manager)?).map_err(refused)?;
        let forget = plan.create_ledger() + &plan.forget(self.migration);
        let first = self.migration.version == 1;
        let ledger = if first { plan.drop_ledger() } else { String::new() };
        let text = forget + &plan.down(self.migration) + &ledger;
        run(manager, plan.dialect, text).await
    }
}

fn dialect(manager: &SchemaManager<'_>) -> Result<Dialect, DbErr> {
    match manager.get_database_backend() {
        DbBackend::Postgres => Ok(Dialect::Postgres),
        DbBackend::MySql => Ok(Dialect::MySql),
        DbBackend::Sqlite => Ok(Dialect::Sqlite),
        other => Err(DbErr::Migration(format!("dogpile has no tables for {other:?}"))),
    }
}

async fn run(manager: &SchemaManager<'_>, dialect: Dialect, text: String) -> Result<(), DbErr> {
    // One message is one transaction there, whether `sea-orm-migration` opened one or not. The others
    // need no lock for statements that each do nothing the second time.
    let lock = if dialect == Dialect::Postgres { POSTGRES_LOCK } else { "" };
    manager.get_connection().execute_unprepared(&format!("{lock}{text}")).await.map(drop)
}

fn refused(error: crate::Error) -> DbErr {
    DbErr::Migration(error.to_string())
}
