//! The types of the protocol.

/// A type of the protocol that the driver knows: how the cells of a column are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind(u8);

/// How the cells of a kind are framed in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes, always.
    Fixed(usize),
    /// A byte that says how many follow; the driver gives it out as a part of the cell. Only these
    /// numbers have a meaning, and at others the decoders of the driver panic.
    Dated(&'static [u8]),
    /// A number in front of the cell says how long it is.
    Prefixed,
    /// No cell but NULL.
    Nothing,
}

/// The driver's names of the types and what they are on the wire.
const NAMES: [(&str, u8); 27] = [
    ("Decimal", 0x00),
    ("Tiny", 0x01),
    ("Short", 0x02),
    ("Long", 0x03),
    ("Float", 0x04),
    ("Double", 0x05),
    ("Null", 0x06),
    ("Timestamp", 0x07),
    ("LongLong", 0x08),
    ("Int24", 0x09),
    ("Date", 0x0a),
    ("Time", 0x0b),
    ("Datetime", 0x0c),
    ("Year", 0x0d),
    ("VarChar", 0x0f),
    ("Bit", 0x10),
    ("Json", 0xf5),
    ("NewDecimal", 0xf6),
    ("Enum", 0xf7),
    ("Set", 0xf8),
    ("TinyBlob", 0xf9),
    ("MediumBlob", 0xfa),
    ("LongBlob", 0xfb),
    ("Blob", 0xfc),
    ("VarString", 0xfd),
    ("String", 0xfe),
    ("Geometry", 0xff),
];

impl Kind {
    /// The kind that the driver calls so.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, id)| Self(*id))
    }

    /// The kind of that number.
    pub(super) fn numbered(id: u8) -> Option<Self> {
        NAMES.iter().any(|(_, known)| *known == id).then_some(Self(id))
    }

    pub(super) const fn number(self) -> u8 {
        self.0
    }

    pub(super) const fn framing(self) -> Framing {
        match self.0 {
            0x01 => Framing::Fixed(1),
            0x02 | 0x0d => Framing::Fixed(2),
            0x03 | 0x04 | 0x09 => Framing::Fixed(4),
            0x05 | 0x08 => Framing::Fixed(8),
            0x06 => Framing::Nothing,
            0x07 | 0x0a | 0x0c => Framing::Dated(&[0, 4, 7, 11]),
            0x0b => Framing::Dated(&[0, 8, 12]),
            _ => Framing::Prefixed,
        }
    }
}
