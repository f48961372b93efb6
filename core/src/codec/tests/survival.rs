//! Every value comes back as it was, or is refused.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Debug;
use std::net::IpAddr;
use std::time::Duration;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Row, row};
use crate::codec::{Codec, CodecError, Hazard, Problem, Wire, decode, encode};
use crate::value::Value;

/// What a first store does.
fn survive<T: Value>(codec: Codec, value: &T) -> Result<Vec<u8>, Problem> {
    let wire = Wire::<T>::new();
    let problem = |error: CodecError| error.problem;
    let bytes = (wire.encode)(codec, value).map_err(problem)?;
    (wire.trial)(codec, value, &bytes).map_err(problem)?;
    Ok(bytes)
}

#[track_caller]
fn survives<T: Value + PartialEq + Debug>(value: &T) {
    for &codec in Codec::ALL {
        survives_with(codec, value);
    }
}

#[track_caller]
fn survives_with<T: Value + PartialEq + Debug>(codec: Codec, value: &T) {
    let bytes = survive(codec, value).unwrap_or_else(|problem| panic!("{codec}: {problem}"));
    assert_eq!((Wire::<T>::new().decode)(codec, &bytes).as_ref(), Ok(value), "{codec}");
}

fn hazard(hazard: Hazard, at: &str) -> Result<Vec<u8>, Problem> {
    Err(Problem::Hazard { hazard, at: at.to_owned() })
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Empty,
    Newtype(u8),
    Tuple(i16, String),
    Struct { wide: bool, high: Option<char> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    shapes: Vec<Shape>,
    by_name: HashMap<String, Row>,
    by_number: BTreeMap<i32, ()>,
    set: HashSet<u64>,
    numbers: (i8, i128, u128, f32, f64),
    unit: Unit,
    address: IpAddr,
    life: Duration,
    wrapped: Option<Box<Wrapped>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(Result<u8, String>);

#[test]
fn ordinary_values_survive_every_codec() {
    survives(&Everything {
        shapes: vec![
            Shape::Empty,
            Shape::Newtype(200),
            Shape::Tuple(-300, "käse".to_owned()),
            Shape::Struct { wide: true, high: Some('é') },
            Shape::Struct { wide: false, high: None },
        ],
        by_name: (0..50).map(|i| (i.to_string(), row())).collect(),
        by_number: [(-1, ()), (7, ())].into(),
        set: (0..50).collect(),
        numbers: (i8::MIN, i128::MIN, u128::MAX, 0.1, 1.000_000_000_000_000_2),
        unit: Unit,
        address: "::1".parse().unwrap(),
        life: Duration::new(5, 999_999_999),
        wrapped: Some(Box::new(Wrapped(Err("no".to_owned())))),
    });
    survives(&());
    survives(&Some(Shape::Empty));
    survives(&vec![Some(Shape::Newtype(1)), None]);
}

#[test]
fn some_of_nothing_is_refused_where_it_would_become_none() {
    let nested = Hazard::NestedNone;
    for &codec in Codec::ALL.iter().filter(|codec| codec.describes_itself()) {
        assert_eq!(survive(codec, &Some(None::<u8>)), hazard(nested, "the value itself"));
        assert_eq!(survive(codec, &Some(())), hazard(nested, "the value itself"));
        let deep = (vec![HashMap::from([("a", Ok::<_, u8>(Some(None::<u8>)))])],);
        let deep = encode(codec, &deep).map_err(|error| error.problem);
        assert_eq!(deep, hazard(nested, ".0[]{}::Ok"));
        survives_with(codec, &Some(Some(7)));
        survives_with(codec, &None::<Option<u8>>);
    }
    // MessagePack writes a unit struct as an empty array.
    survives_with(Codec::MessagePack, &Some(Unit));
    #[cfg(feature = "json")]
    assert_eq!(survive(Codec::Json, &Some(Unit)), hazard(nested, "the value itself"));
    #[cfg(feature = "bincode")]
    survives_with(Codec::Bincode, &Some(None::<u8>));
}

/// What is serialized but never read back, as in much code that shares its types with an API.
#[derive(Debug, Serialize, Deserialize)]
struct Account {
    #[serde(skip_deserializing)]
    id: u64,
    name: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Order {
    lines: Vec<Account>,
}

#[test]
fn a_field_that_is_not_read_back_is_named() {
    let order = |id| Order { lines: vec![Account { id, name: "x".to_owned() }] };
    let at = Problem::Changed { at: ".lines[].id".to_owned() };
    assert_eq!(survive(Codec::MessagePack, &order(7)), Err(at));
    // Where the value is the default one, nothing was lost.
    assert!(survive(Codec::MessagePack, &order(0)).is_ok());
    #[cfg(feature = "bincode")]
    assert!(survive(Codec::Bincode, &order(7)).is_err());
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Sparse {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    note: Option<u8>,
    first: u8,
    rest: Vec<u8>,
}

#[test]
fn a_skipped_field_never_shifts_the_next_one() {
    let full = Sparse { note: Some(1), first: 2, rest: vec![3] };
    survives(&full);
    let sparse = Sparse { note: None, first: 0, rest: vec![1, 2] };
    survives_with(Codec::MessagePack, &sparse);
    #[cfg(feature = "bincode")]
    {
        // Without a word the bytes of one value would be those of another.
        let plain = bincode::serde::encode_to_vec(&sparse, crate::codec::decode::BINCODE).unwrap();
        let other = Sparse { note: None, first: 2, rest: vec![2] };
        assert_eq!(decode::<Sparse>(Codec::Bincode, &plain), Ok(other));
        assert_eq!(survive(Codec::Bincode, &sparse), hazard(Hazard::SkippedField, ".note"));
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Number(i64),
    Text(String),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Person { name: String },
    Place { at: (f64, f64) },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    row: Row,
    #[serde(flatten)]
    more: BTreeMap<String, Either>,
}

#[test]
fn types_that_ask_what_comes_next_survive_msgpack_and_not_bincode() {
    let more = [("a".to_owned(), Either::Number(-1)), ("b".to_owned(), Either::Text("x".into()))];
    let tagged = vec![Tagged::Person { name: "x".into() }, Tagged::Place { at: (0.5, -1.0) }];
    let value = (Either::Number(1), tagged, vec![Either::Text(String::new())]);
    for &codec in Codec::ALL.iter().filter(|codec| codec.describes_itself()) {
        survives_with(codec, &value);
    }
    #[cfg(feature = "bincode")]
    {
        let refused = Err(Problem::NotSelfDescribing);
        assert_eq!(survive(Codec::Bincode, &Either::Number(1)), refused);
        // Not even where this value holds none.
        assert_eq!(survive(Codec::Bincode, &None::<Either>), refused);
    }
    // A flattened row has an `id` of its own: two fields of one name do not survive.
    let twice = Flat { id: 1, row: row(), more: BTreeMap::new() };
    assert!(survive(Codec::MessagePack, &twice).is_err());
    survives_with(Codec::MessagePack, &BTreeMap::from(more));
}

#[cfg(feature = "json")]
#[test]
fn json_values_survive_msgpack() {
    let value = serde_json::json!({
        "a": [1, -1, 1.5, u64::MAX, null, true, "text"], "b": { "c": {} }, "": [],
    });
    survives_with(Codec::MessagePack, &value);
    survives_with(Codec::Json, &value);
    // `Some(Null)` is what it looks like.
    let null = Some(serde_json::Value::Null);
    assert_eq!(survive(Codec::Json, &null), hazard(Hazard::NestedNone, "the value itself"));
}

#[cfg(feature = "json")]
#[test]
fn a_number_that_json_cannot_write_is_refused() {
    let nan = Hazard::NotANumber;
    assert_eq!(survive(Codec::Json, &f64::NAN), hazard(nan, "the value itself"));
    assert_eq!(survive(Codec::Json, &vec![(1, Some(f32::INFINITY))]), hazard(nan, "[].1"));
    survives_with(Codec::Json, &vec![f64::MAX, f64::MIN_POSITIVE, -0.0, 5e-324]);
}

#[test]
fn a_number_comes_back_with_all_its_bits() {
    for &codec in Codec::ALL.iter().filter(|codec| !codec.is_human_readable()) {
        assert!(survive(codec, &(f64::NAN, f32::NEG_INFINITY, -0.0_f64)).is_ok());
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Odd {
    #[serde(serialize_with = "refuse")]
    secret: String,
}

fn refuse<S: serde::Serializer>(secret: &str, _: S) -> Result<S::Ok, S::Error> {
    Err(serde::ser::Error::custom(secret))
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Quoting;

impl TryFrom<String> for Quoting {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Err(format!("{text} is not allowed"))
    }
}

#[test]
fn errors_never_say_what_the_value_is() {
    for &codec in Codec::ALL {
        let odd = Odd { secret: "hunter2".to_owned() };
        let error = encode(codec, &odd).unwrap_err().to_string();
        assert!(error.contains("Odd with the codec ") && !error.contains("hunter2"), "{error}");
        let bytes = encode(codec, &"hunter2").unwrap();
        for problem in [
            decode::<bool>(codec, &bytes).unwrap_err().problem,
            decode::<Shape>(codec, &bytes).unwrap_err().problem,
            decode::<Quoting>(codec, &bytes).unwrap_err().problem,
        ] {
            assert!(!problem.to_string().contains("hunter2"), "{problem}");
        }
    }
    let bytes = encode(Codec::MessagePack, &4711).unwrap();
    assert_eq!(
        decode::<char>(Codec::MessagePack, &bytes).unwrap_err().to_string(),
        "char with the codec msgpack: integer where a character is expected"
    );
    let bytes = encode(Codec::MessagePack, &BTreeMap::from([("id", 7)])).unwrap();
    assert_eq!(
        decode::<Row>(Codec::MessagePack, &bytes).unwrap_err().problem,
        Problem::Unfit("the field `name` is missing".to_owned())
    );
}

type Anything = Vec<(String, f64, Option<i64>, Result<u128, char>, BTreeMap<u16, Vec<u8>>)>;

fn anything() -> impl Strategy<Value = Anything> {
    let bytes = proptest::collection::vec(any::<u8>(), 0..4);
    let map = proptest::collection::btree_map(any::<u16>(), bytes, 0..4);
    let row =
        (any::<String>(), any::<f64>(), any::<Option<i64>>(), any::<Result<u128, char>>(), map);
    proptest::collection::vec(row, 0..4)
}

proptest! {
    #[test]
    fn any_text_and_number_survives_every_codec(value in anything()) {
        for &codec in Codec::ALL {
            let bytes = encode(codec, &value);
            if codec.is_human_readable() && value.iter().any(|row| !row.1.is_finite()) {
                prop_assert!(bytes.is_err());
                continue;
            }
            prop_assert_eq!(&decode::<Anything>(codec, &bytes.unwrap()).unwrap(), &value);
        }
    }
}
