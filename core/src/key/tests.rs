//! The names of keys: for ever the same, and never the same for two keys.

use std::net::Ipv4Addr;

use super::{Digest, HashLong, Hashed, Key, KeyMangler, KeyPart, KeyWriter, Readable};
use crate::{millis, secs};

struct Own;

impl KeyPart for Own {
    fn write(&self, writer: &mut KeyWriter) {
        writer.part(200, &[1, 0xfe]);
    }
}

/// What is stored in a shared backend outlives the process and the version that stored it: a name
/// that changes makes every cache cold, and lets an old version miss what a new one invalidates.
/// Do not change a line of this; add lines.
#[test]
fn names_never_change() {
    let fingerprint = Key::fingerprint(Digest { lookup: 0xabc, check: 1 });
    let golden = [
        (Key::from("seven"), "seven"),
        (Key::from(""), ""),
        (Key::from("a:b #c%\u{e9}\n"), "a%3ab%20%23c%25%c3%a9%0a"),
        (Key::from(("user", 42)), "user:#42"),
        (Key::from(("user", -42_i8)), "user:#-42"),
        (Key::from(("user", 42_u64)), "user:#u42"),
        (Key::from(("page",)), "#(1:page"),
        (Key::from((("a", "b"), "c")), "#(2:a:b:c"),
        (Key::from(("a", ("b", "c"))), "a:#(2:b:c"),
        (Key::from(("", "")), ":"),
        (Key::from(["a", "b"]), "#[2:a:b"),
        (Key::from(Vec::<i32>::new()), "#[0"),
        (Key::from(None::<i32>), "#none"),
        (Key::from(("x", Some(5))), "x:#some:#5"),
        (Key::from((true, false)), "#true:#false"),
        (Key::from(('a', ':', '\u{e9}')), "#ca:#c%3a:#c%c3%a9"),
        (Key::from(b"\x00\xff"), "#b00ff"),
        (
            Key::from((1.5, -0.0, f64::NAN)),
            "#d3ff8000000000000:#d8000000000000000:#d7ff8000000000000",
        ),
        (Key::from(Ipv4Addr::LOCALHOST), "#a7f000001"),
        (Key::from(millis(1500)), "#D1500000000"),
        (Key::from(Own), "#xc801fe"),
        (fingerprint, "#q00000000000000000000000000000abc"),
    ];
    for (key, name) in &golden {
        assert_eq!(Readable.mangle(key), *name);
    }
}

#[test]
fn hashed_names_never_change() {
    let golden = [
        (Key::from("seven"), "#h7f5a9639d7431f675205924bcef92837"),
        (Key::from(("user", 42)), "#h06b3299891925829f96303dc18d2d401"),
        (Key::from(["a", "b"]), "#hd54a02fb1f362d6735d8050d8a71fb62"),
    ];
    for (key, name) in &golden {
        assert_eq!(Hashed.mangle(key), *name);
    }
    let long = Key::from("a name of more than ten bytes");
    assert_eq!(HashLong::new(Readable, 10).mangle(&long), "#h544da0e4b8904212ea902a2dfb295401");
    let digest = Key::from(("user", 42)).stable_digest();
    assert_eq!(digest.lookup, 0x06b3_2998_9192_5829_f963_03dc_18d2_d401);
    assert_eq!(digest.check, 0xb946_235e_b804_bdd6_13d7_eafb_6a97_681c);
}

#[test]
fn names_differ_where_keys_differ() {
    let keys = [
        Key::from("a"),
        Key::from(("a",)),
        Key::from(["a"]),
        Key::from(("a", "b")),
        Key::from(["a", "b"]),
        Key::from((("a", "b"), "c")),
        Key::from(("a", ("b", "c"))),
        Key::from(("a", "b", "c")),
        Key::from((("a", "b", "c"),)),
        Key::from("#5"),
        Key::from(5),
        Key::from(0),
        Key::from(None::<i32>),
        Key::from(Some(5)),
        Key::from((1, 5)),
        Key::from(("some", 5)),
        Key::from(Some(Some(5))),
        Key::from(5_u8),
        Key::from(5.0),
        Key::from(secs(5)),
        Key::from(""),
        Key::from(("", "")),
        Key::from(true),
        Key::from("true"),
        Key::from("#true"),
        Key::from(b"a"),
        Key::from('a'),
        Key::from("00000000000000000000000000000abc"),
        Key::fingerprint(Digest { lookup: 0xabc, check: 1 }),
    ];
    let names: Vec<_> = keys.iter().map(|key| Readable.mangle(key)).collect();
    for (i, name) in names.iter().enumerate() {
        assert!(!names[i + 1..].contains(name), "{name} stands for two keys");
    }
}

#[test]
fn long_names_become_hashes_of_one_length() {
    let mangler = HashLong::new(Readable, 10);
    assert_eq!(mangler.mangle(&Key::from("short")), "short");
    let long = mangler.mangle(&Key::from("a name of more than ten bytes"));
    assert_eq!(long.len(), 34);
    assert_ne!(long, mangler.mangle(&Key::from("another name of more than ten bytes")));
    assert_ne!(Readable.mangle(&Key::from(long.as_str())), long, "a key can name another's hash");
}

#[test]
fn a_fingerprint_is_its_own_stable_digest() {
    let digest = Digest { lookup: 7, check: 8 };
    assert_eq!(Key::fingerprint(digest).stable_digest(), digest);
}
