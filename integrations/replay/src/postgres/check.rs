//! Whether bytes are what a recording could have written.
//!
//! The decoders of the driver trust the server: many of them panic on a cell that is too short, or
//! reserve memory for as many elements as it says. So each cell is checked here as far as the type
//! of its column is known, and the column is not believed more than the driver believes it.

use std::collections::HashMap;

use super::columns;
use super::message;
use super::reader::Reader;
use super::shape::{self, Shape};
use super::types::{self, Attributes, Defined, Kind};
use super::values;
use crate::error::Malformed;

/// Values within values. The check calls itself for each.
const DEPTH: usize = 64;
/// PostgreSQL's own limit.
const DIMENSIONS: usize = 6;

/// Checks all columns and exactly `count` rows.
pub(super) fn check(described: &[u8], rows: &[u8], count: usize) -> Result<(), Malformed> {
    let (oids, defined) = columns::read(described)?;
    let types = Types::read(defined)?;
    let forms = oids.iter().map(|oid| types.form(*oid)).collect::<Result<Vec<_>, _>>()?;
    let mut left = Reader::new(rows);
    for _ in 0..count {
        row(message::read(b'D', &mut left)?, &forms, &types)?;
    }
    left.end()
}

fn row(mut row: Reader<'_>, forms: &[Form<'_>], types: &Types<'_>) -> Result<(), Malformed> {
    if usize::from(row.u16()?) != forms.len() {
        return Err(Malformed::Damaged);
    }
    for form in forms {
        if let Some(cell) = row.cell()? {
            types.value(*form, cell, DEPTH)?;
        }
    }
    row.end()
}

/// How the values of a type are built.
#[derive(Clone, Copy)]
enum Form<'a> {
    Of(Shape),
    Composite(Attributes<'a>),
}

/// The types that a row set defines, by number.
struct Types<'a>(HashMap<u32, Form<'a>>);

impl<'a> Types<'a> {
    fn read(defined: &'a [u8]) -> Result<Self, Malformed> {
        let mut all = Self(HashMap::new());
        for next in types::all(defined) {
            let next = next?;
            let form = all.defined(&next)?;
            if shape::known(next.oid).is_some() || all.0.insert(next.oid, form).is_some() {
                return Err(Malformed::Damaged);
            }
        }
        Ok(all)
    }

    /// What is made of types that were not defined before is made of itself, or of nothing.
    fn defined(&self, of: &Defined<'a>) -> Result<Form<'a>, Malformed> {
        let form = match of.kind {
            Kind::Simple | Kind::Pseudo | Kind::Enum(_) => Form::Of(Shape::Any),
            Kind::Domain(part) => self.form(part)?,
            Kind::Array(part) => self.form(part).map(|_| Form::Of(Shape::Array(part)))?,
            Kind::Range(part) => self.form(part).map(|_| Form::Of(Shape::Range(part)))?,
            Kind::Composite(attributes) => {
                for (_, part) in attributes.iter() {
                    self.form(part)?;
                }
                Form::Composite(attributes)
            }
        };
        // The driver matches types that it has no number of by their names.
        if of.name.ends_with("[]") && !matches!(of.kind, Kind::Array(_)) {
            return Err(Malformed::Damaged);
        }
        Ok(shape::named(of.name).map_or(form, Form::Of))
    }

    fn form(&self, oid: u32) -> Result<Form<'a>, Malformed> {
        match shape::known(oid) {
            Some(shape) => Ok(Form::Of(shape)),
            None => self.0.get(&oid).copied().ok_or(Malformed::Damaged),
        }
    }

    /// Checks a value that may hold others, down to so many levels.
    fn value(&self, form: Form<'a>, value: &[u8], depth: usize) -> Result<(), Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed::Damaged)?;
        let mut left = Reader::new(value);
        match form {
            Form::Of(Shape::Array(element)) => self.array(element, &mut left, depth)?,
            Form::Of(Shape::Range(bound)) => self.range(bound, &mut left, depth)?,
            Form::Of(Shape::Record) => self.record(None, &mut left, depth)?,
            Form::Composite(attributes) => self.record(Some(attributes), &mut left, depth)?,
            Form::Of(plain) => return values::check(plain, value),
        }
        left.end()
    }

    fn part(&self, form: Form<'a>, left: &mut Reader<'_>, depth: usize) -> Result<(), Malformed> {
        left.cell()?.map_or(Ok(()), |value| self.value(form, value, depth))
    }

    fn array(&self, of: u32, left: &mut Reader<'_>, depth: usize) -> Result<(), Malformed> {
        let dimensions = left.count()?;
        let _has_nulls = left.u32()?;
        let element = left.u32()?;
        if dimensions > DIMENSIONS || element != of {
            return Err(Malformed::Damaged);
        }
        let mut count = usize::from(dimensions > 0);
        for _ in 0..dimensions {
            let (len, _first) = (left.count()?, left.i32()?);
            count = count.checked_mul(len).ok_or(Malformed::Damaged)?;
        }
        let form = self.form(element)?;
        for _ in 0..count {
            self.part(form, left, depth)?;
        }
        Ok(())
    }

    fn range(&self, of: u32, left: &mut Reader<'_>, depth: usize) -> Result<(), Malformed> {
        const EMPTY: u8 = 0x01;
        const UNBOUNDED: [u8; 2] = [0x08, 0x10];
        let (flags, form) = (left.u8()?, self.form(of)?);
        for unbounded in UNBOUNDED {
            if flags & (EMPTY | unbounded) == 0 {
                self.part(form, left, depth)?;
            }
        }
        Ok(())
    }

    /// A record, of these attributes if they are known.
    fn record(
        &self,
        of: Option<Attributes<'a>>,
        left: &mut Reader<'_>,
        depth: usize,
    ) -> Result<(), Malformed> {
        let count = left.count()?;
        let mut attributes = of.map(Attributes::iter);
        for _ in 0..count {
            let oid = left.u32()?;
            let form = match &mut attributes {
                None => self.form(oid).unwrap_or(Form::Of(Shape::Any)),
                Some(attributes) => match attributes.next() {
                    Some((_, attribute)) if attribute == oid => self.form(oid)?,
                    _ => return Err(Malformed::Damaged),
                },
            };
            self.part(form, left, depth)?;
        }
        attributes
            .is_none_or(|mut all| all.next().is_none())
            .then_some(())
            .ok_or(Malformed::Damaged)
    }
}
