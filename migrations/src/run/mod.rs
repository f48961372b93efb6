//! Migrations on pools of connections.

mod database;
mod found;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(test)]
mod tests;
mod watch;

use std::time::Duration;

use sqlx::Pool;
use tokio::time::{Instant, sleep};

pub use self::database::Database;
use self::database::Engine;
use self::found::Found;
use crate::script::{Migration, Plan};
use crate::{Error, Migrations, Result, Status};

/// How long another process may hold the lock.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two tries, on a database that does not let its users wait in a queue.
const PAUSE: Duration = Duration::from_millis(20);

impl Migrations {
    /// Applies what was not applied yet, and says what that was; nothing if all was.
    ///
    /// Processes that start together wait for each other, at most 60 seconds. On PostgreSQL and
    /// SQLite either all is applied or nothing; MySQL has no such transactions, so there a call that
    /// failed leaves a part, and the next call goes on. Where nothing is left to do, the database is
    /// only read, so a user who may not create tables can call this at every start.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`]; [`Error::Logged`] for PostgreSQL's tables that are not as
    /// [`logged`](Self::logged) says; [`Error::Busy`]; [`Error::Database`].
    ///
    /// # Cancel safety
    ///
    /// As of a call that failed.
    pub async fn up<D: Database>(&self, pool: &Pool<D>) -> Result<Vec<String>> {
        let plan = self.plan(D::DIALECT)?;
        patiently::<D, _, _>(|| up(pool, plan)).await
    }

    /// Drops the tables with all that is in them, the list of applied migrations included, and says
    /// which migrations were taken back; no table is watched any more. Leaves the schema. Stores and
    /// relays that use them must have ended.
    ///
    /// Waits as [`up`](Self::up) does.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`]; [`Error::Newer`]; [`Error::Busy`]; [`Error::Database`].
    ///
    /// # Cancel safety
    ///
    /// As of a call that failed: on MySQL some tables may be gone, and the next call goes on.
    pub async fn down<D: Database>(&self, pool: &Pool<D>) -> Result<Vec<String>> {
        let plan = self.plan(D::DIALECT)?;
        patiently::<D, _, _>(|| down(pool, plan)).await
    }

    /// What was applied and what was not. Only reads.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`]; [`Error::Database`].
    pub async fn status<D: Database>(&self, pool: &Pool<D>) -> Result<Status> {
        let plan = self.plan(D::DIALECT)?;
        Ok(look(pool, plan).await?.status(plan))
    }

    /// Whether the tables are as a store with these settings needs them. Only reads.
    ///
    /// # Errors
    ///
    /// [`Error::NotReady`] says in one line what is missing and the command that brings it,
    /// [`Error::Logged`] for PostgreSQL's tables that are not as [`logged`](Self::logged) says;
    /// [`Error::Setting`]; [`Error::Database`].
    pub async fn check<D: Database>(&self, pool: &Pool<D>) -> Result<()> {
        let plan = self.plan(D::DIALECT)?;
        look(pool, plan).await?.check(plan)
    }
}

/// What is there, without a lock.
async fn look<D: Engine>(pool: &Pool<D>, plan: Plan<'_>) -> Result<Found> {
    let mut connection = pool.acquire().await.map_err(Error::database("connect"))?;
    inspect::<D>(&mut connection, plan).await
}

async fn inspect<D: Engine>(connection: &mut D::Connection, plan: Plan<'_>) -> Result<Found> {
    let failed = || Error::database("look for the tables");
    let tables = D::tables(connection, plan).await.map_err(failed())?;
    let mut found = Found { tables, ..Found::default() };
    if found.has_ledger(plan) {
        found.applied = D::pairs(connection, plan.read_ledger()).await.map_err(failed())?;
    }
    Ok(found)
}

async fn up<D: Engine>(pool: &Pool<D>, plan: Plan<'_>) -> Result<Vec<String>> {
    let found = look(pool, plan).await?;
    found.check_logged(plan)?;
    if found.pending(plan).next().is_none() {
        return Ok(Vec::new());
    }
    let mut held = D::lock(pool).await?;
    // Once more: another process may have done it while this one waited.
    let found = inspect::<D>(held.connection(), plan).await?;
    let pending: Vec<_> = found.pending(plan).collect();
    if !pending.is_empty() {
        prepare::<D>(held.connection(), plan).await?;
    }
    for migration in &pending {
        run::<D>(held.connection(), "apply a migration", plan.up(migration)).await?;
    }
    inspect::<D>(held.connection(), plan).await?.check(plan)?;
    held.commit().await?;
    Ok(titles(pending))
}

/// What is there before the first migration.
async fn prepare<D: Engine>(connection: &mut D::Connection, plan: Plan<'_>) -> Result<()> {
    let text = plan.create_schema() + &plan.create_ledger();
    run::<D>(connection, "create the list of migrations", text).await
}

async fn down<D: Engine>(pool: &Pool<D>, plan: Plan<'_>) -> Result<Vec<String>> {
    let mut held = D::lock(pool).await?;
    let found = inspect::<D>(held.connection(), plan).await?;
    found.check_not_newer(plan)?;
    // Those that were not noted as well: a call that failed may have left tables.
    let there: Vec<_> = found.with_traces(plan).rev().collect();
    // First: a trigger whose log is gone would fail every write of the application.
    for table in watch::watched::<D>(held.connection(), plan).await? {
        watch::unwatch::<D>(held.connection(), plan, &table).await?;
    }
    for migration in &there {
        if found.has_ledger(plan) {
            run::<D>(held.connection(), "take a migration back", plan.forget(migration)).await?;
        }
        run::<D>(held.connection(), "take a migration back", plan.down(migration)).await?;
    }
    run::<D>(held.connection(), "drop the list of migrations", plan.drop_ledger()).await?;
    held.commit().await?;
    Ok(titles(there))
}

async fn run<D: Engine>(
    connection: &mut D::Connection,
    operation: &'static str,
    text: String,
) -> Result<()> {
    D::run(connection, text).await.map_err(Error::database(operation))
}

fn titles(migrations: Vec<&Migration>) -> Vec<String> {
    migrations.into_iter().map(Migration::title).collect()
}

/// Tries again for as long as the database is locked.
async fn patiently<D: Engine, T, F: Future<Output = Result<T>>>(
    mut attempt: impl FnMut() -> F,
) -> Result<T> {
    let until = Instant::now() + PATIENCE;
    loop {
        match attempt().await {
            Err(Error::Database { source, .. }) if D::is_busy(&source) => {
                if Instant::now() >= until {
                    return Err(Error::Busy);
                }
                sleep(PAUSE).await;
            }
            done => return done,
        }
    }
}
