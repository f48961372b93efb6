//! The conformance suite against real databases.

use std::sync::Arc;

use dogpile::testing::{Subject, conformance};

use crate::support::{File, Server, patient};

async fn sqlite() -> Subject {
    let file = Arc::new(File::new().await);
    let url = file.url();
    Subject::new(patient(&url).connect().await.unwrap())
        .other(patient(&url).connect().await.unwrap())
        .lose_registers(move || {
            let file = Arc::clone(&file);
            async move {
                let pool = file.pool().await;
                sqlx::raw_sql("DELETE FROM dogpile_register").execute(&pool).await.unwrap();
                pool.close().await;
            }
        })
}

conformance!(
    on_sqlite,
    async || sqlite().await,
    not_applicable =
        [a_restart_changes_the_incarnation, a_register_lives_for_its_life, nothing_is_kept]
);

async fn postgres() -> Subject {
    let server = Arc::new(Server::new().await);
    let url = server.url();
    Subject::new(patient(&url).connect().await.unwrap())
        .other(patient(&url).connect().await.unwrap())
        .lose_registers(move || {
            let server = Arc::clone(&server);
            async move {
                let pool = server.pool().await;
                sqlx::raw_sql("TRUNCATE dogpile_register").execute(&pool).await.unwrap();
                pool.close().await;
            }
        })
}

conformance!(
    on_postgres,
    async || postgres().await,
    not_applicable =
        [a_restart_changes_the_incarnation, a_register_lives_for_its_life, nothing_is_kept]
);
