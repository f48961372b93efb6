//! The statement that gives back what is bound to it.
//!
//! ```sql
//! SELECT c1 AS "id",c4 AS "name" FROM cells WHERE 0
//! UNION ALL SELECT * FROM (VALUES (?,?),(?,?)) LIMIT ?+0
//! ```

use super::columns;
use crate::error::Malformed;

/// At most so many cells at once: what a prepared statement takes up grows with them, and SQLite
/// may have been built to take no more than 32766.
const MOST_CELLS: usize = 2048;

/// How many cells a statement has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) columns: usize,
    /// Rows that there is room for.
    pub(super) room: usize,
}

impl Shape {
    /// A statement that gives so many rows, or as many of them as it can.
    ///
    /// There is one for each power of two, so that few of them are prepared; the limit leaves out
    /// the room that is not used.
    pub(super) fn of(columns: usize, rows: usize) -> Self {
        let most = MOST_CELLS.checked_div(columns).map_or(1, |most| most.max(1));
        let room = rows.checked_next_power_of_two().map_or(most, |room| room.min(most));
        Self { columns, room }
    }

    /// The text of the statement. The parameters `as_blobs`, in ascending order, become text.
    pub(super) fn sql(self, described: &[u8], as_blobs: &[usize]) -> Result<String, Malformed> {
        let names = described.len() + 8 * self.columns;
        let values = (2 * self.columns + 2) * self.room;
        let mut sql = String::with_capacity(80 + names + values);
        self.select(described, &mut sql)?;
        sql.push_str(" FROM cells WHERE 0 UNION ALL SELECT * FROM (VALUES ");
        self.values(as_blobs, &mut sql);
        // SQLite looks at the value of a parameter that is the whole limit, and plans the statement
        // anew whenever it is bound.
        sql.push_str(") LIMIT ?+0");
        Ok(sql)
    }

    fn select(self, mut described: &[u8], sql: &mut String) -> Result<(), Malformed> {
        columns::count(&mut described)?;
        for at in 0..self.columns {
            sql.push_str(if at == 0 { "SELECT " } else { "," });
            columns::next(&mut described)?.select(sql);
        }
        Ok(())
    }

    fn values(self, as_blobs: &[usize], sql: &mut String) {
        let mut as_blobs = as_blobs.iter().copied().peekable();
        for row in 0..self.room {
            sql.push_str(if row == 0 { "(" } else { ",(" });
            for column in 0..self.columns {
                sql.push_str(if column == 0 { "" } else { "," });
                let is_blob = as_blobs.next_if_eq(&(row * self.columns + column)).is_some();
                sql.push_str(if is_blob { "CAST(? AS TEXT)" } else { "?" });
            }
            sql.push(')');
        }
    }
}
