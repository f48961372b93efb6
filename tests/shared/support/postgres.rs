//! Tables in PostgreSQL, unlogged as they are by default.

use std::net::SocketAddr;
use std::thread::sleep;
use std::time::Duration;

use dogpile::secs;
use dogpile_migrations::Migrations;
use dogpile_tests::services::Postgres;
use sqlx::PgPool;
use sqlx::pool::PoolOptions;

use super::Server;
use super::tables::{PATIENT, Tables, statements, to_hex, wait};

/// No word of what is sent to it: histories send a great deal.
const SILENT: &str = "log_statement=none";

/// The database, of which there is one in each server.
const DATABASE: &str = "postgres";

pub(crate) struct PostgresTables {
    server: Postgres,
    pool: PgPool,
}

impl PostgresTables {
    /// A server that keeps its tables in a crash, and otherwise does not wait for its disk.
    pub(crate) async fn logged() -> Self {
        // A page that a killed server was writing is whole again.
        let server = Postgres::start_with(&[SILENT, "full_page_writes=on"]).await.unwrap();
        Self::of(server, &Migrations::new().logged(true)).await
    }

    /// A pool of the application's in the same database.
    pub(crate) async fn application(&self) -> PgPool {
        PoolOptions::new().max_connections(4).connect(&self.place()).await.unwrap()
    }

    async fn of(server: Postgres, migrations: &Migrations) -> Self {
        let pool = PoolOptions::new().max_connections(1).acquire_timeout(secs(20));
        let pool = pool.connect_lazy(&server.url(DATABASE)).unwrap();
        migrations.up(&pool).await.unwrap();
        // This server does not wait for its disk: what it is about to lose is not to be the tables.
        sqlx::raw_sql("CHECKPOINT").execute(&pool).await.unwrap();
        Self { server, pool }
    }

    /// What opens it where its tables are logged.
    pub(crate) fn logged_url(&self) -> String {
        format!("{}?{PATIENT}&logged=true", self.place())
    }
}

impl Tables for PostgresTables {
    // As statements of a store lock them.
    const FLUSH: &'static [&'static str] =
        &["TRUNCATE dogpile_entry, dogpile_register, dogpile_token, dogpile_lease"];

    async fn create() -> Self {
        Self::of(Postgres::start_with(&[SILENT]).await.unwrap(), &Migrations::new()).await
    }

    fn place(&self) -> String {
        self.server.url(DATABASE)
    }

    statements!();

    fn literal(bytes: &[u8]) -> String {
        format!("'\\x{}'::bytea", to_hex(bytes))
    }

    fn hex(column: &str) -> String {
        format!("encode({column}, 'hex')")
    }

    fn put(name: &str, bytes: &str, ends: i64) -> String {
        format!(
            "INSERT INTO dogpile_entry AS e (name, bytes, ends) VALUES ({name}, {bytes}, {ends}) \
             ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes, ends = excluded.ends"
        )
    }

    fn hold_up(&self, time: Duration) {
        self.pause();
        sleep(time);
        self.resume();
    }
}

impl Server for PostgresTables {
    fn address(&self) -> SocketAddr {
        self.server.address()
    }

    fn url_through(proxy: SocketAddr) -> String {
        format!("postgres://postgres@{proxy}/{DATABASE}?{PATIENT}")
    }

    fn hasty_url_through(proxy: SocketAddr) -> String {
        format!("postgres://postgres@{proxy}/{DATABASE}?acquire_timeout=300ms&locks=rows")
    }

    fn url_with_password(&self, proxy: SocketAddr, password: &str) -> Option<String> {
        wait(self.run(&format!("CREATE ROLE app LOGIN PASSWORD '{password}'")));
        wait(self.run("GRANT ALL ON ALL TABLES IN SCHEMA public TO app"));
        Some(format!("postgres://app:{password}@{proxy}/{DATABASE}?{PATIENT}"))
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
