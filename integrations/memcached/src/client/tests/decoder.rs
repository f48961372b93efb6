//! Replies from bytes that anybody may have sent.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use crate::client::reply::{Asked, Decoder, Found, Reply, Violation};

const LIMIT: usize = 100;

fn item(value: Option<&'static [u8]>, unique: Option<u64>, left: Option<u32>) -> Reply {
    Reply::Item(Found { value: value.map(Bytes::from_static), unique, left })
}

/// Replies as memcached 1.6.18 writes them, what was asked, and what they mean. The tokens count
/// from 7.
fn replies() -> Vec<(Asked, &'static [u8], Reply)> {
    use Asked::{Delete, Get, Set};
    vec![
        (Get, b"VA 2 O7\r\nhi\r\n", item(Some(b"hi"), None, None)),
        (Get, b"EN O8\r\n", Reply::Absent),
        (Get, b"VA 4 c12 t30 O9\r\n\r\nVA\r\n", item(Some(b"\r\nVA"), Some(12), Some(30))),
        (Get, b"VA 0 c12 t-1 O10\r\n\r\n", item(Some(b""), Some(12), None)),
        (Get, b"HD c12 O11\r\n", item(None, Some(12), None)),
        (Get, b"VA 1 W c0 X Z O12\r\nx\r\n", item(Some(b"x"), None, None)),
        (Set, b"HD O13\r\n", Reply::Done),
        (Set, b"NS O14\r\n", Reply::Unmet),
        (Set, b"EX O15\r\n", Reply::Unmet),
        (Set, b"NF O16\r\n", Reply::Absent),
        (Set, b"SERVER_ERROR object too large for cache\r\n", Reply::TooLarge),
        (Set, b"SERVER_ERROR out of memory storing object\r\n", Reply::Refused),
        (Delete, b"HD O19\r\n", Reply::Done),
        (Delete, b"NF O20\r\n", Reply::Absent),
        (Delete, b"EX O21\r\n", Reply::Unmet),
        (Get, b"SERVER_ERROR out of memory writing get response\r\n", Reply::Refused),
    ]
}

fn stream() -> Vec<u8> {
    replies().into_iter().flat_map(|(_, bytes, _)| bytes.to_vec()).collect()
}

/// All replies in `parts`, read one part after the other.
fn decoded(parts: &[&[u8]]) -> Result<Vec<Reply>, Violation> {
    let (mut decoder, mut input, mut seen) = (Decoder::new(LIMIT), BytesMut::new(), Vec::new());
    for part in parts {
        input.extend_from_slice(part);
        while let Some((asked, ..)) = replies().get(seen.len()) {
            let opaque = 7 + u32::try_from(seen.len()).unwrap();
            match decoder.decode(&mut input, *asked, opaque)? {
                Some(reply) => seen.push(reply),
                None => break,
            }
            assert!(input.capacity() < 64 * 1024, "memory by the word of a server");
        }
    }
    Ok(seen)
}

#[test]
fn replies_mean_the_same_wherever_they_are_cut() {
    let stream = stream();
    let all: Vec<_> = replies().into_iter().map(|(.., reply)| reply).collect();
    for cut in 0..=stream.len() {
        let (begin, end) = stream.split_at(cut);
        let begun = decoded(&[begin]).unwrap();
        assert_eq!(begun, all[..begun.len()], "the first {cut} bytes");
        assert_eq!(decoded(&[begin, end]).unwrap(), all, "cut at {cut}");
    }
    let single: Vec<_> = stream.chunks(1).collect();
    assert_eq!(decoded(&single).unwrap(), all);
}

#[test]
fn a_reply_with_another_token_or_none_is_a_violation() {
    let others = [
        "VA 2 O8\r\nhi\r\n",
        "VA 2\r\nhi\r\n",
        "VA 2 O7 O7\r\nhi\r\n",
        "VA 2 O\r\nhi\r\n",
        "VA 2 O07x\r\nhi\r\n",
        "VA 2 O-7\r\nhi\r\n",
        "HD O6\r\n",
        "HD\r\n",
        "EN\r\n",
        "EN O70\r\n",
    ];
    for other in others {
        let mut input = BytesMut::from(other);
        let decoded = Decoder::new(LIMIT).decode(&mut input, Asked::Get, 7);
        assert_eq!(decoded, Err(Violation), "{other:?}");
    }
}

