//! The conformance suite against real servers.

mod support;

use dogpile::testing::{Subject, conformance};
use dogpile_redis::RedisBackend;
use support::Server;

async fn single() -> Subject {
    let server = Server::start();
    let (lose, restart) = (server.clone(), server.clone());
    let url = server.url();
    Subject::new(RedisBackend::connect(&url).await.unwrap())
        .other(RedisBackend::connect(&url).await.unwrap())
        .lose_registers(move || {
            lose.cli(&["FLUSHALL"]);
            std::future::ready(())
        })
        .restart(move || {
            restart.restart();
            std::future::ready(())
        })
}

conformance!(
    on_one_server,
    async || single().await,
    not_applicable = [
        a_register_lives_for_its_life,
        nothing_is_kept,
        the_largest_entry_fits_and_no_larger_one_is_cut,
    ]
);
