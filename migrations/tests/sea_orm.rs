//! The migrations among those of an application that uses `sea-orm-migration`.

use dogpile_migrations::Migrations;
use dogpile_tests::services::{MariaDb, Postgres};
use sea_orm_migration::sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let ours = Migrations::new().prefix("p_").sea_orm();
        ours.into_iter().map(|migration| Box::new(migration) as Box<dyn MigrationTrait>).collect()
    }
}

/// Applies all by sea-orm, and says whether this crate finds them.
macro_rules! goes_both_ways {
    ($url:expr, $pool:ty) => {
        let (url, migrations) = ($url, Migrations::new().prefix("p_"));
        let database: DatabaseConnection = Database::connect(&url).await.unwrap();
        let pool = <$pool>::connect(&url).await.unwrap();
        for _ in 0..2 {
            Migrator::up(&database, None).await.unwrap();
            migrations.check(&pool).await.unwrap();
            assert!(migrations.up(&pool).await.unwrap().is_empty());
            let rows =
                "insert into p_lease (name, owner, ends) values ('n', '0123456789abcdef', 1)";
            if !url.starts_with("sqlite") {
                database.execute_unprepared(rows).await.unwrap();
            }
            Migrator::down(&database, None).await.unwrap();
            assert!(migrations.check(&pool).await.is_err());
            assert!(database.execute_unprepared("select 1 from p_migration").await.is_err());
        }
        // Those that are there already do no harm.
        migrations.up(&pool).await.unwrap();
        Migrator::up(&database, None).await.unwrap();
        migrations.check(&pool).await.unwrap();
    };
}

#[tokio::test]
async fn sea_orm_and_sqlx_agree_on_postgres() {
    let server = Postgres::start().await.unwrap();
    goes_both_ways!(server.create_database().await.unwrap(), sqlx::PgPool);
}

#[tokio::test]
async fn sea_orm_and_sqlx_agree_on_mariadb() {
    let server = MariaDb::start().await.unwrap();
    goes_both_ways!(server.create_database().await.unwrap(), sqlx::MySqlPool);
}

#[tokio::test]
async fn sea_orm_and_sqlx_agree_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cache.db");
    goes_both_ways!(format!("sqlite:{}?mode=rwc", file.display()), sqlx::SqlitePool);
}

#[tokio::test]
async fn wrong_names_are_refused() {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let manager = sea_orm_migration::SchemaManager::new(&database);
    let migration = Migrations::new().prefix("a\"b").sea_orm().remove(0);
    let error = migration.up(&manager).await.unwrap_err().to_string();
    assert!(error.contains("the prefix cannot be used"), "{error}");
}
