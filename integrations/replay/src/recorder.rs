//! Keeping the cells of rows that pass.

use std::fmt;
use std::marker::PhantomData;

use sqlx::Row;

use crate::database::ReplayDatabase;
use crate::error::Unfit;
use crate::row_set::RowSet;

/// Keeps the raw cells of the rows of one result, without decoding them.
pub struct Recorder<DB> {
    columns: Vec<u8>,
    rows: Vec<u8>,
    count: u32,
    /// Where the driver keeps the columns: the rows of one statement share them.
    columns_at: usize,
    database: PhantomData<fn() -> DB>,
}

impl<DB: ReplayDatabase> Recorder<DB> {
    /// Nothing recorded yet.
    pub const fn new() -> Self {
        Self {
            columns: Vec::new(),
            rows: Vec::new(),
            count: 0,
            columns_at: 0,
            database: PhantomData,
        }
    }

    /// Records the next row of the result.
    ///
    /// # Errors
    ///
    /// The row cannot be replayed exactly; the recording is then good for nothing.
    pub fn push(&mut self, row: &DB::Row) -> Result<(), Unfit> {
        let columns_at = row.columns().as_ptr().addr();
        if self.count == 0 {
            DB::write_columns(row, &mut self.columns)?;
        } else if columns_at != self.columns_at {
            self.same_columns(row)?;
        }
        self.columns_at = columns_at;
        self.count = self.count.checked_add(1).ok_or(Unfit::TooLarge)?;
        DB::write_row(row, &mut self.rows)
    }

    /// A text of many statements gives rows of many kinds.
    fn same_columns(&self, row: &DB::Row) -> Result<(), Unfit> {
        let mut columns = Vec::with_capacity(self.columns.len());
        DB::write_columns(row, &mut columns)?;
        if columns == self.columns { Ok(()) } else { Err(Unfit::Columns) }
    }

    /// How many bytes are recorded.
    pub const fn len(&self) -> usize {
        self.columns.len() + self.rows.len()
    }

    /// Whether no row was recorded.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The rows recorded.
    ///
    /// # Errors
    ///
    /// They are too large for a row set.
    pub fn finish(self) -> Result<RowSet<DB>, Unfit> {
        RowSet::write(&self.columns, &self.rows, self.count)
    }
}

impl<DB: ReplayDatabase> Default for Recorder<DB> {
    fn default() -> Self {
        Self::new()
    }
}

impl<DB> fmt::Debug for Recorder<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("rows", &self.count).finish_non_exhaustive()
    }
}
