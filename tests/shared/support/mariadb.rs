//! Tables in MariaDB, on a server that loses nothing that it has acknowledged: it has to be one.

use std::net::SocketAddr;
use std::thread::sleep;
use std::time::Duration;

use dogpile::secs;
use dogpile_migrations::Migrations;
use dogpile_tests::services::MariaDb;
use sqlx::MySqlPool;
use sqlx::pool::PoolOptions;

use super::Server;
use super::tables::{PATIENT, Tables, statements, to_hex, wait};

/// The first database that is created in a server.
const DATABASE: &str = "test_1";

pub(crate) struct MariaDbTables {
    server: MariaDb,
    pool: MySqlPool,
}

impl MariaDbTables {
    /// A pool of the application's in the same database.
    pub(crate) async fn application(&self) -> MySqlPool {
        PoolOptions::new().max_connections(4).connect(&self.place()).await.unwrap()
    }
}

impl Tables for MariaDbTables {
    const FLUSH: &'static [&'static str] = &[
        "TRUNCATE dogpile_register",
        "TRUNCATE dogpile_token",
        "TRUNCATE dogpile_lease",
        "TRUNCATE dogpile_entry",
    ];

    async fn create() -> Self {
        let server = MariaDb::start_durable().await.unwrap();
        assert_eq!(server.create_database().await.unwrap(), server.url(DATABASE));
        let pool = PoolOptions::new().max_connections(1).acquire_timeout(secs(20));
        let pool = pool.connect_lazy(&server.url(DATABASE)).unwrap();
        Migrations::new().up(&pool).await.unwrap();
        Self { server, pool }
    }

    fn place(&self) -> String {
        self.server.url(DATABASE)
    }

    statements!();

    fn literal(bytes: &[u8]) -> String {
        format!("x'{}'", to_hex(bytes))
    }

    fn hex(column: &str) -> String {
        format!("hex({column})")
    }

    fn put(name: &str, bytes: &str, ends: i64) -> String {
        format!("REPLACE INTO dogpile_entry (name, bytes, ends) VALUES ({name}, {bytes}, {ends})")
    }

    fn hold_up(&self, time: Duration) {
        self.pause();
        sleep(time);
        self.resume();
    }
}

impl Server for MariaDbTables {
    fn address(&self) -> SocketAddr {
        self.server.address()
    }

    fn url_through(proxy: SocketAddr) -> String {
        format!("mariadb://root@{proxy}/{DATABASE}?{PATIENT}")
    }

    fn hasty_url_through(proxy: SocketAddr) -> String {
        format!("mariadb://root@{proxy}/{DATABASE}?acquire_timeout=300ms&locks=rows")
    }

    fn url_with_password(&self, proxy: SocketAddr, password: &str) -> Option<String> {
        wait(self.run(&format!("CREATE USER app@'%' IDENTIFIED BY '{password}'")));
        wait(self.run(&format!("GRANT ALL ON {DATABASE}.* TO app@'%'")));
        Some(format!("mariadb://app:{password}@{proxy}/{DATABASE}?{PATIENT}"))
    }

    fn kill(&self) {
        self.server.kill().unwrap();
    }

    fn pause(&self) {
        self.server.pause().unwrap();
    }

    fn resume(&self) {
        self.server.resume().unwrap();
    }

    fn restart(&self) {
        self.server.restart().unwrap();
    }
}
