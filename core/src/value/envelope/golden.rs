//! Entries as the first release wrote them. They must be read, and written byte for byte, for ever:
//! never change a file, add files for a new format version.

use super::tests::{LIMITS, envelope};
use super::{Envelope, Rejected};
use crate::codec::{Codec, decode, encode};

macro_rules! golden {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/golden/envelope-v1-", $name, ".bin"))
    };
}

type Row = (u32, String, Option<Vec<i64>>);

fn row() -> Row {
    (7, "seven".to_owned(), Some(vec![-1, 300]))
}

#[track_caller]
fn holds(file: &[u8], codec: Codec, tags: &[&str]) {
    let payload = encode(codec, &row()).unwrap();
    let entry = envelope(codec, tags, &payload);
    assert_eq!(Envelope::read(file, LIMITS).as_ref(), Ok(&entry));
    assert_eq!(entry.write(), file);
    assert_eq!(decode::<Row>(codec, entry.payload), Ok(row()));
}

#[test]
fn msgpack_without_tags_for_ever() {
    holds(golden!("msgpack-no-tags"), Codec::MessagePack, &[]);
}

#[test]
fn msgpack_with_tags_for_ever() {
    let tags = ["table:orders", "customer:7", "käse"];
    holds(golden!("msgpack-tags"), Codec::MessagePack, &tags);
}

#[cfg(feature = "bincode")]
#[test]
fn bincode_for_ever() {
    holds(golden!("bincode"), Codec::Bincode, &["table:orders"]);
}

#[cfg(feature = "json")]
#[test]
fn json_for_ever() {
    holds(golden!("json"), Codec::Json, &["table:orders"]);
}

/// A process without a codec meets the entries of one that has it.
#[test]
fn an_entry_of_a_codec_that_this_build_lacks_is_a_miss() {
    for (file, codec) in [(&golden!("bincode")[..], 2), (&golden!("json")[..], 3)] {
        let read = Envelope::read(file, LIMITS).map(|entry| entry.codec.id());
        let expected =
            if Codec::from_id(codec).is_some() { Ok(codec) } else { Err(Rejected::OtherVersion) };
        assert_eq!(read, expected);
    }
}
