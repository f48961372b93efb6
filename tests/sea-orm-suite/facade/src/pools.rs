//! The pools inside, which some tests close.

use sqlx::{MySqlPool, PgPool, SqlitePool};

use crate::DatabaseConnection;

/// The pool of a connection, by sea-orm's names.
pub trait Pools {
    fn get_mysql_connection_pool(&self) -> &MySqlPool;
    fn get_postgres_connection_pool(&self) -> &PgPool;
    fn get_sqlite_connection_pool(&self) -> &SqlitePool;
}

impl Pools for DatabaseConnection {
    fn get_mysql_connection_pool(&self) -> &MySqlPool {
        self.inner().get_mysql_connection_pool()
    }

    fn get_postgres_connection_pool(&self) -> &PgPool {
        self.inner().get_postgres_connection_pool()
    }

    fn get_sqlite_connection_pool(&self) -> &SqlitePool {
        self.inner().get_sqlite_connection_pool()
    }
}
