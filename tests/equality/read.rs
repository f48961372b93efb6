//! Reading all of a row, as everything.

use std::fmt::Debug;

use sqlx::{Column, ColumnIndex, Database, Decode, Row, Type, TypeInfo, ValueRef};

use crate::outcome::caught;

/// Reads a cell as one type.
pub(crate) type Reader<R> = fn(&R, usize) -> String;

/// All that a row tells, and what each reader makes of each of its cells.
pub(crate) fn dump<R>(row: &R, readers: &[Reader<R>]) -> String
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'n> &'n str: ColumnIndex<R>,
    <R::Database as Database>::TypeInfo: Debug,
{
    let mut told = vec![format!("{} columns", row.len())];
    for (at, column) in row.columns().iter().enumerate() {
        let (name, kind) = (column.name(), column.type_info());
        let by_name = row.try_column(name).map(Column::ordinal);
        let raw = row.try_get_raw(at).map(|value| {
            (
                value.is_null(),
                value.type_info().name().to_owned(),
                format!("{:?}", value.type_info()),
            )
        });
        told.push(format!(
            "\n{} {name:?} {by_name:?} {} {kind:?} {raw:?}",
            column.ordinal(),
            kind.name()
        ));
        told.extend(readers.iter().map(|read| read(row, at)));
    }
    told.push(format!("{:?}", row.try_get_raw("missing").map(drop)));
    told.push(format!("{:?}", row.try_get_raw(row.len()).map(drop)));
    told.join(" ")
}

/// Reads a cell by its place, and by its name as something that may be NULL.
pub(crate) fn cell<'r, R, T>(row: &'r R, at: usize) -> String
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'n> &'n str: ColumnIndex<R>,
    T: Decode<'r, R::Database> + Type<R::Database> + Debug,
{
    let name = row.column(at).name();
    let by_place = caught(|| format!("{:?}", row.try_get::<T, _>(at)));
    let by_name = caught(|| format!("{:?}", row.try_get::<Option<T>, _>(name)));
    format!("{by_place} {by_name}")
}

/// As [`cell`], and without regard to its type. Not for types that reserve memory for a length that
/// other bytes may be taken for.
pub(crate) fn any_cell<'r, R, T>(row: &'r R, at: usize) -> String
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'n> &'n str: ColumnIndex<R>,
    T: Decode<'r, R::Database> + Type<R::Database> + Debug,
{
    let unchecked = caught(|| format!("{:?}", row.try_get_unchecked::<Option<T>, _>(at)));
    format!("{} {unchecked}", cell::<R, T>(row, at))
}

/// Readers of a row type: of those types that any cell may be read as, and of those that only a cell
/// of their type may.
macro_rules! readers {
    ($row:ty; any: [$($any:ty),* $(,)?]; own: [$($own:ty),* $(,)?] $(;)?) => {
        &[
            $(|row: &$row, at| $crate::read::any_cell::<$row, $any>(row, at),)*
            $(|row: &$row, at| $crate::read::cell::<$row, $own>(row, at),)*
        ]
    };
}

pub(crate) use readers;
