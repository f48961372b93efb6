//! The conformance suite over real servers.

use crate::support::Memcached;
use dogpile::Backend;
use dogpile::testing::{Subject, conformance};
use dogpile_memcached::MemcachedBackend;

/// A handle that has met its servers: one that has not can have missed nothing.
async fn handle(servers: &[Memcached]) -> MemcachedBackend {
    let backend =
        MemcachedBackend::builder(servers.iter().map(Memcached::address)).build().unwrap();
    let names: Vec<_> = (0..64).map(|n| format!("met:{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    backend.read(&[], &names).await.unwrap();
    backend
}

/// Two handles of `servers` servers of their own.
async fn subject(servers: usize) -> Subject {
    let servers: Vec<_> = (0..servers).map(|_| Memcached::start()).collect();
    let subject = Subject::new(handle(&servers).await).other(handle(&servers).await);
    let (flushed, restarted) = (servers.clone(), servers);
    subject
        .lose_registers(move || {
            flushed.iter().for_each(Memcached::flush_all);
            std::future::ready(())
        })
        .restart(move || {
            restarted.iter().for_each(Memcached::restart);
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
