use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::de::{DeserializeOwned, Deserializer};
use serde::{Deserialize, Serialize};

use super::TypePrint;
use super::trace::{Seen, trace};
use crate::codec::{Codec, Wire};

/// Types of one name, as they are in two releases of a program.
macro_rules! releases {
    ($($release:ident { $($kind:ident $name:ident $body:tt)* })*) => {$(
        mod $release {
            #![expect(dead_code, reason = "only their shape is looked at")]

            use serde::Deserialize;

            $(#[derive(Deserialize)] pub(super) $kind $name $body)*
        }
    )*};
}

/// What a type looks like, without its path: that would always differ here.
#[track_caller]
fn shape<T: DeserializeOwned>() -> [u8; 32] {
    let seen = [false, true].map(trace::<T>);
    let [Seen::Everything(shape), Seen::Everything(human)] = seen else {
        panic!("{}: {seen:?}", std::any::type_name::<T>());
    };
    let again = [false, true].map(trace::<T>);
    assert_eq!(again, [Seen::Everything(shape), Seen::Everything(human)]);
    shape
}

#[track_caller]
fn is_opaque<T: DeserializeOwned>(expected: Seen) {
    assert_eq!([false, true].map(trace::<T>), [expected.clone(), expected]);
}

releases! {
    base {
        struct Row { id: u32, name: String, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: String } }
    }
    same {
        struct Row { id: u32, name: String, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: String } }
    }
    renamed_field {
        struct Row { id: u32, title: String, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: String } }
    }
    added_field {
        struct Row { id: u32, name: String, inner: Vec<Option<Box<Inner>>>, state: State, more: () }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: String } }
    }
    reordered_fields {
        struct Row { name: String, id: u32, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: String } }
    }
    swapped_types {
        struct Row { id: String, name: u32, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: String } }
    }
    wider_integer {
        struct Row { id: u64, name: String, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: String } }
    }
    optional_field {
        struct Row { id: u32, name: Option<String>, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: String } }
    }
    nested_type {
        struct Row { id: u32, name: String, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: i16 }
        enum State { On, Off(u8), Other { why: String } }
    }
    nested_field {
        struct Row { id: u32, name: String, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16, #[serde(default)] more: bool }
        enum State { On, Off(u8), Other { why: String } }
    }
    nested_name {
        struct Row { id: u32, name: String, inner: Vec<Option<Box<Other>>>, state: State }
        struct Other { size: u16 }
        enum State { On, Off(u8), Other { why: String } }
    }
    no_option_inside {
        struct Row { id: u32, name: String, inner: Vec<Inner>, state: State }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: String } }
    }
    added_variant {
        struct Row { id: u32, name: String, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: String }, Unknown }
    }
    reordered_variants {
        struct Row { id: u32, name: String, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16 }
        enum State { Off(u8), On, Other { why: String } }
    }
    second_variants_content {
        struct Row { id: u32, name: String, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16 }
        enum State { On, Off(i8), Other { why: String } }
    }
    last_variants_content {
        struct Row { id: u32, name: String, inner: Vec<Option<Box<Inner>>>, state: State }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: Vec<String> } }
    }
    renamed_on_the_wire {
        struct Row {
            #[serde(rename = "ID")] id: u32,
            name: String, inner: Vec<Option<Box<Inner>>>, state: State,
        }
        struct Inner { size: u16 }
        enum State { On, Off(u8), Other { why: String } }
    }
}

