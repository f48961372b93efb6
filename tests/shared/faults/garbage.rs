//! What a stranger, or a broken server, leaves under our names.

use dogpile::observe::ReasonKind;
use dogpile::{Reason, Region};

use crate::support::{self, Source, Storage, TAG, balanced, no_hang, on_each_storage, run};

on_each_storage! {
    s027_corrupt_truncated_or_garbage_bytes_are_misses_and_are_replaced
    an_entry_under_another_name_is_a_miss
    a_register_of_garbage_is_absent
}

struct Stored<S> {
    server: S,
    region: Region,
    source: Source,
    name: String,
    whole: Vec<u8>,
}

impl<S: Storage> Stored<S> {
    async fn new() -> Self {
        let server = S::start().await;
        let region = support::region(server.backend()).build().unwrap();
        let source = Source::default();
        source.ask(&region, "plum").await;
        let [name] = server.entries().try_into().unwrap();
        let whole = server.bytes(&name).unwrap();
        assert!(source.hits(&region, "plum").await);
        Self { server, region, source, name, whole }
    }

    async fn is_hit(&self) -> bool {
        let value = no_hang(self.region.entry("plum").tag(TAG).get::<String>()).await;
        assert!(value.is_none_or(|value| value.starts_with("the one and only value of plum,")));
        balanced(&self.region).hits > 1
    }

    /// Asserts that these bytes are a miss.
    async fn assert_miss(&self, bytes: &[u8], what: &str) {
        self.server.overwrite(&self.name, bytes);
        let value = no_hang(self.region.entry("plum").tag(TAG).get::<String>()).await;
        assert_eq!(value.as_deref(), None, "{what}");
    }
}

fn s027_corrupt_truncated_or_garbage_bytes_are_misses_and_are_replaced<S: Storage>(_: &str) {
    run(async {
        let stored = Stored::<S>::new().await;
        let whole = &stored.whole;
        for length in 0..whole.len() {
            stored.assert_miss(&whole[..length], &format!("the first {length} bytes")).await;
        }
        for place in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[place] ^= 1 << bit;
                stored.assert_miss(&bytes, &format!("bit {bit} of byte {place}")).await;
            }
        }
        let twice = [&whole[..], &whole[..]].concat();
        for garbage in [&twice[..], &[0; 1_000], &[0xff; 100_000], b"garbage", b"\x93\xa1"] {
            stored.assert_miss(garbage, "garbage").await;
        }
        let stats = balanced(&stored.region);
        assert_eq!(stats.hits, 1, "{stats:#}");
        let damaged = u64::try_from(whole.len() * 9).unwrap();
        assert!(stats.rejected >= damaged, "{damaged} were damaged: {stats:#}");
        assert!(stats.count_of(ReasonKind::Rejected, Reason::MALFORMED) > 0);
        stored.server.deface(&stored.name, async || assert!(!stored.is_hit().await)).await;
        // Whoever creates puts an entry in the place of garbage.
        assert!(!stored.source.hits(&stored.region, "plum").await);
        let is_replaced = stored.source.hits(&stored.region, "plum").await;
        assert!(is_replaced, "{:#}", stored.region.stats());
        // And the whole, put back by hand, is an entry again: nothing above was a miss by mistake.
        stored.server.overwrite(&stored.name, whole);
        assert!(stored.source.hits(&stored.region, "plum").await);
    });
}

fn an_entry_under_another_name_is_a_miss<S: Storage>(_: &str) {
    run(async {
        let stored = Stored::<S>::new().await;
        stored.source.ask(&stored.region, "cherry").await;
        let entries = stored.server.entries();
        let [other] = entries.iter().filter(|name| **name != stored.name).collect::<Vec<_>>()[..]
        else {
            panic!("two entries have these names: {entries:?}");
        };
        stored.server.overwrite(other, &stored.whole);
        assert!(!stored.source.hits(&stored.region, "cherry").await);
        let stats = balanced(&stored.region);
        assert_eq!(stats.count_of(ReasonKind::Miss, Reason::COLLISION), 1, "{stats:#}");
        assert!(stored.source.hits(&stored.region, "cherry").await);
    });
}

fn a_register_of_garbage_is_absent<S: Storage>(_: &str) {
    run(async {
        let stored = Stored::<S>::new().await;
        let registers = stored.server.registers();
        assert!(registers.len() >= 3, "{registers:?}");
        for register in &registers {
            for garbage in [&b""[..], b"garbage", &[7; 17], &[0; 5_000]] {
                stored.server.overwrite(register, garbage);
                assert!(!stored.source.hits(&stored.region, "plum").await, "{register}");
                assert!(stored.source.hits(&stored.region, "plum").await, "{register} is lost");
            }
        }
        balanced(&stored.region);
    });
}
