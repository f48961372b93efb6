//! The conformance suite against real databases.

use std::sync::Arc;

use dogpile::testing::{Subject, conformance};
use dogpile_sql_store::{LockKind, SqlStoreBuilder};

use crate::support::{Database, File, MariaDbDatabase, PostgresDatabase, patient};

/// Two processes, as it were, on one database.
async fn subject<D: Database>() -> Subject {
    of(D::start().await, |builder| builder).await
}

/// The same where leases are rows of a table.
async fn rows<D: Database>() -> Subject {
    of(D::start().await, |builder| builder.locks(LockKind::Rows)).await
}

/// The same, and everybody is told of everything.
async fn pushing() -> Subject {
    of(PostgresDatabase::start().await, |builder| builder.push(true)).await
}

async fn of<D: Database>(database: D, set: fn(SqlStoreBuilder) -> SqlStoreBuilder) -> Subject {
    let store = || set(patient(&database.url())).connect();
    let (store, other) = (store().await.unwrap(), store().await.unwrap());
    let database = Arc::new(database);
    Subject::new(store).other(other).lose_registers(move || {
        let database = Arc::clone(&database);
        async move { database.run("DELETE FROM dogpile_register").await }
    })
}

conformance!(
    on_sqlite,
    async || subject::<File>().await,
    not_applicable =
        [a_restart_changes_the_incarnation, a_register_lives_for_its_life, nothing_is_kept]
);

conformance!(
    on_postgres,
    async || subject::<PostgresDatabase>().await,
    not_applicable =
        [a_restart_changes_the_incarnation, a_register_lives_for_its_life, nothing_is_kept]
);

conformance!(
    on_mariadb,
    async || subject::<MariaDbDatabase>().await,
    not_applicable =
        [a_restart_changes_the_incarnation, a_register_lives_for_its_life, nothing_is_kept]
);

conformance!(
    on_postgres_that_tells,
    pushing,
    not_applicable =
        [a_restart_changes_the_incarnation, a_register_lives_for_its_life, nothing_is_kept]
);

conformance!(
    on_postgres_with_rows,
    async || rows::<PostgresDatabase>().await,
    not_applicable =
        [a_restart_changes_the_incarnation, a_register_lives_for_its_life, nothing_is_kept]
);

conformance!(
    on_mariadb_with_rows,
    async || rows::<MariaDbDatabase>().await,
    not_applicable =
        [a_restart_changes_the_incarnation, a_register_lives_for_its_life, nothing_is_kept]
);
