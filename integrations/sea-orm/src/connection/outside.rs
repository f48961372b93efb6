//! The way to the connection itself, for code that takes no other: migrations, the sync of a schema.

use dogpile::{Tag, WriteGuard};
use sea_orm::DatabaseConnection;

use super::CachedConnection;
use super::net::Net;
use crate::driver::{Pool, on};

impl CachedConnection {
    /// Runs `work` on the connection inside, for code that takes nothing but a `DatabaseConnection`,
    /// and invalidates all that was read from the database.
    ///
    /// It does so whatever becomes of the work: it succeeds, fails, panics or is dropped. What must not
    /// be lost is what other processes keep, so this is the way for migrations and the like; a single
    /// statement is better sent through the cached connection, which knows what it writes.
    ///
    /// ```
    /// # #[cfg(feature = "sqlx-sqlite")]
    /// # async fn example(db: dogpile_sea_orm::CachedConnection) -> Result<(), sea_orm::DbErr> {
    /// use sea_orm::ConnectionTrait;
    ///
    /// db.outside(async |inner| inner.execute_unprepared("ALTER TABLE cake ADD COLUMN size INTEGER").await)
    ///     .await?;
    /// # Ok(()) }
    /// ```
    ///
    /// A setting that the work leaves on a connection of the pool (`SET search_path`) is not seen.
    ///
    /// # Cancel safety
    ///
    /// Dropped in the middle, everything is invalidated at once, and again some seconds later: the
    /// server may go on with what it was sent.
    pub async fn outside<F, T>(&self, work: F) -> T
    where
        F: for<'c> AsyncFnOnce(&'c DatabaseConnection) -> T + Send,
        T: Send,
    {
        let mut away = Away::new(&self.pool, &self.net);
        away.fence().await;
        // The net would tell of writes that are meant to be there.
        let connection = self.net.beside(self.inner.clone());
        let done = work(&connection).await;
        away.back().await;
        done
    }
}

/// Owes the invalidation of everything while somebody works outside.
struct Away<'d> {
    pool: &'d Pool,
    net: &'d Net,
    /// Until the work is done.
    guard: Option<WriteGuard>,
}

impl<'d> Away<'d> {
    fn new(pool: &'d Pool, net: &'d Net) -> Self {
        let guard: WriteGuard = on!(Pool, pool, pool => {
            pool.schema_work_begins();
            pool.guard_of_everything()
        });
        Self { pool, net, guard: Some(guard) }
    }

    async fn fence(&mut self) {
        if let Some(guard) = &mut self.guard {
            guard.fence().await;
        }
    }

    /// The work is done, well or not.
    async fn back(mut self) {
        on!(Pool, self.pool, pool => pool.schema_work_ends());
        // Dropped from here on, the guard that is being bumped invalidates by itself.
        if let Some(guard) = self.guard.take() {
            // A backend that cannot be reached keeps the debt itself; the work is done.
            let _ = guard.bump().await;
        }
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        if let Some(guard) = self.guard.take() {
            on!(Pool, self.pool, pool => {
                pool.schema_work_ends();
                // Nobody waits for what was begun.
                pool.distrust_schema();
            });
            drop(guard);
            self.net.owe(Tag::all_tables().into());
        }
    }
}
