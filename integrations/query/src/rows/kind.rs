//! Values by which rows are told apart.

use dogpile::Sha256Hasher;

/// What a column of a key holds: only what is compared exactly.
///
/// A value that does not fit the kind of its column is not understood: nobody can say which row it
/// means, and the statement counts as one that may mean any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// Whole numbers between these two.
    Integer {
        /// The least one.
        least: i128,
        /// The greatest one.
        most: i128,
    },
    /// UUIDs.
    Uuid,
    /// Text that is compared byte by byte, whatever follows it in spaces.
    Text {
        /// How many characters a value may have.
        most: usize,
    },
    /// Bytes.
    Bytes {
        /// How many a value has at least.
        least: usize,
        /// How many a value has at most.
        most: usize,
    },
}

/// A value that a statement compares a key with, or gives to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyValue {
    /// A whole number of whatever width.
    Integer(i128),
    /// A UUID.
    Uuid([u8; 16]),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl KeyKind {
    /// Whole numbers of 64 bits with a sign.
    pub const INTEGER: Self = Self::Integer { least: i64::MIN as i128, most: i64::MAX as i128 };

    /// The one way in which all spellings of a value are written, or `None` if it does not fit.
    ///
    /// Text and bytes are hashed: they may be anything, and nobody's business.
    pub(super) fn write(&self, value: &KeyValue) -> Option<String> {
        match (self, value) {
            (Self::Integer { least, most }, KeyValue::Integer(number)) => {
                (least..=most).contains(&number).then(|| number.to_string())
            }
            (Self::Uuid, KeyValue::Uuid(bytes)) => Some(uuid(bytes)),
            (Self::Uuid, KeyValue::Text(text)) => read_uuid(text).map(|bytes| uuid(&bytes)),
            (Self::Text { most }, KeyValue::Text(text)) => {
                // Trailing spaces count in some comparisons, and not in others.
                let fits = !text.ends_with(' ') && text.chars().count() <= *most;
                fits.then(|| hashed(text.as_bytes()))
            }
            (Self::Bytes { least, most }, KeyValue::Bytes(bytes)) => {
                (least..=most).contains(&&bytes.len()).then(|| hashed(bytes))
            }
            _ => None,
        }
    }
}

fn hashed(bytes: &[u8]) -> String {
    format!("~{}", Sha256Hasher::digest(bytes))
}

fn uuid(bytes: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*bytes))
}

/// PostgreSQL takes braces, and hyphens in more places than others do.
fn read_uuid(text: &str) -> Option<[u8; 16]> {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let digits: String = inner.chars().filter(|c| *c != '-').collect();
    let is_hex = digits.len() == 32 && digits.chars().all(|c| c.is_ascii_hexdigit());
    let number = is_hex.then(|| u128::from_str_radix(&digits, 16).ok()).flatten()?;
    Some(number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::{KeyKind, KeyValue};

    const BYTE: KeyKind = KeyKind::Integer { least: -128, most: 127 };

    fn text(text: &str) -> KeyValue {
        KeyValue::Text(text.to_owned())
    }

    #[test]
    fn numbers_of_all_widths_are_written_alike() {
        assert_eq!(BYTE.write(&KeyValue::Integer(-7)).as_deref(), Some("-7"));
        assert_eq!(KeyKind::INTEGER.write(&KeyValue::Integer(7)).as_deref(), Some("7"));
    }

    #[test]
    fn what_does_not_fit_is_not_understood() {
        assert_eq!(BYTE.write(&KeyValue::Integer(128)), None);
        assert_eq!(BYTE.write(&text("7")), None);
        let short = KeyKind::Text { most: 3 };
        assert!(short.write(&text("äbc")).is_some());
        assert_eq!((short.write(&text("abcd")), short.write(&text("ab "))), (None, None));
        let two = KeyKind::Bytes { least: 2, most: 2 };
        assert!(two.write(&KeyValue::Bytes(vec![1, 2])).is_some());
        assert_eq!(two.write(&KeyValue::Bytes(vec![1])), None);
        assert_eq!(two.write(&text("ab")), None);
    }

    #[test]
    fn spellings_of_one_uuid_are_written_alike() {
        let plain = KeyKind::Uuid.write(&KeyValue::Uuid([0xa0; 16]));
        assert!(plain.is_some());
        for spelling in
            ["A0a0A0a0-a0a0-a0a0-a0a0-a0a0a0a0a0a0", &format!("{{{}}}", "a0".repeat(16))]
        {
            assert_eq!(KeyKind::Uuid.write(&text(spelling)), plain);
        }
        assert_eq!(KeyKind::Uuid.write(&text("+0a0A0a0-a0a0-a0a0-a0a0-a0a0a0a0a0a0")), None);
    }

    #[test]
    fn text_is_not_shown() {
        let written = KeyKind::Text { most: 100 }.write(&text("ann@example.org"));
        assert!(written.is_some_and(|written| !written.contains("ann")));
    }
}
