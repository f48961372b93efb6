//! What is found in a backend that this build did not write, or that is not whole.

use bytes::Bytes;
use dogpile::backend::{BackendExt, MemoryBackend, Stamp, TagVersion};
use dogpile::observe::ReasonKind;
use dogpile::{Backend, Codec, Error, Reason, Region, minutes};
use serde::{Deserialize, Serialize};

use crate::support::{Runs, made};

/// The name of the entry under the key `k` of the region `test`.
const NAME: &str = "test:k";

async fn load(region: &Region, runs: &Runs) -> u64 {
    let created = region.entry("k").get_or_create(async || {
        runs.add();
        made(7_u64)
    });
    *created.await.unwrap()
}

fn damaged(bytes: &Bytes) -> Vec<(&'static str, Bytes, Reason)> {
    let mut all = vec![("nothing", Bytes::new(), Reason::MALFORMED)];
    for len in 0..bytes.len() {
        all.push(("truncated", bytes.slice(..len), Reason::MALFORMED));
    }
    let changed = |at: usize, by: u8| {
        let mut changed = bytes.to_vec();
        changed[at] ^= by;
        Bytes::from(changed)
    };
    for at in 6..bytes.len() {
        all.push(("corrupt", changed(at, 0x10), Reason::MALFORMED));
    }
    all.push(("longer", Bytes::from([&bytes[..], b"?"].concat()), Reason::MALFORMED));
    all.push(("somebody else's", Bytes::from_static(b"{\"users\":[]}"), Reason::MALFORMED));
    // The format's version is the fifth byte, its flags are the sixth.
    all.push(("an older format", changed(4, 1), Reason::OTHER_FORMAT));
    all.push(("a newer format", changed(4, 3), Reason::OTHER_FORMAT));
    all.push(("a flag of a newer build", changed(5, 1), Reason::OTHER_FORMAT));
    all
}

#[tokio::test]
async fn s027_damaged_and_older_bytes_are_a_miss_and_are_replaced() {
    let backend = MemoryBackend::new();
    let region = Region::builder("test").ttl(minutes(5)).backend(backend.clone()).local(0);
    let (region, runs) = (region.build().unwrap(), Runs::default());
    assert_eq!(load(&region, &runs).await, 7);
    let whole = backend.get(NAME).await.unwrap().unwrap();
    for (what, bytes, reason) in damaged(&whole) {
        backend.put(NAME, bytes, minutes(5)).await.unwrap();
        let before = (region.stats(), runs.count());
        assert!(region.entry("k").get::<u64>().await.is_none(), "{what} was served");
        let stats = region.stats();
        let rejected = stats.count_of(ReasonKind::Rejected, reason);
        let rejected_before = before.0.count_of(ReasonKind::Rejected, reason);
        assert_eq!(rejected - rejected_before, 1, "{what}: {stats:#}");
        assert_eq!(stats.rejected - before.0.rejected, 1, "{what}: {stats:#}");
        assert_eq!(load(&region, &runs).await, 7);
        assert_eq!(runs.count() - before.1, 1, "{what} was not replaced");
        assert_eq!(load(&region, &runs).await, 7);
        assert_eq!(runs.count() - before.1, 1, "{what} was not replaced");
    }
}

/// The entity as it was.
mod before {
    #[derive(Debug, Clone, PartialEq, super::Serialize, super::Deserialize)]
    pub(super) struct Author {
        pub(super) name: String,
    }
}

/// The entity with one more column.
mod after {
    #[derive(Debug, Clone, PartialEq, super::Serialize, super::Deserialize)]
    pub(super) struct Author {
        pub(super) name: String,
        #[serde(default)]
        pub(super) rank: u32,
    }
}

