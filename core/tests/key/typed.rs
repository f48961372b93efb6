//! Random typed keys out of random bytes, and what must hold for any set of them.
//!
//! Shared by the property test beside it and by the fuzz target `key`.

use std::collections::HashMap;
use std::time::Duration;

use dogpile::backend::Capabilities;
use dogpile::{HashLong, Hashed, Key, KeyMangler, KeyPart, KeyWriter, Prefix, Readable};

/// A value of one of the types that keys are made of. Few values of each, so that random keys are
/// often neighbours.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Typed {
    Text(String),
    Bytes(Vec<u8>),
    Signed(i64),
    Unsigned(u64),
    Float(u64),
    Bool(bool),
    Char(char),
    Span(Duration),
    Maybe(Option<Box<Self>>),
    List(Vec<Self>),
    One(Box<(Self,)>),
    Two(Box<(Self, Self)>),
    Three(Box<(Self, Self, Self)>),
}

impl KeyPart for Typed {
    fn write(&self, writer: &mut KeyWriter) {
        match self {
            Self::Text(text) => text.write(writer),
            Self::Bytes(bytes) => bytes.write(writer),
            Self::Signed(n) => n.write(writer),
            Self::Unsigned(n) => n.write(writer),
            Self::Float(bits) => f64::from_bits(*bits).write(writer),
            Self::Bool(b) => b.write(writer),
            Self::Char(c) => c.write(writer),
            Self::Span(duration) => duration.write(writer),
            Self::Maybe(part) => part.write(writer),
            Self::List(parts) => parts.write(writer),
            Self::One(parts) => parts.write(writer),
            Self::Two(parts) => parts.write(writer),
            Self::Three(parts) => parts.write(writer),
        }
    }
}

/// Reads keys until the bytes are used up.
pub(crate) fn keys(mut bytes: &[u8]) -> Vec<Typed> {
    let mut keys = Vec::new();
    while !bytes.is_empty() && keys.len() < 64 {
        keys.push(read(&mut bytes, 0));
    }
    keys
}

fn next(bytes: &mut &[u8]) -> u8 {
    bytes.split_off_first().copied().unwrap_or_default()
}

fn read(bytes: &mut &[u8], depth: usize) -> Typed {
    let kinds = if depth < 3 { 13 } else { 8 };
    let inner = |bytes: &mut &[u8]| read(bytes, depth + 1);
    match next(bytes) % kinds {
        0 => Typed::Text(text(bytes)),
        1 => Typed::Bytes(text(bytes).into_bytes()),
        2 => Typed::Signed([0, 1, -1, 2, 3, i64::MIN][usize::from(next(bytes)) % 6]),
        3 => Typed::Unsigned([0, 1, 2, 3, 16, u64::MAX][usize::from(next(bytes)) % 6]),
        4 => Typed::Float(
            [0.0, -0.0, 1.0, 2.0, f64::INFINITY][usize::from(next(bytes)) % 5].to_bits(),
        ),
        5 => Typed::Bool(next(bytes) & 1 == 1),
        6 => Typed::Char(character(bytes)),
        7 => Typed::Span(Duration::from_nanos(u64::from(next(bytes) % 4))),
        8 => Typed::Maybe((!next(bytes).is_multiple_of(3)).then(|| Box::new(inner(bytes)))),
        9 => Typed::List((0..next(bytes) % 4).map(|_| inner(bytes)).collect()),
        10 => Typed::One(Box::new((inner(bytes),))),
        11 => Typed::Two(Box::new((inner(bytes), inner(bytes)))),
        _ => Typed::Three(Box::new((inner(bytes), inner(bytes), inner(bytes)))),
    }
}

/// The characters that names are made of, and some that they may not hold.
const CHARACTERS: [char; 16] = [
    'a',
    '1',
    '0',
    '#',
    ':',
    '%',
    '(',
    '[',
    '-',
    ' ',
    '\n',
    '\0',
    '\u{7f}',
    '\u{e9}',
    '\u{10ffff}',
    'h',
];

fn character(bytes: &mut &[u8]) -> char {
    CHARACTERS[usize::from(next(bytes) % 16)]
}

fn text(bytes: &mut &[u8]) -> String {
    let length = next(bytes);
    // Now and then one that is longer than any limit.
    let repeated = if length == 255 { 300 } else { 1 };
    (0..length % 4).map(|_| character(bytes)).collect::<String>().repeat(repeated)
}

/// What must hold: two keys of one name are one key, and every name keeps to its limits.
pub(crate) fn check(keys: &[Typed]) {
    let mut digests = HashMap::new();
    let mut names = HashMap::new();
    for typed in keys {
        let key = Key::new(typed);
        let other = digests.entry(key.stable_digest()).or_insert(typed);
        assert_eq!(*other, typed, "two keys have the same canonical bytes");
        for (rule, name) in all_names(&key).into_iter().enumerate() {
            let other = names.entry((rule, name)).or_insert(typed);
            assert_eq!(*other, typed, "two keys have the same name");
        }
    }
}

fn all_names(key: &Key) -> [String; 6] {
    let readable = Readable.mangle(key);
    assert!(readable.bytes().all(|byte| byte.is_ascii_graphic()), "{readable}");
    let short = HashLong::new(Readable, 40).mangle(key);
    assert!(short.len() <= 40, "{short}");
    let hashed = Hashed.mangle(key);
    assert_eq!(hashed.len(), 34);
    let prefixed = Prefix::new("v2:", HashLong::new(Readable, 40)).mangle(key);
    assert!(prefixed.starts_with("v2:"));
    let raw = format!("shop:{}", String::from_utf8_lossy(key.canonical().unwrap_or_default()));
    // What a mangler of somebody else's may say: canonical bytes are not text, so the key's own
    // digest keeps two of them apart.
    let strict = Capabilities::new().max_name(60).any_name(false);
    let fitted = strict.fit(format!("{raw}{}", key.stable_digest()));
    assert!(fitted.len() <= 60 && fitted.bytes().all(|byte| byte.is_ascii_graphic()), "{fitted}");
    let fitted_again = strict.fit(fitted.clone());
    assert_eq!(fitted_again, fitted, "what fits is left alone");
    let mixed = strict.fit(format!("shop:{short}"));
    [readable, short, hashed, prefixed, fitted, mixed]
}
