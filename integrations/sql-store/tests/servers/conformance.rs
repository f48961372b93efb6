//! The conformance suite against real databases.

use std::sync::Arc;

use dogpile::testing::{Subject, conformance};
use dogpile_sql_store::SqlStore;

use crate::support::{Database, File, MariaDbDatabase, PostgresDatabase, patient};

async fn subject<D: Database>() -> Subject {
    let database = Arc::new(D::start().await);
    let (store, other) = (database.store().await, database.store().await);
    subject_of(database, store, other)
}

/// The same, and everybody is told of everything.
async fn pushing() -> Subject {
    let database = Arc::new(PostgresDatabase::start().await);
    let store = async || patient(&database.url()).push(true).connect().await.unwrap();
    let (store, other) = (store().await, store().await);
    subject_of(database, store, other)
}

fn subject_of<D: Database>(database: Arc<D>, store: SqlStore, other: SqlStore) -> Subject {
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