#[tokio::test]
async fn s034_an_entity_with_another_column_is_not_decoded_from_old_entries() {
    let codecs = [
        Codec::MessagePack,
        #[cfg(feature = "bincode")]
        Codec::Bincode,
        #[cfg(feature = "json")]
        Codec::Json,
    ];
    for codec in codecs {
        for local in [0, 1 << 20] {
            let backend = MemoryBackend::new();
            let region = || {
                let region = Region::builder("test").ttl(minutes(5)).codec(codec).local(local);
                region.backend(backend.clone()).build().unwrap()
            };
            let (old, new) = (region(), region());
            let name = String::from("Ada");
            old.entry("k").set(before::Author { name: name.clone() }).await.unwrap();
            // The codec alone would have accepted it: the column has a default.
            assert!(new.entry("k").get::<after::Author>().await.is_none(), "{codec:?}");
            let stats = new.stats();
            assert_eq!(stats.count_of(ReasonKind::Miss, Reason::OTHER_TYPE), 1, "{stats:#}");
            let author = after::Author { name, rank: 3 };
            let create = async || Ok::<_, Error>(author.clone());
            let made = new.entry("k").get_or_create(create).await.unwrap();
            assert_eq!(*made, author);
            assert_eq!(*new.entry("k").get::<after::Author>().await.unwrap(), author);
        }
    }
}

#[tokio::test]
async fn i9_an_entry_that_lies_under_the_name_of_another_key_is_a_miss() {
    let backend = MemoryBackend::new();
    let region = Region::builder("test").ttl(minutes(5)).backend(backend.clone()).local(0);
    let region = region.build().unwrap();
    // No versions tell the two apart but those of the keys: overwrite these as well.
    region.entry("k").set(1_u64).await.unwrap();
    region.entry("other").set(2_u64).await.unwrap();
    let own = ["tag:key:test:k", "soft:key:test:k"];
    let others = ["tag:key:test:other", "soft:key:test:other"];
    let versions = backend.read(&[], &own).await.unwrap().versions;
    let stamp = |(register, version): (&'static str, &Option<TagVersion>)| Stamp {
        register,
        version: version.unwrap(),
    };
    let stamps: Vec<_> = others.into_iter().zip(&versions).map(stamp).collect();
    backend.bump(&stamps, minutes(5)).await.unwrap();
    let bytes = backend.get(NAME).await.unwrap().unwrap();
    backend.put("test:other", bytes, minutes(5)).await.unwrap();
    assert!(region.entry("other").get::<u64>().await.is_none(), "another key's value was served");
    let stats = region.stats();
    assert_eq!(stats.count_of(ReasonKind::Miss, Reason::COLLISION), 1, "{stats:#}");
    assert_eq!(*region.entry("k").get::<u64>().await.unwrap(), 1);
}

#[tokio::test]
async fn an_entry_with_other_tags_than_declared_says_so() {
    for local in [0, 1 << 20] {
        let region = Region::builder("test").ttl(minutes(5)).backend(MemoryBackend::new());
        let region = region.local(local).build().unwrap();
        region.entry("k").tag("a").set(1_u64).await.unwrap();
        assert!(region.entry("k").tag("b").get::<u64>().await.is_none());
        let stats = region.stats();
        assert_eq!(stats.count_of(ReasonKind::Miss, Reason::OTHER_TAGS), 1, "{stats:#}");
        assert_eq!(*region.entry("k").tag("a").get::<u64>().await.unwrap(), 1);
    }
}

#[cfg(feature = "json")]
#[tokio::test]
async fn a_value_that_its_codec_makes_too_large_is_served_and_not_stored() {
    let backend = MemoryBackend::new();
    let region = Region::builder("test").ttl(minutes(5)).codec(Codec::Json).max_value(1_000);
    let region = region.backend(backend.clone()).build().unwrap();
    // Each takes one byte here and six in JSON.
    let controls = "\u{1}".repeat(200);
    let create = async || made(controls.clone());
    assert_eq!(*region.entry("k").get_or_create(create).await.unwrap(), controls);
    let stats = region.stats();
    assert_eq!(stats.count_of(ReasonKind::Refused, Reason::TOO_LARGE), 1, "{stats:#}");
    assert_eq!(backend.get(NAME).await.unwrap(), None);
}
