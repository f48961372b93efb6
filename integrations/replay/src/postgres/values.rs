//! Values that hold no others.

use super::reader::Reader;
use super::shape::Shape;
use crate::error::Malformed;

/// The days and the microseconds from 2000 on that PostgreSQL has; beside them the infinities.
const DAYS: std::ops::RangeInclusive<i32> = -2_451_545..=2_145_031_948;
const INSTANTS: std::ops::Range<i64> = -211_813_488_000_000_000..9_223_371_331_200_000_000;
/// Microseconds: 24:00 is a time as well.
const TIMES: std::ops::RangeInclusive<i64> = 0..=86_400_000_000;
/// Seconds, less than 16 hours.
const ZONES: std::ops::RangeInclusive<i32> = -57_599..=57_599;

/// Checks a value.
pub(super) fn check(shape: Shape, value: &[u8]) -> Result<(), Malformed> {
    let mut left = Reader::new(value);
    let fine = match shape {
        Shape::Any => return Ok(()),
        Shape::Fixed(len) => left.bytes(len).is_ok(),
        Shape::Versioned => return is(left.u8()? == 1),
        Shape::LQuery => return is(left.u8()? == 1 && left.rest().split(|b| *b == b'.').all(level)),
        Shape::Date => date(left.i32()?),
        Shape::Time => TIMES.contains(&left.i64()?),
        Shape::TimeTz => TIMES.contains(&left.i64()?) && ZONES.contains(&left.i32()?),
        Shape::Timestamp => timestamp(left.i64()?),
        Shape::Numeric => numeric(&mut left)?,
        Shape::Bits => {
            let bits = left.count()?;
            left.bytes(bits.div_ceil(8)).is_ok()
        }
        Shape::Network => network(&mut left)?,
        Shape::Path => {
            left.u8()?;
            points(&mut left)?
        }
        Shape::Polygon => points(&mut left)?,
        // These hold others.
        Shape::Array(_) | Shape::Range(_) | Shape::Record => false,
    };
    is(fine && left.is_empty())
}

fn is(fine: bool) -> Result<(), Malformed> {
    fine.then_some(()).ok_or(Malformed::Damaged)
}

fn date(days: i32) -> bool {
    DAYS.contains(&days) || [i32::MIN, i32::MAX].contains(&days)
}

fn timestamp(instant: i64) -> bool {
    INSTANTS.contains(&instant) || [i64::MIN, i64::MAX].contains(&instant)
}

/// A star stands for itself or has a number of levels in braces.
fn level(level: &[u8]) -> bool {
    matches!(level, [] | [b'*'] | [b'*', b'{', .., b'}']) || level[0] != b'*'
}

fn numeric(left: &mut Reader<'_>) -> Result<bool, Malformed> {
    let digits = left.u16()?;
    let (_weight, _sign, _scale) = (left.i16()?, left.u16()?, left.i16()?);
    for _ in 0..digits {
        if !(0..10_000).contains(&left.i16()?) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn network(left: &mut Reader<'_>) -> Result<bool, Malformed> {
    let [family, bits, _is_cidr, len] = left.array()?;
    let fine = matches!((family, bits, len), (2, 0..=32, 4) | (3, 0..=128, 16));
    Ok(fine && left.bytes(usize::from(len)).is_ok())
}

fn points(left: &mut Reader<'_>) -> Result<bool, Malformed> {
    let count = left.count()?;
    Ok(count.checked_mul(16).is_some_and(|len| left.bytes(len).is_ok()))
}
