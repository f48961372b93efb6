//! Stored cells as parameters.

use std::sync::Arc;

use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Error};

use super::cells::{self, Cell};
use super::statement::Shape;
use crate::error::ReplayError;

/// The parameters of one statement.
pub(super) struct Bound {
    pub(super) arguments: SqliteArguments,
    /// Which of them are text that a parameter cannot be, as it is not UTF-8: they are bound as
    /// blobs. In ascending order.
    pub(super) as_blobs: Vec<usize>,
}

/// Takes so many rows off the cells.
pub(super) fn bind(cells: &mut &[u8], shape: Shape, rows: usize) -> Result<Bound, ReplayError> {
    let mut bound = Bound { arguments: SqliteArguments::default(), as_blobs: Vec::new() };
    let taken = shape.columns * rows;
    let all = shape.columns * shape.room;
    bound.arguments.reserve(all + 1, 0);
    let failed = |error: BoxDynError| ReplayError::Driver(Error::Encode(error));
    for at in 0..taken {
        let cell = cells::next(cells).map_err(|damaged| failed(damaged.into()))?;
        bound.add(at, cell).map_err(failed)?;
    }
    for _ in taken..all {
        bound.arguments.add(None::<i64>).map_err(failed)?;
    }
    let limit = i64::try_from(rows).map_err(|error| failed(error.into()))?;
    bound.arguments.add(limit).map_err(failed)?;
    Ok(bound)
}

impl Bound {
    fn add(&mut self, at: usize, cell: Cell<'_>) -> Result<(), BoxDynError> {
        match cell {
            Cell::Null => self.arguments.add(None::<i64>),
            Cell::Integer(value) => self.arguments.add(value),
            Cell::Real(value) => self.arguments.add(value),
            Cell::Blob(bytes) => self.arguments.add(bytes.to_vec()),
            Cell::Text(bytes) => {
                if let Ok(text) = str::from_utf8(bytes) {
                    return self.arguments.add(Arc::<str>::from(text));
                }
                self.as_blobs.push(at);
                self.arguments.add(bytes.to_vec())
            }
        }
    }
}
