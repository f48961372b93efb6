//! Writers outside, and what is noted in the log that tells of them.

use dogpile_migrations::{Error, Migrations};
use dogpile_sqlx::Relay;

use super::CachedConnection;
use crate::driver::{on, with};

impl CachedConnection {
    /// Starts a relay on this connection: it invalidates what other programs write to watched tables, and
    /// what writers of [`Freshness::Durable`](dogpile::Freshness::Durable) have noted. See [`Relay`]; one with
    /// settings of its own is made with [`Relay::builder`] from sea-orm's pool.
    ///
    /// ```
    /// # #[cfg(feature = "sqlx-sqlite")]
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use dogpile::{Region, minutes};
    /// use dogpile_migrations::Migrations;
    /// use dogpile_sea_orm::CachedConnection;
    /// use sea_orm::{ConnectOptions, ConnectionTrait, Database};
    ///
    /// let mut options = ConnectOptions::new("sqlite::memory:");
    /// let connection = Database::connect(options.max_connections(1).to_owned()).await?;
    /// let region = Region::builder("shop").ttl(minutes(5)).build()?;
    /// let db = CachedConnection::new(connection, region)?;
    /// # db.execute_unprepared("CREATE TABLE cake (id INTEGER PRIMARY KEY)").await?;
    ///
    /// let migrations = Migrations::new();
    /// let pool = db.inner().get_sqlite_connection_pool();
    /// migrations.up(pool).await?;
    /// migrations.watch(pool, "cake").await?;
    /// let relay = db.start_relay(&migrations).await?;
    /// # relay.stop().await;
    /// # Ok(()) }
    /// # #[cfg(not(feature = "sqlx-sqlite"))] fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`RelayBuilder::start`](dogpile_sqlx::RelayBuilder::start): what is missing of the tables,
    /// and the command that brings it.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Nothing runs if it is dropped.
    pub async fn start_relay(&self, migrations: &Migrations) -> Result<Relay, Error> {
        on!(Pool, &self.pool, pool => Relay::of(pool).migrations(migrations.clone()).start().await)
    }

    /// The same connection, whose writes of [`Freshness::Durable`](dogpile::Freshness::Durable) are noted in
    /// the log of `migrations`.
    ///
    /// Default: that of [`Migrations::new`].
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for names that cannot be used.
    pub fn with_migrations(&self, migrations: &Migrations) -> Result<Self, Error> {
        Ok(Self {
            pool: with!(&self.pool, pool => pool.with_migrations(migrations)?),
            ..self.clone()
        })
    }
}
