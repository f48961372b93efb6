//! The conformance suite against real servers.

use crate::support::{Cluster, Server, Watched};
use dogpile::testing::{Subject, conformance};
use dogpile_redis::RedisBackend;

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

async fn cluster(prefix: &str) -> Subject {
    let cluster = Cluster::start();
    let (lose, restart) = (cluster.clone(), cluster.clone());
    let url = format!("{}?prefix={prefix}", cluster.url());
    Subject::new(RedisBackend::connect(&url).await.unwrap())
        .other(RedisBackend::connect(&url).await.unwrap())
        .lose_registers(move || {
            lose.flush();
            std::future::ready(())
        })
        .restart(move || {
            restart.restart();
            std::future::ready(())
        })
}

conformance!(
    on_a_cluster,
    async || cluster("dogpile").await,
    not_applicable = [
        a_register_lives_for_its_life,
        nothing_is_kept,
        the_largest_entry_fits_and_no_larger_one_is_cut,
    ]
);

conformance!(
    on_one_slot_of_a_cluster,
    async || cluster("%7Bone%7D").await,
    not_applicable = [
        a_register_lives_for_its_life,
        nothing_is_kept,
        the_largest_entry_fits_and_no_larger_one_is_cut,
    ]
);

async fn sentinel() -> Subject {
    let watched = Watched::start();
    let (lose, restart) = (watched.clone(), watched.clone());
    let url = watched.url();
    Subject::new(RedisBackend::connect(&url).await.unwrap())
        .other(RedisBackend::connect(&url).await.unwrap())
        .lose_registers(move || {
            lose.primary.cli(&["FLUSHALL"]);
            std::future::ready(())
        })
        .restart(move || {
            restart.fail_over();
            std::future::ready(())
        })
}

conformance!(
    behind_a_sentinel,
    async || sentinel().await,
    not_applicable = [
        a_register_lives_for_its_life,
        nothing_is_kept,
        the_largest_entry_fits_and_no_larger_one_is_cut,
    ]
);
