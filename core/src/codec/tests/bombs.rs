//! Bytes that would cost more than they are worth.

use std::collections::HashMap;

use allocation_counter::measure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Row, row};
use crate::codec::{Codec, Hazard, Problem, decode, encode};

fn problem<T: DeserializeOwned>(codec: Codec, bytes: &[u8]) -> Option<Problem> {
    decode::<T>(codec, bytes).err().map(|error| error.problem)
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct List {
    next: Option<Box<Self>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Chain {
    End,
    Link(Box<Self>),
}

#[derive(Debug, Serialize, Deserialize)]
struct Tree(Vec<Self>);

fn list(length: usize) -> List {
    (1..length).fold(List { next: None }, |next, _| List { next: Some(Box::new(next)) })
}

/// As much stack as a worker of the runtime has.
fn on_a_workers_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(test).unwrap().join().unwrap();
}

#[test]
fn nesting_is_followed_so_far_and_no_further() {
    on_a_workers_stack(|| {
        let deep = 100_000;
        // {"Link": {"Link": ...
        let link: Vec<u8> = [0x81, 0xa4].iter().chain(b"Link").copied().collect();
        assert_eq!(
            problem::<Chain>(Codec::MessagePack, &link.repeat(deep)),
            Some(Problem::TooDeep)
        );
        let arrays = [vec![0x91; deep], vec![0x90]].concat();
        assert_eq!(problem::<Tree>(Codec::MessagePack, &arrays), Some(Problem::TooDeep));
        #[cfg(feature = "bincode")]
        {
            assert_eq!(problem::<List>(Codec::Bincode, &vec![1; deep]), Some(Problem::TooDeep));
            assert_eq!(problem::<Chain>(Codec::Bincode, &vec![1; deep]), Some(Problem::TooDeep));
            assert_eq!(problem::<Tree>(Codec::Bincode, &vec![1; deep]), Some(Problem::TooDeep));
        }
        #[cfg(feature = "json")]
        {
            let value = problem::<serde_json::Value>(Codec::MessagePack, &arrays);
            assert_eq!(value, Some(Problem::TooDeep));
            assert!(problem::<Tree>(Codec::Json, "[".repeat(deep).as_bytes()).is_some());
        }
    });
}

#[test]
fn what_may_be_written_may_be_read() {
    on_a_workers_stack(|| {
        for &codec in Codec::ALL {
            // A struct and a `Some` for each: 60 of them are 120 levels, less the last `None`.
            let longest = list(60);
            let bytes = encode(codec, &longest).unwrap();
            assert_eq!(decode::<List>(codec, &bytes).as_ref(), Ok(&longest), "{codec}");
            let error = encode(codec, &list(62)).unwrap_err().problem;
            assert!(matches!(error, Problem::Hazard { hazard: Hazard::TooDeep, .. }), "{error}");
            let chain = (0..120).fold(Chain::End, |chain, _| Chain::Link(Box::new(chain)));
            let bytes = encode(codec, &chain).unwrap();
            assert_eq!(decode::<Chain>(codec, &bytes).as_ref(), Ok(&chain), "{codec}");
        }
    });
}

#[test]
fn bytes_after_a_value_are_refused() {
    for &codec in Codec::ALL {
        let bytes = encode(codec, &row()).unwrap();
        assert_eq!(decode::<Row>(codec, &bytes), Ok(row()));
        let trailing = [bytes.clone(), b"7".to_vec()].concat();
        assert_eq!(problem::<Row>(codec, &trailing), Some(Problem::Trailing), "{codec}");
        let twice = [&bytes[..], &bytes].concat();
        assert_eq!(problem::<Row>(codec, &twice), Some(Problem::Trailing), "{codec}");
        for end in 0..bytes.len() {
            assert!(decode::<Row>(codec, &bytes[..end]).is_err(), "{codec}, cut off at {end}");
        }
        assert_eq!(problem::<()>(codec, b""), (codec.id() != 2).then_some(Problem::Malformed));
    }
    // A marker that nothing follows is a byte too many as well.
    assert_eq!(problem::<u8>(Codec::MessagePack, &[7, 0xc1]), Some(Problem::Trailing));
    assert_eq!(problem::<u8>(Codec::MessagePack, &[7, 0xdf]), Some(Problem::Trailing));
}

#[track_caller]
fn refused_for_nothing<T: DeserializeOwned>(codec: Codec, bytes: &[u8]) {
    let mut refused = false;
    let allocated = measure(|| refused = decode::<T>(codec, bytes).is_err()).bytes_max;
    assert!(refused);
    assert!(allocated < 4_096, "{allocated} bytes for {bytes:x?}");
}

#[test]
fn a_declared_length_allocates_nothing_that_is_not_there() {
    for marker in [0xc6, 0xdb, 0xdd, 0xdf] {
        let bytes = [marker, 0xff, 0xff, 0xff, 0xff, 1];
        refused_for_nothing::<String>(Codec::MessagePack, &bytes);
        refused_for_nothing::<Vec<u64>>(Codec::MessagePack, &bytes);
        refused_for_nothing::<Vec<[u64; 16]>>(Codec::MessagePack, &bytes);
        refused_for_nothing::<HashMap<u64, String>>(Codec::MessagePack, &bytes);
        #[cfg(feature = "json")]
        refused_for_nothing::<serde_json::Value>(Codec::MessagePack, &bytes);
    }
    #[cfg(feature = "bincode")]
    for len in [1_000_u64, 1 << 20, 1 << 29, 1 << 40, u64::MAX] {
        let bytes = [&[253][..], &len.to_le_bytes(), &[1]].concat();
        refused_for_nothing::<String>(Codec::Bincode, &bytes);
        refused_for_nothing::<std::ffi::CString>(Codec::Bincode, &bytes);
        refused_for_nothing::<Vec<u64>>(Codec::Bincode, &bytes);
        refused_for_nothing::<Vec<[u64; 16]>>(Codec::Bincode, &bytes);
        refused_for_nothing::<HashMap<u64, String>>(Codec::Bincode, &bytes);
    }
}

#[cfg(feature = "bincode")]
#[test]
fn elements_that_take_no_bytes_are_counted() {
    let bytes = [&[253][..], &u64::MAX.to_le_bytes()].concat();
    assert_eq!(problem::<Vec<()>>(Codec::Bincode, &bytes), Some(Problem::TooMany));
    // What takes bytes is not: neither fields nor elements.
    let units = vec![(); 60_000];
    assert_eq!(decode(Codec::Bincode, &encode(Codec::Bincode, &units).unwrap()), Ok(units));
    let nested = vec![(((1_u8, ()),), [2_u8; 2]); 200_000];
    assert_eq!(decode(Codec::Bincode, &encode(Codec::Bincode, &nested).unwrap()), Ok(nested));
}
