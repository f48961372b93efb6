//! The conformance suite over real servers.

use std::sync::Arc;

use dogpile::Backend;
use dogpile::testing::{Subject, conformance};
use dogpile_memcached::MemcachedBackend;
use dogpile_tests::services::Memcached;

/// A handle that has met its servers: one that has not can have missed nothing.
async fn handle(servers: &[Memcached]) -> MemcachedBackend {
    let addresses = servers.iter().map(|server| server.address().to_string());
    let backend = MemcachedBackend::builder(addresses).build().unwrap();
    let names: Vec<_> = (0..64).map(|n| format!("met:{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    backend.read(&[], &names).await.unwrap();
    backend
}

/// Two handles of `servers` servers of their own.
async fn subject(servers: usize) -> Subject {
    let mut started = Vec::new();
    for _ in 0..servers {
        started.push(Memcached::start().await.unwrap());
    }
    let servers: Arc<[_]> = started.into();
    let subject = Subject::new(handle(&servers).await).other(handle(&servers).await);
    let (flushed, restarted) = (Arc::clone(&servers), servers);
    subject
        .lose_registers(move || {
            flushed.iter().for_each(|server| server.flush_all().unwrap());
            std::future::ready(())
        })
        .restart(move || {
            restarted.iter().for_each(|server| server.restart().unwrap());
            std::future::ready(())
        })
}

conformance!(
    one_server,
    async || subject(1).await,
    not_applicable = [a_register_lives_for_its_life, names_may_hold_any_character, nothing_is_kept]
);

conformance!(
    three_servers,
    async || subject(3).await,
    not_applicable = [a_register_lives_for_its_life, names_may_hold_any_character, nothing_is_kept]
);
