//! From bytes that may be anybody's to an entry.

use super::{CHECKSUM, Envelope, FIXED, FLAGS, Limits, MAGIC, Rejected, VERSION, Versions};
use crate::backend::TagVersion;
use crate::codec::Codec;
use crate::value::TypePrint;

impl<'a> Envelope<'a> {
    /// The entry that `bytes` are, all of them.
    ///
    /// Allocates at most two lists, as long as `limits` allow and the bytes can fill. Nothing is
    /// taken from the bytes before their checksum was compared.
    ///
    /// # Errors
    ///
    /// They are not one that may be served.
    pub(crate) fn read(bytes: &'a [u8], limits: Limits) -> Result<Self, Rejected> {
        let mut rest = Reader(checked(bytes, limits)?);
        let [codec] = rest.array()?;
        let envelope = Self {
            codec: Codec::from_id(codec).ok_or(Rejected::OtherVersion)?,
            print: TypePrint(u128::from_le_bytes(rest.array()?)),
            check: u128::from_le_bytes(rest.array()?),
            created: rest.number()?,
            fresh_for: rest.number()?,
            created_in: rest.number()?,
            tags: rest.tags(limits)?,
            versions: rest.versions(limits)?,
            payload: rest.counted(limits.payload)?,
        };
        if rest.0.is_empty() { Ok(envelope) } else { Err(Rejected::Damaged) }
    }
}

/// What is between flags and checksum, if the one is ours and the other right.
fn checked(bytes: &[u8], limits: Limits) -> Result<&[u8], Rejected> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(Rejected::NotAnEntry)?;
    let (&[version, flags], _) = rest.split_first_chunk().ok_or(Rejected::Damaged)?;
    if (version, flags) != (VERSION, FLAGS) {
        return Err(Rejected::OtherVersion);
    }
    if bytes.len() > limits.longest() {
        return Err(Rejected::TooLarge);
    }
    let (content, checksum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(Rejected::Damaged)?;
    if crc32fast::hash(content) != u32::from_le_bytes(*checksum) {
        return Err(Rejected::Damaged);
    }
    content.get(MAGIC.len() + 2..).ok_or(Rejected::Damaged)
}

impl Limits {
    /// The longest entry within these limits, in bytes.
    const fn longest(self) -> usize {
        const NUMBER: usize = 10;
        let tag = self.tag_name.saturating_add(NUMBER);
        let tags = self.tags.saturating_mul(tag);
        let versions = self.versions.saturating_mul(size_of::<u128>());
        let fixed = FIXED + 6 * NUMBER + CHECKSUM;
        self.payload.saturating_add(tags).saturating_add(versions).saturating_add(fixed)
    }
}

/// What has not been read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Rejected> {
        let (array, rest) = self.0.split_first_chunk().ok_or(Rejected::Damaged)?;
        self.0 = rest;
        Ok(*array)
    }

    fn number(&mut self) -> Result<u64, Rejected> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            let bits = u64::from(byte & 0x7f);
            let shifted = bits << shift;
            if shifted >> shift != bits {
                return Err(Rejected::Damaged);
            }
            number |= shifted;
            if byte & 0x80 == 0 {
                // A last byte of nothing is not the shortest form.
                let shortest = byte != 0 || shift == 0;
                return if shortest { Ok(number) } else { Err(Rejected::Damaged) };
            }
        }
        Err(Rejected::Damaged)
    }

    /// A number of things, of each of which there are at least `bytes` to come.
    fn count(&mut self, limit: usize, bytes: usize) -> Result<usize, Rejected> {
        let count = self.number()?;
        let count = usize::try_from(count).map_err(|_| Rejected::TooLarge)?;
        if count > limit {
            return Err(Rejected::TooLarge);
        }
        if count > self.0.len() / bytes {
            return Err(Rejected::Damaged);
        }
        Ok(count)
    }

    fn counted(&mut self, limit: usize) -> Result<&'a [u8], Rejected> {
        let len = self.count(limit, 1)?;
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(Rejected::Damaged)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn tags(&mut self, limits: Limits) -> Result<Vec<&'a str>, Rejected> {
        let count = self.count(limits.tags, 1)?;
        let mut tags = Vec::with_capacity(count);
        for _ in 0..count {
            let name = self.counted(limits.tag_name)?;
            tags.push(str::from_utf8(name).map_err(|_| Rejected::Damaged)?);
        }
        Ok(tags)
    }

    fn versions(&mut self, limits: Limits) -> Result<Versions, Rejected> {
        let count = self.count(limits.versions, size_of::<u128>())?;
        let mut versions = Versions::with_capacity(count);
        for _ in 0..count {
            versions.push(TagVersion(u128::from_le_bytes(self.array()?)));
        }
        Ok(versions)
    }
}
