use allocation_counter::measure;
use proptest::prelude::*;

use super::{Envelope, Limits, Rejected};
use crate::backend::TagVersion;
use crate::codec::Codec;
use crate::value::TypePrint;

pub(super) const LIMITS: Limits =
    Limits { tags: 32, versions: 100, tag_name: 250, payload: 1 << 20 };

pub(super) fn envelope<'a>(codec: Codec, tags: &[&'a str], payload: &'a [u8]) -> Envelope<'a> {
    Envelope {
        codec,
        print: TypePrint(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff),
        check: 0xffee_ddcc_bbaa_9988_7766_5544_3322_1100,
        created: 1_700_000_000_123,
        fresh_for: 300_000,
        created_in: 3,
        tags: tags.to_vec(),
        versions: (1..=tags.len() as u128).map(TagVersion).collect(),
        payload,
    }
}

fn read(bytes: &[u8]) -> Result<Envelope<'_>, Rejected> {
    Envelope::read(bytes, LIMITS)
}

/// The bytes with the checksum that belongs to them.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 4;
    let checksum = crc32fast::hash(&bytes[..end]);
    bytes[end..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

#[test]
fn an_entry_cut_off_anywhere_is_rejected() {
    let bytes = envelope(Codec::MessagePack, &["table:users", "user:7"], b"payload").write();
    for end in 0..bytes.len() {
        assert!(read(&bytes[..end]).is_err(), "cut off at {end}");
    }
    assert_eq!(read(&bytes[..3]), Err(Rejected::NotAnEntry));
    assert_eq!(read(&bytes[..bytes.len() - 1]), Err(Rejected::Damaged));
}

#[test]
fn every_flipped_bit_is_seen() {
    let bytes = envelope(Codec::MessagePack, &["table:users"], b"payload").write();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn bytes_after_an_entry_are_not_an_entry() {
    let bytes = envelope(Codec::MessagePack, &[], b"payload").write();
    let mut longer = bytes.to_vec();
    longer.push(0);
    assert_eq!(read(&longer), Err(Rejected::Damaged));
    assert_eq!(read(&sealed(longer)), Err(Rejected::Damaged));
    assert_eq!(read(&[&bytes[..], &bytes].concat()), Err(Rejected::Damaged));
}

#[test]
fn what_another_version_wrote_is_told_from_damage() {
    let bytes = envelope(Codec::MessagePack, &[], b"payload").write();
    for (place, value) in [(4, 2), (5, 1), (6, 0), (6, 200)] {
        let mut other = bytes.to_vec();
        other[place] = value;
        assert_eq!(read(&sealed(other)), Err(Rejected::OtherVersion), "byte {place}");
    }
    assert_eq!(read(b"SomebodyElse"), Err(Rejected::NotAnEntry));
    assert_eq!(read(b""), Err(Rejected::NotAnEntry));
}

#[test]
fn more_than_the_limits_is_rejected_on_its_length_alone() {
    let tags = ["a", "b", "c"];
    let bytes = envelope(Codec::MessagePack, &tags, &[7; 100]).write();
    let within = Limits { tags: 3, versions: 3, tag_name: 1, payload: 100 };
    assert!(Envelope::read(&bytes, within).is_ok());
    for limits in [
        Limits { tags: 2, ..within },
        Limits { versions: 2, ..within },
        Limits { tag_name: 0, ..within },
        Limits { payload: 99, ..within },
        Limits { payload: 0, ..within },
    ] {
        assert_eq!(Envelope::read(&bytes, limits), Err(Rejected::TooLarge), "{limits:?}");
    }
    let huge = [&bytes[..6], &[0; 1 << 20]].concat();
    assert_eq!(Envelope::read(&huge, within), Err(Rejected::TooLarge));
}

#[test]
fn the_length_that_is_read_at_all_is_that_of_the_longest_entry() {
    let limits = Limits { tags: 3, versions: 6, tag_name: 5, payload: 100 };
    // The frame, six numbers and the checksum; tags with their lengths; versions; the payload.
    let longest = (4 + 3 + 32 + 60 + 4) + 3 * (5 + 10) + 6 * 16 + 100;
    let entry = envelope(Codec::MessagePack, &[], b"").write();
    let read = |length: usize| {
        let mut bytes = entry.to_vec();
        bytes.resize(length, 0);
        Envelope::read(&bytes, limits).unwrap_err()
    };
    assert_eq!(read(longest), Rejected::Damaged, "it was looked at");
    assert_eq!(read(longest + 1), Rejected::TooLarge);
}

/// An entry up to the number of tags, then `rest`, then the right checksum.
fn with_rest(rest: &[u8]) -> Vec<u8> {
    let bytes = envelope(Codec::MessagePack, &[], b"").write();
    // Behind the number of tags: that of versions, the length of the payload and the checksum.
    sealed([&bytes[..bytes.len() - 7], rest, &[0; 4]].concat())
}

#[test]
fn a_declared_length_allocates_nothing_that_is_not_there() {
    const HUGE: &[u8] = &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    assert!(read(&with_rest(&[0, 0, 0])).is_ok());
    let declared = [
        (HUGE.to_vec(), Rejected::TooLarge),
        (vec![32], Rejected::Damaged),
        ([&[0], HUGE].concat(), Rejected::TooLarge),
        (vec![0, 100], Rejected::Damaged),
        ([&[0, 0], HUGE].concat(), Rejected::TooLarge),
        (vec![0, 0, 0xff, 0xff, 0x3f], Rejected::Damaged),
        (vec![1, 0xfa, 1, 0, 0], Rejected::Damaged),
    ];
    for (rest, rejected) in declared {
        let bytes = with_rest(&rest);
        let mut found = None;
        let allocated = measure(|| found = Some(read(&bytes))).bytes_total;
        assert_eq!(found, Some(Err(rejected)), "{rest:?}");
        assert!(allocated <= 64, "{allocated} bytes for {rest:?}");
    }
}

#[test]
fn numbers_have_one_form() {
    // A zero and a one in two bytes each, and a number of more than 64 bits.
    let too_long = [&[0x80; 9][..], &[2, 0, 0]].concat();
    for rest in [&[0x80, 0, 0, 0][..], &[0, 0x81, 0, 0], &[0xff; 10], &[0x80; 20], &too_long] {
        assert_eq!(read(&with_rest(rest)), Err(Rejected::Damaged), "{rest:?}");
    }
}

#[test]
fn a_tag_that_is_no_text_is_damage() {
    assert!(read(&with_rest(&[1, 2, b'o', b'k', 0, 0])).is_ok());
    assert_eq!(read(&with_rest(&[1, 2, 0xc3, 0x28, 0, 0])), Err(Rejected::Damaged));
}

#[test]
fn an_entry_is_written_in_one_allocation_and_takes_little_more_than_its_payload() {
    let entry = envelope(Codec::MessagePack, &["table:users"], &[7; 100]);
    let mut bytes = None;
    let made = measure(|| bytes = Some(entry.write()));
    let bytes = bytes.unwrap();
    assert_eq!(made.count_total, 1);
    assert_eq!(bytes.len(), entry.len());
    assert_eq!(bytes.len() - 100, 56 + "table:users".len() + 1 + 16);
}

prop_compose! {
    fn numbers()(
        numbers in proptest::array::uniform3(prop_oneof![any::<u64>(), 0..300_u64]),
    ) -> [u64; 3] {
        numbers
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        codec in proptest::sample::select(Codec::ALL),
        print in any::<u128>(),
        check in any::<u128>(),
        [created, fresh_for, created_in] in numbers(),
        tags in proptest::collection::vec(".{0,40}", 0..32),
        versions in proptest::collection::vec(any::<u128>(), 0..100),
        payload in proptest::collection::vec(any::<u8>(), 0..1_000),
    ) {
        let entry = Envelope {
            codec,
            print: TypePrint(print),
            check,
            created,
            fresh_for,
            created_in,
            tags: tags.iter().map(String::as_str).collect(),
            versions: versions.into_iter().map(TagVersion).collect(),
            payload: &payload,
        };
        let bytes = entry.write();
        prop_assert_eq!(bytes.len(), entry.len());
        prop_assert_eq!(read(&bytes), Ok(entry));
    }
}
