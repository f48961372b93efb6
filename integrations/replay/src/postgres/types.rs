//! The types that the driver has to ask the server for: written down when rows are recorded, and
//! told to the driver when it asks the endpoint.
//!
//! ```text
//! number u32 | kind u8 | name | of the kind: nothing, number u32, labels, or names with number u32
//! ```
//!
//! Names and labels follow their length (u32), lists their count (u32). A type comes after the types
//! it is made of, once.

use sqlx::postgres::{PgTypeInfo, PgTypeKind};
use sqlx::{TypeInfo, postgres::types::Oid};

use super::reader::Reader;
use super::shape;
use crate::error::{Malformed, Unfit};

/// Types within types: more of them is no type that anybody would use.
const DEPTH: usize = 32;
/// At most so many types in a row set.
const MOST: usize = 1024;
/// A name or a label is no longer than that. PostgreSQL's have 63 bytes, two names one more.
const LONGEST: usize = 1024;
/// What the driver calls a type that it knows nothing of.
const UNRESOLVED: &str = "?";

/// A type that the driver has to be told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defined<'a> {
    pub(super) oid: u32,
    pub(super) name: &'a str,
    pub(super) kind: Kind<'a>,
    /// All of the definition, as it is written.
    pub(super) bytes: &'a [u8],
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'a> {
    Simple,
    Pseudo,
    Domain(u32),
    Array(u32),
    Range(u32),
    Enum(Labels<'a>),
    Composite(Attributes<'a>),
}

/// The labels of an enumeration, of which the structure was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Labels<'a>(&'a [u8]);

/// The attributes of a composite type, of which the structure was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes<'a>(&'a [u8]);

impl<'a> Labels<'a> {
    pub(super) fn iter(self) -> impl Iterator<Item = &'a str> {
        let mut left = Reader::new(self.0);
        std::iter::from_fn(move || left.text().ok())
    }
}

impl<'a> Attributes<'a> {
    pub(super) fn iter(self) -> impl Iterator<Item = (&'a str, u32)> {
        let mut left = Reader::new(self.0);
        std::iter::from_fn(move || Some((left.text().ok()?, left.u32().ok()?)))
    }
}

/// Writes a type and those that it is made of, unless they are there or the driver knows them.
pub(super) fn write(
    of: &PgTypeInfo,
    written: &mut Vec<u32>,
    out: &mut Vec<u8>,
) -> Result<u32, Unfit> {
    write_at(of, 0, written, out)
}

fn write_at(
    of: &PgTypeInfo,
    depth: usize,
    written: &mut Vec<u32>,
    out: &mut Vec<u8>,
) -> Result<u32, Unfit> {
    let Oid(oid) = number(of)?;
    if shape::known(oid).is_some() || written.contains(&oid) {
        return Ok(oid);
    }
    if depth == DEPTH || written.len() == MOST {
        return Err(Unfit::TooLarge);
    }
    let mut next = |part| write_at(part, depth + 1, written, out);
    match of.kind() {
        PgTypeKind::Domain(part) | PgTypeKind::Array(part) | PgTypeKind::Range(part) => {
            next(part)?;
        }
        PgTypeKind::Composite(attributes) => {
            for (_, part) in attributes.iter() {
                next(part)?;
            }
        }
        PgTypeKind::Simple | PgTypeKind::Pseudo | PgTypeKind::Enum(_) => {}
    }
    out.extend_from_slice(&oid.to_be_bytes());
    write_kind(of, out)?;
    written.push(oid);
    Ok(oid)
}

/// The number of a type that the driver knows all of.
fn number(of: &PgTypeInfo) -> Result<Oid, Unfit> {
    of.oid().filter(|_| of.name() != UNRESOLVED).ok_or(Unfit::Type)
}

fn write_kind(of: &PgTypeInfo, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let kind = of.kind();
    out.push(match kind {
        PgTypeKind::Simple => 0,
        PgTypeKind::Pseudo => 1,
        PgTypeKind::Domain(_) => 2,
        PgTypeKind::Array(_) => 3,
        PgTypeKind::Range(_) => 4,
        PgTypeKind::Enum(_) => 5,
        PgTypeKind::Composite(_) => 6,
    });
    write_text(of.name(), out)?;
    match kind {
        PgTypeKind::Simple | PgTypeKind::Pseudo => {}
        PgTypeKind::Domain(part) | PgTypeKind::Array(part) | PgTypeKind::Range(part) => {
            out.extend_from_slice(&number(part)?.0.to_be_bytes());
        }
        PgTypeKind::Enum(labels) => {
            write_len(labels.len(), out)?;
            for label in labels.iter() {
                write_text(label, out)?;
            }
        }
        PgTypeKind::Composite(attributes) => {
            write_len(attributes.len(), out)?;
            for (name, part) in attributes.iter() {
                sent_name(name).ok_or(Unfit::Type)?;
                write_text(name, out)?;
                out.extend_from_slice(&number(part)?.0.to_be_bytes());
            }
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
    if text.len() > LONGEST {
        return Err(Unfit::TooLarge);
    }
    write_len(text.len(), out)?;
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn write_len(len: usize, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let len = i32::try_from(len).map_err(|_| Unfit::TooLarge)?;
    out.extend_from_slice(&len.to_be_bytes());
    Ok(())
}

/// The name of an attribute as the server sends it. The driver takes each byte of it for a
/// character, so that what it gives out is not what was sent unless it is ASCII.
pub(super) fn sent_name(name: &str) -> Option<String> {
    let bytes = name.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>()?;
    String::from_utf8(bytes).ok()
}

/// The next type that is defined.
pub(super) fn read<'a>(from: &mut Reader<'a>) -> Result<Defined<'a>, Malformed> {
    let all = from.rest();
    let (oid, kind, name) = (from.u32()?, from.u8()?, short(from)?);
    let kind = match kind {
        0 => Kind::Simple,
        1 => Kind::Pseudo,
        2 => Kind::Domain(from.u32()?),
        3 => Kind::Array(from.u32()?),
        4 => Kind::Range(from.u32()?),
        5 => Kind::Enum(Labels(span(from, |left| short(left).map(|_| ()))?)),
        6 => Kind::Composite(Attributes(span(from, attribute)?)),
        _ => return Err(Malformed::Damaged),
    };
    let bytes = &all[..all.len() - from.left()];
    Ok(Defined { oid, name, kind, bytes })
}

fn short<'a>(left: &mut Reader<'a>) -> Result<&'a str, Malformed> {
    left.text().and_then(|text| (text.len() <= LONGEST).then_some(text).ok_or(Malformed::Damaged))
}

fn attribute(left: &mut Reader<'_>) -> Result<(), Malformed> {
    sent_name(short(left)?).ok_or(Malformed::Damaged)?;
    left.u32().map(|_| ())
}

/// A list that begins with its count.
fn span<'a>(
    from: &mut Reader<'a>,
    one: impl Fn(&mut Reader<'a>) -> Result<(), Malformed>,
) -> Result<&'a [u8], Malformed> {
    let count = from.count()?;
    let all = from.rest();
    for _ in 0..count {
        one(from)?;
    }
    Ok(&all[..all.len() - from.left()])
}

/// All types that are defined.
pub(super) fn all(defined: &[u8]) -> impl Iterator<Item = Result<Defined<'_>, Malformed>> {
    let mut left = Reader::new(defined);
    std::iter::from_fn(move || (!left.is_empty()).then(|| read(&mut left)))
}