#[test]
fn every_change_of_a_type_changes_its_print() {
    let mut shapes = BTreeMap::new();
    macro_rules! add {
        ($($release:ident)*) => {$(
            let other = shapes.insert(shape::<$release::Row>(), stringify!($release));
            if let Some(other) = other {
                panic!("{other} and {} look alike", stringify!($release));
            }
        )*};
    }
    add!(base renamed_field added_field reordered_fields swapped_types wider_integer optional_field
        nested_type nested_field nested_name no_option_inside added_variant reordered_variants
        second_variants_content last_variants_content renamed_on_the_wire);
    assert_eq!(shape::<base::Row>(), shape::<same::Row>());
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is looked at")]
struct List(u8, Option<Box<Self>>);

#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is looked at")]
enum Expression {
    Sum(Box<Self>, Box<Self>),
    Product(Vec<Self>),
    Call { name: String, arguments: HashMap<String, Self> },
    Negative(Box<Self>),
    Literal(Literal),
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is looked at")]
enum Literal {
    Number(f64),
    Text(String),
    Quoted(Box<Expression>),
    Nothing,
}

/// Neither variant ends without a container that is empty.
#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is looked at")]
enum Forest {
    One(Box<Self>),
    Many(Vec<Self>),
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is looked at")]
struct Endless(Box<Self>);

#[test]
fn recursive_types_end() {
    assert_ne!(shape::<List>(), shape::<Expression>());
    assert_ne!(shape::<Forest>(), shape::<Vec<Forest>>());
    is_opaque::<Endless>(Seen::TooLittle);
}

/// Each variant of each enum is met, however deep it hides.
#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is looked at")]
enum Outer<T> {
    A(u8),
    B(Vec<Middle<T>>),
    C,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is looked at")]
enum Middle<T> {
    A,
    B(Option<Innermost<T>>),
    C(HashMap<String, Innermost<T>>),
}

#[derive(Deserialize)]
enum Innermost<T> {
    A,
    B,
    C,
    D(T),
}

macro_rules! wide {
    ($($name:ident)*) => {$(
        #[derive(Deserialize)]
        enum $name<T> {
            A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P(T),
        }
    )*};
}

wide!(First Second Third);

#[test]
fn the_last_variant_of_the_innermost_enum_is_seen() {
    assert_ne!(shape::<Outer<u8>>(), shape::<Outer<u16>>());
    assert_ne!(shape::<Vec<(Outer<u8>, Outer<u8>)>>(), shape::<Vec<(Outer<u8>, Outer<u16>)>>());
}

#[test]
fn enums_inside_enums_do_not_multiply() {
    // 16 x 16 x 16 runs would be more than are made.
    assert_ne!(shape::<First<Second<Third<u8>>>>(), shape::<First<Second<Third<u16>>>>());
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is looked at")]
struct Aliased {
    #[serde(alias = "b", alias = "c")]
    a: u8,
    #[serde(default)]
    d: u16,
}

/// Reads itself by the names of its fields only, as code written by hand does.
struct ByName;

impl<'de> Deserialize<'de> for ByName {
    fn deserialize<D: Deserializer<'de>>(decoder: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = ByName;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("names")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<ByName, A::Error> {
                while let Some(name) = map.next_key::<String>()? {
                    assert_eq!(name, "only");
                    map.next_value::<NonZeroU16>()?;
                }
                Ok(ByName)
            }
        }
        decoder.deserialize_struct("ByName", &["only"], Visitor)
    }
}

macro_rules! parsed {
    ($($name:ident: $text:literal;)*) => {$(
        #[derive(Deserialize)]
        #[serde(try_from = "String")]
        struct $name;

        impl TryFrom<String> for $name {
            type Error = &'static str;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                if text.len() == $text.len() && text.contains($text) {
                    return Ok(Self);
                }
                Err("something else")
            }
        }
    )*};
}

parsed! {
    Time: "2000-01-01T00:00:00Z";
    Address: "a@example.com";
    Unheard: "something that nobody would invent";
}

/// Neither empty nor, as a list, refused for want of anything else.
struct NonEmpty<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for NonEmpty<T> {
    fn deserialize<D: Deserializer<'de>>(decoder: D) -> Result<Self, D::Error> {
        let first = Vec::<T>::deserialize(decoder)?.into_iter().next();
        first.map(Self).ok_or_else(|| serde::de::Error::custom("empty"))
    }
}

#[test]
fn types_that_refuse_the_first_invention_are_offered_others() {
    shape::<(NonZeroU16, Duration, SystemTime, Option<IpAddr>, Ipv4Addr, SocketAddr, PathBuf)>();
    shape::<(std::ffi::CString, char, [i128; 3], (), HashSet<bool>)>();
    shape::<Vec<(Time, Address, Option<Time>)>>();
    shape::<(NonEmpty<u8>, NonEmpty<u8>, NonEmpty<Time>)>();
    shape::<(ByName, Aliased)>();
    assert_ne!(shape::<Time>(), shape::<Address>());
}

