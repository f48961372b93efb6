//! Reading bytes that may be anybody's.

use crate::error::Malformed;

/// What is left to be read. Numbers are big-endian, as PostgreSQL sends them.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn left(&self) -> usize {
        self.0.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is left.
    pub(super) const fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(super) fn bytes(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (read, left) = self.0.split_at_checked(len).ok_or(Malformed::Damaged)?;
        self.0 = left;
        Ok(read)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (read, left) = self.0.split_first_chunk::<N>().ok_or(Malformed::Damaged)?;
        self.0 = left;
        Ok(*read)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn i16(&mut self) -> Result<i16, Malformed> {
        self.array().map(i16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32, Malformed> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Malformed> {
        self.array().map(i64::from_be_bytes)
    }

    /// A number of things or of bytes.
    pub(super) fn count(&mut self) -> Result<usize, Malformed> {
        usize::try_from(self.i32()?).map_err(|_| Malformed::Damaged)
    }

    /// What follows its length.
    pub(super) fn counted(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.count()?;
        self.bytes(len)
    }

    /// Text that follows its length.
    pub(super) fn text(&mut self) -> Result<&'a str, Malformed> {
        str::from_utf8(self.counted()?).map_err(|_| Malformed::Damaged)
    }

    /// Text up to a zero.
    pub(super) fn terminated(&mut self) -> Result<&'a str, Malformed> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or(Malformed::Damaged)?;
        let read = self.bytes(end)?;
        self.u8()?;
        str::from_utf8(read).map_err(|_| Malformed::Damaged)
    }

    /// A cell, or an element of one: its length and its bytes, or nothing.
    pub(super) fn cell(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        match self.i32()? {
            -1 => Ok(None),
            len => self.bytes(usize::try_from(len).map_err(|_| Malformed::Damaged)?).map(Some),
        }
    }

    /// Fails unless all is read.
    pub(super) fn end(&self) -> Result<(), Malformed> {
        self.is_empty().then_some(()).ok_or(Malformed::Damaged)
    }
}
