//! A connection of sea-orm whose reads are cached.

mod execute;
mod explain;
mod invalidate;
mod net;
mod options;
mod outside;
mod own;
mod reads;
mod relay;
mod verify;
mod views;

use dogpile::Region;
use dogpile_sqlx::CachedPool;
use sea_orm::{DatabaseConnection, DbErr};

use crate::driver::{Pool, on};
use net::Net;
pub(crate) use reads::Reads;

/// A connection whose reads are answered from a region of the cache, and whose writes invalidate.
///
/// It takes the place of sea-orm's `DatabaseConnection` in everything that takes
/// `&impl ConnectionTrait`. Cheap to clone; all clones are the same connection.
///
/// It does not deref to the connection inside: what is written past it is not seen by the cache.
#[derive(Debug, Clone)]
pub struct CachedConnection {
    inner: DatabaseConnection,
    pub(crate) pool: Pool,
    pub(crate) reads: Reads,
    net: Net,
}

impl CachedConnection {
    /// Wraps `connection`; results are kept in `region`.
    ///
    /// The connection's metric callback becomes the cache's: give yours to
    /// [`with_metric_callback`](Self::with_metric_callback).
    ///
    /// # Errors
    ///
    /// [`DbErr::Conn`] if the connection is not one of sqlx's, or its driver's feature is not enabled.
    pub fn new(mut connection: DatabaseConnection, region: Region) -> Result<Self, DbErr> {
        let pool = Pool::of(&connection, region)?;
        let net = Net::under(&mut connection, pool.clone());
        Ok(Self { inner: connection, pool, reads: Reads::ruled(), net })
    }

    /// The region that results are kept in.
    pub fn region(&self) -> &Region {
        on!(Pool, &self.pool, pool => pool.region())
    }

    /// The connection inside, to read from.
    ///
    /// **Do not write through it.** What is written past the cache stays unseen, or is seen late: of
    /// what the net below catches see [`with_metric_callback`](Self::with_metric_callback). Code that
    /// needs the connection itself, such as migrations, belongs in [`outside`](Self::outside).
    pub const fn inner(&self) -> &DatabaseConnection {
        &self.inner
    }

    /// Closes the connection after the region.
    ///
    /// # Errors
    ///
    /// None at present; sea-orm's own `close` is fallible.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub async fn close_by_ref(&self) -> Result<(), DbErr> {
        on!(Pool, &self.pool, pool => CachedPool::close(pool).await);
        Ok(())
    }
}