#[test]
fn what_cannot_be_seen_is_opaque() {
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    struct Flat {
        #[serde(flatten)]
        row: Aliased,
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    enum Untagged {
        A(u8),
    }

    #[derive(Deserialize)]
    #[serde(tag = "kind")]
    #[expect(dead_code, reason = "only its shape is looked at")]
    enum Tagged {
        A { a: u8 },
    }

    #[derive(Deserialize)]
    #[serde(tag = "kind", content = "of")]
    #[expect(dead_code, reason = "only its shape is looked at")]
    enum Beside {
        A(u8),
    }

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    struct Forgiving<T: DeserializeOwned>(
        #[serde(deserialize_with = "or_nothing", bound = "")] Option<Box<T>>,
    );

    fn or_nothing<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
        decoder: D,
    ) -> Result<Option<T>, D::Error> {
        Ok(T::deserialize(decoder).ok())
    }

    is_opaque::<Flat>(Seen::AsksWhatComesNext);
    is_opaque::<Vec<Option<Untagged>>>(Seen::AsksWhatComesNext);
    is_opaque::<HashMap<String, Tagged>>(Seen::AsksWhatComesNext);
    is_opaque::<Beside>(Seen::AsksWhatComesNext);
    is_opaque::<serde::de::IgnoredAny>(Seen::AsksWhatComesNext);
    is_opaque::<Forgiving<Untagged>>(Seen::AsksWhatComesNext);
    is_opaque::<Forgiving<Unheard>>(Seen::TooLittle);
    is_opaque::<Unheard>(Seen::TooLittle);
    is_opaque::<Vec<(u8, Option<Unheard>)>>(Seen::TooLittle);
    is_opaque::<Panics>(Seen::TooLittle);
}

struct Panics;

impl<'de> Deserialize<'de> for Panics {
    fn deserialize<D: Deserializer<'de>>(decoder: D) -> Result<Self, D::Error> {
        assert_eq!(u8::deserialize(decoder)?, 200, "nobody else may write this");
        Ok(Self)
    }
}

#[test]
fn a_print_is_the_same_in_every_process() {
    type Simple = (u32, Option<String>, Vec<f64>);
    let print = TypePrint::of::<Simple>(Codec::MessagePack);
    assert_eq!(print, TypePrint(0x454b_8d3a_7561_a338_99c3_cdb2_ab1b_b7f3), "{:#034x}", print.0);
    assert_eq!(print, (Wire::<Simple>::new().print)(Codec::MessagePack));
}

#[test]
fn a_print_is_of_a_name_and_a_codec() {
    #[derive(Serialize, Deserialize)]
    struct Row(u8);
    mod other {
        #[derive(serde::Deserialize)]
        pub(super) struct Row(#[expect(dead_code, reason = "only its shape is looked at")] u8);
    }
    assert_eq!(shape::<Row>(), shape::<other::Row>());
    let prints: HashSet<TypePrint> = Codec::ALL
        .iter()
        .flat_map(|&codec| [TypePrint::of::<Row>(codec), TypePrint::of::<other::Row>(codec)])
        .collect();
    assert_eq!(prints.len(), 2 * Codec::ALL.len());
}

#[test]
fn the_print_of_an_opaque_type_is_that_of_the_build() {
    let print = |seen, build: &[u8; 32]| TypePrint::with("T", Codec::MessagePack, &seen, || *build);
    assert_ne!(print(Seen::TooLittle, &[1; 32]), print(Seen::TooLittle, &[2; 32]));
    assert_eq!(print(Seen::TooLittle, &[1; 32]), print(Seen::AsksWhatComesNext, &[1; 32]));
    let seen = || Seen::Everything([1; 32]);
    assert_eq!(print(seen(), &[1; 32]), print(seen(), &[2; 32]));
    assert_ne!(print(seen(), &[1; 32]), print(Seen::TooLittle, &[1; 32]));
}
