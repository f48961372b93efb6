//! The answer to the driver's question for the types that it does not know.
//!
//! The driver asks the server's catalogue, with a statement of many lines and by a simple query, so
//! that the answer is text. Whatever it asks, it is told all types of the row set: those that it did
//! not ask for it knows next time.

use super::message;
use super::types::{self, Defined, Kind};
use crate::error::Malformed;

/// The columns of the answer, by the names the driver reads them by, and their types.
const COLUMNS: [(&str, u32); 11] = [
    ("oid", 26),
    ("pretty_name", 25),
    ("catalog_name", 19),
    ("original_name", 25),
    ("typtype", 18),
    ("typcategory", 18),
    ("typelem", 26),
    ("typbasetype", 26),
    ("rngsubtype", 26),
    ("enum_labels", 1009),
    ("record_attributes", 2287),
];

/// Writes the answer that tells these types.
pub(super) fn answer(defined: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    describe(out)?;
    for next in types::all(defined) {
        row(&next?, out)?;
    }
    out.extend_from_slice(message::COMPLETE);
    Ok(())
}

fn describe(out: &mut Vec<u8>) -> Result<(), Malformed> {
    const REST_OF_TEXT: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0];
    let begun = message::begin(b'T', out);
    out.extend_from_slice(&count(COLUMNS.len())?);
    for (name, oid) in COLUMNS {
        out.extend_from_slice(name.as_bytes());
        // The end of the name, and no table.
        out.extend_from_slice(&[0; 7]);
        out.extend_from_slice(&oid.to_be_bytes());
        out.extend_from_slice(&REST_OF_TEXT);
    }
    message::end(begun, out).ok_or(Malformed::Damaged)
}

fn row(of: &Defined<'_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let (kind, category) = letters(of.kind);
    let part = |found: Option<u32>| found.map(|oid| oid.to_string());
    let cells = [
        Some(of.oid.to_string()),
        Some(of.name.to_owned()),
        Some(of.name.to_owned()),
        None,
        Some(kind.to_owned()),
        Some(category.to_owned()),
        part(if let Kind::Array(element) = of.kind { Some(element) } else { None }),
        part(if let Kind::Domain(base) = of.kind { Some(base) } else { None }),
        part(if let Kind::Range(bound) = of.kind { Some(bound) } else { None }),
        Some(labels(of.kind)),
        Some(attributes(of.kind)?),
    ];
    let begun = message::begin(b'D', out);
    out.extend_from_slice(&count(cells.len())?);
    for cell in cells {
        let Some(cell) = cell else {
            out.extend_from_slice(&(-1_i32).to_be_bytes());
            continue;
        };
        let len = i32::try_from(cell.len()).map_err(|_| Malformed::Damaged)?;
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(cell.as_bytes());
    }
    message::end(begun, out).ok_or(Malformed::Damaged)
}

fn count(of: usize) -> Result<[u8; 2], Malformed> {
    u16::try_from(of).map(u16::to_be_bytes).map_err(|_| Malformed::Damaged)
}

/// What the catalogue says of a kind: its letter, and that of its category. Of the categories the
/// driver looks at nothing but whether it is that of the arrays.
const fn letters(of: Kind<'_>) -> (&'static str, &'static str) {
    match of {
        Kind::Simple => ("b", "U"),
        Kind::Pseudo => ("p", "P"),
        Kind::Domain(_) => ("d", "U"),
        Kind::Array(_) => ("b", "A"),
        Kind::Range(_) => ("r", "R"),
        Kind::Enum(_) => ("e", "E"),
        Kind::Composite(_) => ("c", "C"),
    }
}

fn labels(of: Kind<'_>) -> String {
    let mut list = List::new('{', '}');
    if let Kind::Enum(labels) = of {
        labels.iter().for_each(|label| list.push(label));
    }
    list.end()
}

fn attributes(of: Kind<'_>) -> Result<String, Malformed> {
    let mut list = List::new('{', '}');
    if let Kind::Composite(attributes) = of {
        for (name, oid) in attributes.iter() {
            let mut attribute = List::new('(', ')');
            attribute.push(&types::sent_name(name).ok_or(Malformed::Damaged)?);
            attribute.push(&oid.to_string());
            list.push(&attribute.end());
        }
    }
    Ok(list.end())
}

/// An array or a record as text, in the one of its many spellings that the driver reads without
/// mistake: a backslash before whatever could mean something.
struct List {
    text: String,
    close: char,
    is_empty: bool,
}

impl List {
    fn new(open: char, close: char) -> Self {
        Self { text: open.to_string(), close, is_empty: true }
    }

    fn push(&mut self, element: &str) {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.text.push(',');
        }
        if element.is_empty() {
            self.text.push_str("\"\"");
        }
        for character in element.chars() {
            if matches!(character, '"' | '\\' | ',') {
                self.text.push('\\');
            }
            self.text.push(character);
        }
    }

    fn end(mut self) -> String {
        self.text.push(self.close);
        self.text
    }
}
