mod bombs;
mod survival;
mod trials;

use serde::{Deserialize, Serialize};

use super::Codec;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    id: u64,
    name: String,
    note: Option<String>,
}

fn row() -> Row {
    Row { id: 7, name: "seven".to_owned(), note: None }
}

#[test]
fn codecs_have_names_and_numbers_that_stay() {
    assert_eq!(Codec::default(), Codec::MessagePack);
    let expected = [(1, "msgpack"), (2, "bincode"), (3, "json")];
    for codec in Codec::ALL {
        assert!(expected.contains(&(codec.id(), codec.name())), "{codec}");
        assert_eq!(Codec::from_id(codec.id()), Some(*codec));
        assert_eq!(codec.to_string().parse::<Codec>().unwrap(), *codec);
    }
    assert_eq!(Codec::from_id(0), None);
    assert_eq!(Codec::from_id(4), None);
}

#[cfg(all(feature = "bincode", feature = "json"))]
#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    let error = "pickle".parse::<Codec>().unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "configuration: read codec: \"pickle\" is not one of msgpack, bincode, json"
    );
}

#[cfg(not(feature = "json"))]
#[test]
fn a_codec_that_was_left_out_is_answered_with_its_feature() {
    let error = "json".parse::<Codec>().unwrap_err().to_string();
    assert!(error.contains("needs the feature \"json\""), "{error}");
}
