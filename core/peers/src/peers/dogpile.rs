//! dogpile, with keys as database adapters have them and with keys as callers have them.

use std::hint::black_box;
use std::ops::Range;

use dogpile::{Digest, Error, Key, Region, TagSpace};

use super::{CAPACITY, Peer, TTL};
use crate::rows::{Creation, Rows};

fn region(name: &str) -> Region {
    let region = Region::builder(name)
        .ttl(TTL)
        .local(CAPACITY as u64 * 1_024)
        .tag_space(TagSpace::new(CAPACITY))
        .build();
    match region {
        Ok(region) => region,
        Err(error) => panic!("{error}"),
    }
}

/// How many keys are kept: those of hits and misses.
const KEPT: u64 = 60_000;

/// Keys that are fingerprints, made before they are asked for.
pub struct Prepared {
    region: Region,
    keys: Vec<Key>,
}

impl Peer for Prepared {
    const NAME: &'static str = "dogpile, a query's key";
    const COALESCES: bool = true;

    fn new() -> Self {
        Self { region: region("prepared"), keys: (0..KEPT).map(fingerprint).collect() }
    }

    async fn ask(&self, key: u64, creation: Creation) -> impl Send {
        let made;
        let key = match usize::try_from(key).ok().and_then(|key| self.keys.get(key)) {
            Some(kept) => kept,
            None => {
                made = fingerprint(key);
                &made
            }
        };
        let entry = self.region.entry(key).in_process();
        entry.get_or_create(weigh, async || Ok::<_, Error>(creation.run().await)).await
    }

    async fn ask_all(&self, keys: Range<u64>, creation: Creation) {
        let entries = self.region.entries_by(keys, |key| self.keys[*key as usize].clone());
        let create = async |keys: Vec<u64>| {
            let mut rows = Vec::with_capacity(keys.len());
            for _ in keys {
                rows.push(creation.run().await);
            }
            Ok::<Vec<Rows>, Error>(rows)
        };
        drop(black_box(entries.get_or_create_multi(create).await));
    }
}

/// A caller's own keys, made at every call.
pub struct Made(Region);

impl Peer for Made {
    const NAME: &'static str = "dogpile, a key of one's own";
    const COALESCES: bool = true;

    fn new() -> Self {
        Self(region("made"))
    }

    async fn ask(&self, key: u64, creation: Creation) -> impl Send {
        let entry = self.0.entry(("orders", key)).in_process();
        entry.get_or_create(weigh, async || Ok::<_, Error>(creation.run().await)).await
    }

    async fn ask_all(&self, keys: Range<u64>, creation: Creation) {
        let entries = self.0.entries_by(keys, |key| Key::from(("orders", *key)));
        let create = async |keys: Vec<u64>| {
            let mut rows = Vec::with_capacity(keys.len());
            for _ in keys {
                rows.push(creation.run().await);
            }
            Ok::<Vec<Rows>, Error>(rows)
        };
        drop(black_box(entries.get_or_create_multi(create).await));
    }
}

/// What a fingerprint of a query looks like: spread over all bits.
fn fingerprint(key: u64) -> Key {
    let lookup = u128::from(key).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    Key::fingerprint(Digest { lookup, check: u128::from(key) })
}

fn weigh(_: &Rows) -> Option<usize> {
    Some(0)
}
