//! Checks that bytes are columns and rows: only those that a recording of what the driver makes of
//! them would write again.

use super::cells::{RESERVED, is_dated, nulls_len};
use super::kind::{Framing, Kind};
use super::{columns, message};
use crate::error::Malformed;

/// Checks columns, and exactly `count` rows.
pub(super) fn check(columns: &[u8], mut rows: &[u8], count: usize) -> Result<(), Malformed> {
    let kinds = columns::check(columns)?;
    for _ in 0..count {
        let row = message::open(&mut rows)?;
        is_row(&row, &kinds).then_some(()).ok_or(Malformed::Damaged)?;
    }
    if rows.is_empty() { Ok(()) } else { Err(Malformed::Damaged) }
}

fn is_row(row: &[u8], kinds: &[Kind]) -> bool {
    let cells =
        row.strip_prefix(&[0]).and_then(|rest| rest.split_at_checked(nulls_len(kinds.len())));
    let Some((nulls, mut rest)) = cells else {
        return false;
    };
    let is_null = |bit: usize| nulls[bit / 8] & 1 << (bit % 8) != 0;
    let end = RESERVED + kinds.len();
    let spare = (0..RESERVED).chain(end..nulls.len() * 8);
    spare.into_iter().all(|bit| !is_null(bit))
        && kinds.iter().enumerate().all(|(index, kind)| {
            is_null(index + RESERVED) || take_cell(&mut rest, kind.framing()).is_some()
        })
        && rest.is_empty()
}

fn take_cell(rest: &mut &[u8], framing: Framing) -> Option<()> {
    let length = match framing {
        Framing::Fixed(length) => length,
        Framing::Dated(_) => 1 + usize::from(*rest.first()?),
        Framing::Prefixed => message::take_number(rest)?,
        Framing::Nothing => return None,
    };
    let (cell, after) = rest.split_at_checked(length)?;
    *rest = after;
    match framing {
        Framing::Dated(lengths) => is_dated(cell, lengths).then_some(()),
        Framing::Fixed(_) | Framing::Prefixed | Framing::Nothing => Some(()),
    }
}
