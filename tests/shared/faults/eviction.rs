//! A server that throws registers out.

use std::collections::HashMap;

use dogpile::Reason;

use crate::support::{
    self, Evicts, Source, Storage, TAG, balanced, misses, no_hang, on_each_storage,
    on_each_that_evicts, run, until,
};

on_each_storage! {
    s028_s029_evicted_tag_registers_are_misses_and_old_entries_never_come_back
}

mod where_things_are_thrown_out {
    use super::*;

    on_each_that_evicts! {
    s198_s199_a_register_thrown_out_for_want_of_room_is_a_miss_and_revives_nothing
    s198_s199_under_memory_pressure_nothing_old_is_served
    }

    use super::{
        s198_s199_a_register_thrown_out_for_want_of_room_is_a_miss_and_revives_nothing,
        s198_s199_under_memory_pressure_nothing_old_is_served,
    };
}

fn s028_s029_evicted_tag_registers_are_misses_and_old_entries_never_come_back<S: Storage>(_: &str) {
    run(async {
        let server = S::start().await;
        let region = support::region(server.backend()).build().unwrap();
        let source = Source::default();
        source.ask(&region, "plum").await;
        let [entry] = server.entries().try_into().unwrap();
        for register in server.registers() {
            let old = server.bytes(&entry).unwrap();
            assert!(source.hits(&region, "plum").await);
            server.remove(&register);
            assert!(!source.hits(&region, "plum").await, "a hit without {register}");
            assert!(source.hits(&region, "plum").await);
            // The entry of before, found again under the version that was created since.
            server.overwrite(&entry, &old);
            assert!(!source.hits(&region, "plum").await, "{register} had its old version again");
            assert!(source.hits(&region, "plum").await);
        }
        server.registers().iter().for_each(|register| server.remove(register));
        assert!(!source.hits(&region, "plum").await);
        assert!(source.hits(&region, "plum").await);
        assert!(misses(&region, Reason::INVALIDATED) >= 6, "{:#}", region.stats());
    });
}

/// The server has to throw out the registers of one entry, because of those of many others.
fn s198_s199_a_register_thrown_out_for_want_of_room_is_a_miss_and_revives_nothing<S: Evicts>(
    _: &str,
) {
    run(async {
        let server = S::start_tiny().await;
        let region = support::region(server.backend()).build().unwrap();
        let source = Source::default();
        source.ask(&region, "plum").await;
        assert!(source.hits(&region, "plum").await);
        let [entry] = server.entries().try_into().unwrap();
        let (old, registers) = (server.bytes(&entry).unwrap(), server.registers());
        let mut flood = 0_u32;
        until("its registers are thrown out", async || {
            // As long as a short one of its tags, and as a long one: memcached has room of its own
            // for each size, and the two are not of one.
            for tags in [|n| format!("{n:05}"), |n| format!("{n:013}")] {
                let others = (flood..flood + 1_000).map(tags);
                no_hang(region.invalidate(others)).await.unwrap();
            }
            flood += 1_000;
            // Not by reading them, which would make them worth keeping.
            let there = server.registers();
            registers.iter().all(|register| !there.contains(register))
        })
        .await;
        assert!(server.evicted() > 0);
        // There or not: for the size of an entry memcached has room of its own as well.
        server.overwrite(&entry, &old);
        assert!(!source.hits(&region, "plum").await, "a hit without registers");
        // And under the versions that it has now.
        server.overwrite(&entry, &old);
        assert!(!source.hits(&region, "plum").await, "it was revived");
        assert!(misses(&region, Reason::INVALIDATED) >= 2, "{:#}", region.stats());
    });
}

/// What creations return, and what is invalidated: the present version of every row.
fn s198_s199_under_memory_pressure_nothing_old_is_served<S: Evicts>(_: &str) {
    const KEYS: u64 = 300;
    run(async {
        let server = S::start_tiny().await;
        let region = support::region(server.backend()).build().unwrap();
        let mut rows: HashMap<u64, u64> = HashMap::new();
        let mut round = 0;
        while server.evicted() < 500 || round < 1_500 {
            round += 1;
            let key = rand::random::<u64>() % KEYS;
            let tag = format!("row:{key}");
            if round % 5 == 0 {
                *rows.entry(key).or_default() += 1;
                no_hang(region.invalidate([tag])).await.unwrap();
                continue;
            }
            let row = rows.get(&key).copied().unwrap_or_default();
            let create = async || Ok::<_, dogpile::Error>((row, "x".repeat(8_000)));
            let read = region.entry(("row", key)).tag(tag).get_or_create(create);
            assert_eq!(no_hang(read).await.unwrap().0, row, "an old row was served");
        }
        let stats = balanced(&region);
        assert!(stats.hits > 50, "{stats:#}");
        assert_eq!(stats.backend_failed, 0, "{stats:#}");
        // With room again, hits come back.
        server.flush();
        let source = Source::default();
        source.ask(&region, "plum").await;
        assert!(source.hits(&region, "plum").await);
        no_hang(region.invalidate([TAG])).await.unwrap();
        assert!(!source.hits(&region, "plum").await);
    });
}
