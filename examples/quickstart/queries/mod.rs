//! The 22 queries of TPC-H: their SQL with the standard's validation parameters, and their rows.
//!
//! The SQL is the standard's, but for SQLite's dialect: `date(x, '+1 year')` for intervals,
//! `strftime` for `extract`, `limit` for "return the first rows", a CTE for the view of Q15, and
//! the bounds of Q6 worked out, since SQLite has no decimals and its 0.06 + 0.01 is less than 0.07.

mod market;
mod orders;
mod revenue;
mod supply;

use std::fmt::Debug;

use sqlx::FromRow;
use sqlx::sqlite::SqliteRow;

pub(crate) use market::{Q7, Q8, Q9, Q13, Q22};
pub(crate) use orders::{Q3, Q4, Q10, Q12, Q18};
pub(crate) use revenue::{Q1, Q5, Q6, Q14, Q17, Q19};
pub(crate) use supply::{Q2, Q11, Q15, Q16, Q20, Q21};

/// A row that can be read, shared and compared.
pub(crate) trait Row:
    for<'r> FromRow<'r, SqliteRow> + Clone + Debug + PartialEq + Send + Sync + Unpin + 'static
{
}

impl<T> Row for T where
    T: for<'r> FromRow<'r, SqliteRow> + Clone + Debug + PartialEq + Send + Sync + Unpin + 'static
{
}

/// One of the queries, named by the type of its rows.
pub(crate) trait Query: Row {
    const NAME: &'static str;
    const SQL: &'static str;
}

/// Ties a row type to the SQL that yields it.
macro_rules! queries {
    ($($row:ident $file:literal),+ $(,)?) => {
        $(impl $crate::queries::Query for $row {
            const NAME: &'static str = stringify!($row);
            const SQL: &'static str = include_str!(concat!("sql/", $file));
        })+
    };
}
use queries;
