//! What the fuzz targets in `core/fuzz` feed with bytes, and the normal tests too.
//!
//! Behind the feature `testing`, not behind `cfg(fuzzing)`: it is then compiled, checked and tested on
//! the stable toolchain like everything else, and cannot rot.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::codec::{Codec, Trials, Wire, decode};
use crate::value::{Envelope, Limits, Value};

const LIMITS: Limits = Limits { tags: 32, versions: 100, tag_name: 250, payload: 1 << 20 };

/// Reads the bytes as an entry: as they are, and as what follows a right beginning and is followed
/// by the right checksum.
///
/// # Panics
///
/// They are accepted, and are not what the entry is written as.
pub fn envelope(bytes: &[u8]) {
    envelope_as_it_is(bytes);
    let mut sealed = [b"DGPL\x01\x00", bytes].concat();
    sealed.extend_from_slice(&crc32fast::hash(&sealed).to_le_bytes());
    envelope_as_it_is(&sealed);
}

fn envelope_as_it_is(bytes: &[u8]) {
    if let Ok(entry) = Envelope::read(bytes, LIMITS) {
        assert_eq!(entry.write(), bytes, "an entry has one form");
        payload(entry.payload);
    }
}

/// Decodes the bytes with every codec, as values of several types.
///
/// # Panics
///
/// A value is accepted that does not survive being written and read once more.
pub fn payload(bytes: &[u8]) {
    for &codec in Codec::ALL {
        decoded::<Everything>(codec, bytes);
        decoded::<Vec<Everything>>(codec, bytes);
        decoded::<HashMap<String, Option<Tree>>>(codec, bytes);
        decoded::<Vec<Option<()>>>(codec, bytes);
        decoded::<(String, Vec<u8>, Option<Vec<f64>>)>(codec, bytes);
        decoded::<Untagged>(codec, bytes);
    }
}

fn decoded<T: Value>(codec: Codec, bytes: &[u8]) {
    let Ok(value) = decode::<T>(codec, bytes) else { return };
    // What cannot be written back is refused, with a word and not with a panic.
    if let Ok(bytes) = Trials::default().encode(Wire::new(), codec, &value) {
        let error = decode::<T>(codec, &bytes).err();
        assert_eq!(error, None, "what was written can be read");
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Everything {
    id: u64,
    name: String,
    ratio: Option<f32>,
    tree: Tree,
    more: BTreeMap<i16, Vec<(bool, char)>>,
    wide: (i128, u128),
    unit: (),
}

#[derive(Debug, Serialize, Deserialize)]
enum Tree {
    Leaf,
    One(Box<Self>),
    Two(Box<Self>, Box<Self>),
    Many { branches: Vec<Self> },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Nothing,
    Number(f64),
    Text(String),
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{envelope, payload};

    macro_rules! golden {
        ($($name:literal)*) => {
            &[$(include_bytes!(concat!("../tests/golden/envelope-v1-", $name, ".bin"))),*]
        };
    }

    const GOLDEN: &[&[u8]] = golden!("msgpack-no-tags" "msgpack-tags" "bincode" "json");

    /// A golden file with some of its bytes replaced, put in or taken out.
    fn mutated() -> impl Strategy<Value = Vec<u8>> {
        let change = (any::<prop::sample::Index>(), 0..4_u8, any::<u8>());
        let changes = prop::collection::vec(change, 1..6);
        (prop::sample::select(GOLDEN), changes).prop_map(|(file, changes)| {
            let mut bytes = file.to_vec();
            for (place, kind, value) in changes {
                let place = place.index(bytes.len().max(1));
                match kind {
                    _ if bytes.is_empty() => bytes.push(value),
                    0 => bytes[place] = value,
                    1 => bytes[place] ^= 1 << (value % 8),
                    2 => bytes.insert(place, value),
                    _ => drop(bytes.drain(place..=place)),
                }
            }
            bytes
        })
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            envelope(&bytes);
            payload(&bytes);
        }

        #[test]
        fn no_change_of_an_entry_makes_the_readers_panic(bytes in mutated()) {
            envelope(&bytes);
            // Without the beginning and the checksum, which are put back.
            envelope(&bytes[6.min(bytes.len())..bytes.len().saturating_sub(4)]);
            payload(&bytes);
        }
    }

    #[test]
    fn the_entries_of_the_first_release_are_whole_entries() {
        GOLDEN.iter().for_each(|file| envelope(file));
    }
}
