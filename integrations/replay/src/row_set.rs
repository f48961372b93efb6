//! The rows of one result as bytes.
//!
//! ```text
//! format u8 | database u8 | rows u32 | length of the columns u32 | columns | rows
//! ```
//!
//! Numbers are little-endian. What columns and rows are made of is the database's own.

use std::fmt;
use std::marker::PhantomData;

use bytes::{BufMut, Bytes, BytesMut};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::database::ReplayDatabase;
use crate::error::{Malformed, Unfit};

/// Raised with every change of the layout, of any database.
const FORMAT: u8 = 1;

const HEADER: usize = 10;

/// The rows of one result: columns and raw cells, as bytes that may be stored anywhere.
///
/// Cheap to clone. Serialized as one byte string, which is empty where there are no rows; what is
/// deserialized is checked as by [`read`](Self::read).
pub struct RowSet<DB> {
    bytes: Bytes,
    columns: u32,
    rows: u32,
    database: PhantomData<fn() -> DB>,
}

impl<DB: ReplayDatabase> RowSet<DB> {
    pub(crate) fn write(columns: &[u8], rows: &[u8], count: u32) -> Result<Self, Unfit> {
        let columns_len = u32::try_from(columns.len()).map_err(|_| Unfit::TooLarge)?;
        let mut bytes = BytesMut::with_capacity(HEADER + columns.len() + rows.len());
        bytes.put_u8(FORMAT);
        bytes.put_u8(DB::CODE);
        bytes.put_u32_le(count);
        bytes.put_u32_le(columns_len);
        bytes.put_slice(columns);
        bytes.put_slice(rows);
        let bytes = bytes.freeze();
        Ok(Self { bytes, columns: columns_len, rows: count, database: PhantomData })
    }

    /// The row set in these bytes, which may be anybody's.
    ///
    /// # Errors
    ///
    /// They are no row set of this database, from the first byte to the last.
    pub fn read(bytes: Bytes) -> Result<Self, Malformed> {
        let header = bytes.first_chunk::<HEADER>().ok_or(Malformed::Damaged)?;
        let [format, database, a, b, c, d, e, f, g, h] = *header;
        if format != FORMAT {
            return Err(Malformed::Format);
        }
        if database != DB::CODE {
            return Err(Malformed::Database);
        }
        let rows = u32::from_le_bytes([a, b, c, d]);
        let columns = u32::from_le_bytes([e, f, g, h]);
        let columns_len = usize::try_from(columns).map_err(|_| Malformed::Damaged)?;
        let count = usize::try_from(rows).map_err(|_| Malformed::Damaged)?;
        let (described, cells) =
            bytes[HEADER..].split_at_checked(columns_len).ok_or(Malformed::Damaged)?;
        if count == 0 {
            let nothing = described.is_empty() && cells.is_empty();
            nothing.then_some(()).ok_or(Malformed::Damaged)?;
        } else {
            DB::check(described, cells, count)?;
        }
        Ok(Self { bytes, columns, rows, database: PhantomData })
    }
}

impl<DB> RowSet<DB> {
    /// How many rows there are.
    pub const fn len(&self) -> usize {
        self.rows as usize
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// All of it, to be stored.
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The same rows so many times over; `None` if that is once, or too many for a row set.
    pub(crate) fn repeated(&self, times: usize) -> Option<Self> {
        let rows = self.rows.checked_mul(u32::try_from(times).ok()?)?;
        if self.is_empty() || times < 2 {
            return None;
        }
        let (head, cells) = self.bytes.split_at(HEADER + self.columns as usize);
        let mut bytes = BytesMut::with_capacity(head.len() + cells.len().checked_mul(times)?);
        bytes.put_slice(head);
        (0..times).for_each(|_| bytes.put_slice(cells));
        Some(Self { bytes: bytes.freeze(), rows, ..*self })
    }

    /// What describes the columns.
    pub(crate) fn columns(&self) -> Bytes {
        self.bytes.slice(HEADER..HEADER + self.columns as usize)
    }

    /// The cells, row by row, as this database has them in a row set.
    pub fn cells(&self) -> Bytes {
        self.bytes.slice(HEADER + self.columns as usize..)
    }
}

impl<DB> Clone for RowSet<DB> {
    fn clone(&self) -> Self {
        let (columns, rows, database) = (self.columns, self.rows, PhantomData);
        Self { bytes: self.bytes.clone(), columns, rows, database }
    }
}

impl<DB> fmt::Debug for RowSet<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes.len();
        f.debug_struct("RowSet").field("rows", &self.rows).field("bytes", &bytes).finish()
    }
}

impl<DB> Serialize for RowSet<DB> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(if self.is_empty() { &[] } else { &self.bytes })
    }
}

impl<'de, DB: ReplayDatabase> Deserialize<'de> for RowSet<DB> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(Whole(PhantomData))
    }
}

/// Reads a row set from the bytes that it was written as.
struct Whole<DB>(PhantomData<fn() -> DB>);

impl<DB: ReplayDatabase> Whole<DB> {
    fn read<E: serde::de::Error>(bytes: Bytes) -> Result<RowSet<DB>, E> {
        if bytes.is_empty() {
            return RowSet::write(&[], &[], 0).map_err(E::custom);
        }
        RowSet::read(bytes).map_err(E::custom)
    }
}

impl<'de, DB: ReplayDatabase> Visitor<'de> for Whole<DB> {
    type Value = RowSet<DB>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row set")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<RowSet<DB>, E> {
        Self::read(Bytes::copy_from_slice(bytes))
    }

    fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<RowSet<DB>, E> {
        Self::read(bytes.into())
    }

    /// For codecs that have no byte strings, such as JSON.
    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<RowSet<DB>, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = numbers.next_element()? {
            bytes.push(byte);
        }
        Self::read(bytes.into())
    }
}