#[test]
fn a_reply_to_another_kind_of_request_is_a_violation() {
    use Asked::{Delete, Get, Set};
    let wrong: [(Asked, &[&str]); 3] = [
        (Get, &["NS O7\r\n", "EX O7\r\n", "NF O7\r\n", "MN\r\n", "STAT pid 7\r\n", "END\r\n"]),
        (Set, &["VA 2 O7\r\nhi\r\n", "EN O7\r\n", "STORED\r\n", "MN\r\n"]),
        (Delete, &["VA 2 O7\r\nhi\r\n", "EN O7\r\n", "NS O7\r\n", "DELETED\r\n"]),
    ];
    let always = [
        "ERROR\r\n",
        "CLIENT_ERROR bad data chunk\r\n",
        "\r\n",
        "hd O7\r\n",
        "HD O7\n",
        "HDO7\r\n",
    ];
    for (asked, texts) in wrong {
        for text in texts.iter().chain(&always) {
            let decoded = Decoder::new(LIMIT).decode(&mut BytesMut::from(*text), asked, 7);
            assert_eq!(decoded, Err(Violation), "{text:?} after {asked:?}");
        }
    }
}

#[test]
fn sizes_that_are_none_are_a_violation() {
    for size in [
        "",
        "-1",
        "+1",
        "1x",
        "0x1",
        "1073741825",
        "18446744073709551616",
        "99999999999999999999999",
    ] {
        let mut input = BytesMut::from(format!("VA {size} O7\r\nhi\r\n").as_str());
        assert_eq!(Decoder::new(LIMIT).decode(&mut input, Asked::Get, 7), Err(Violation), "{size}");
    }
    let mut cut_off = BytesMut::from("VA 2 O7\r\nhixx");
    assert_eq!(Decoder::new(LIMIT).decode(&mut cut_off, Asked::Get, 7), Err(Violation));
}

#[test]
fn a_line_without_an_end_is_a_violation() {
    let mut input = BytesMut::from(&[b'x'; 511][..]);
    assert_eq!(Decoder::new(LIMIT).decode(&mut input, Asked::Get, 7), Ok(None));
    input.extend_from_slice(b"x");
    assert_eq!(Decoder::new(LIMIT).decode(&mut input, Asked::Get, 7), Err(Violation));
}

#[test]
fn a_value_that_is_larger_than_what_is_taken_is_read_past() {
    let size = 1 << 20;
    let (mut decoder, mut input) = (Decoder::new(LIMIT), BytesMut::new());
    input.extend_from_slice(format!("VA {size} c9 t-1 O7\r\n").as_bytes());
    let mut left = size + 2;
    while left > 0 {
        assert_eq!(decoder.decode(&mut input, Asked::Get, 7), Ok(None));
        let part = left.min(10_000);
        input.extend_from_slice(&vec![b'\n'; part]);
        left -= part;
    }
    input.extend_from_slice(b"EN O8\r\n");
    assert_eq!(decoder.decode(&mut input, Asked::Get, 7), Ok(Some(item(None, Some(9), None))));
    assert_eq!(decoder.decode(&mut input, Asked::Get, 8), Ok(Some(Reply::Absent)));
    assert!(input.capacity() < 64 * 1024, "{} bytes were kept", input.capacity());
}

proptest! {
    #[test]
    fn whatever_comes_nobody_panics_and_nobody_is_given_memory_for_the_asking(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let _ = decoded(&[&bytes]);
    }

    #[test]
    fn bytes_that_are_changed_are_found_out_or_change_one_value_only(
        place in 0_usize..stream().len(),
        byte in any::<u8>(),
    ) {
        let mut changed = stream();
        changed[place] = byte;
        let all: Vec<_> = replies().into_iter().map(|(.., reply)| reply).collect();
        if let Ok(seen) = decoded(&[&changed]) {
            let differ = seen.iter().zip(&all).filter(|(seen, meant)| seen != meant).count();
            prop_assert!(differ <= 1, "{} replies changed", differ);
        }
    }

    #[test]
    fn a_stream_that_misses_a_part_never_pairs_a_reply_with_another_request(
        from in 0_usize..stream().len(),
        length in 1_usize..40,
    ) {
        let mut missing = stream();
        let to = (from + length).min(missing.len());
        missing.drain(from..to);
        let all: Vec<_> = replies().into_iter().map(|(.., reply)| reply).collect();
        let mut whole = 0;
        let begun = replies().iter().take_while(|(_, bytes, _)| { whole += bytes.len(); whole <= from }).count();
        if let Ok(seen) = decoded(&[&missing]) {
            prop_assert_eq!(&seen[..begun.min(seen.len())], &all[..begun.min(seen.len())]);
        }
    }
}
