//! Once per type and codec, and said once.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use serde::{Deserialize, Serialize, Serializer};

use crate::codec::{Codec, Hazard, Problem, Refused, Trials, Wire};

static READ: AtomicUsize = AtomicUsize::new(0);
static WRITTEN: AtomicUsize = AtomicUsize::new(0);

/// Counts how often it is written, and comes back as it was.
#[derive(Debug, Serialize, Deserialize)]
struct Counted(#[serde(deserialize_with = "counted")] u8);

fn counted<'de, D: serde::Deserializer<'de>>(decoder: D) -> Result<u8, D::Error> {
    let number = u8::deserialize(decoder)?;
    // The invented data of the type's print is a one.
    READ.fetch_add(usize::from(number == 77), Relaxed);
    Ok(number)
}

/// Counts how often it is written, and comes back as another one.
#[derive(Debug, Deserialize)]
#[serde(from = "u8")]
struct Lossy(u8);

impl From<u8> for Lossy {
    fn from(number: u8) -> Self {
        Self(number / 2)
    }
}

impl Serialize for Lossy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WRITTEN.fetch_add(1, Relaxed);
        self.0.serialize(serializer)
    }
}

#[test]
fn a_type_is_tried_with_its_first_value_only() {
    let trials = Trials::default();
    for _ in 0..3 {
        assert!(trials.encode(Wire::new(), Codec::MessagePack, &Counted(77)).is_ok());
    }
    assert_eq!(READ.load(Relaxed), 1);
    let other_region = Trials::default();
    assert!(other_region.check(Wire::new(), Codec::MessagePack, &Counted(77), &[77]).is_ok());
    assert_eq!(READ.load(Relaxed), 2);
}

#[test]
fn a_type_that_did_not_survive_is_never_written_again() {
    let trials = Trials::default();
    let store = || trials.encode(Wire::new(), Codec::MessagePack, &Lossy(100));
    let Err(Refused::First(error)) = store() else { panic!("it comes back as half of it") };
    assert_eq!(
        error.to_string(),
        "dogpile::codec::tests::trials::Lossy with the codec msgpack: it does not come back as it \
         was at `the value itself`: what is serialized and what is deserialized differ"
    );
    let written = WRITTEN.load(Relaxed);
    assert_eq!(store(), Err(Refused::Again));
    assert_eq!(WRITTEN.load(Relaxed), written);
    let wire = Wire::<Lossy>::new();
    assert_eq!(trials.check(wire, Codec::MessagePack, &Lossy(0), &[0]), Err(Refused::Again));
}

#[test]
fn a_value_that_only_its_codec_spoils_is_refused_alone() {
    let trials = Trials::default();
    let store = |value| trials.encode(Wire::new(), Codec::MessagePack, &value);
    let nothing = Some(None::<u8>);
    let Err(Refused::First(error)) = store(nothing) else { panic!("it comes back as `None`") };
    assert!(matches!(error.problem, Problem::Hazard { hazard: Hazard::NestedNone, .. }));
    assert_eq!(store(nothing), Err(Refused::Again));
    assert!(store(Some(Some(7))).is_ok());
    assert_eq!(store(nothing), Err(Refused::Again));
    assert!(store(None).is_ok());
}

#[cfg(feature = "bincode")]
#[test]
fn the_verdict_is_on_one_codec() {
    let trials = Trials::default();
    let nothing = Some(None::<u8>);
    assert!(trials.encode(Wire::new(), Codec::MessagePack, &nothing).is_err());
    assert!(trials.encode(Wire::new(), Codec::Bincode, &nothing).is_ok());
}

#[test]
fn of_many_at_once_one_is_told() {
    let trials = Trials::default();
    let told = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let refused = trials.encode(Wire::new(), Codec::MessagePack, &[Some(())]);
                told.fetch_add(usize::from(refused != Err(Refused::Again)), Relaxed);
            });
        }
    });
    assert_eq!(told.into_inner(), 1);
}
