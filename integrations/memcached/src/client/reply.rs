//! One reply, from untrusted bytes.

use bytes::{Buf, Bytes, BytesMut};

/// No line of a reply is longer than this, in bytes.
const LINE: usize = 512;
/// No memcached stores more than this under one key, in bytes: larger is no size.
const LARGEST: usize = 1 << 30;
/// Values shorter than this, in bytes, are copied out of the buffer, so that it can be used again.
const SHORT: usize = 16 * 1024;

/// What kind of request it was: each has answers of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Get,
    Set,
    Delete,
}

/// What is left of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    Item(Found),
    /// There is nothing of this name.
    Absent,
    Done,
    /// The condition does not hold.
    Unmet,
    TooLarge,
    /// The server could not do it.
    Refused,
}

/// An item that is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Found {
    /// `None` where it was not asked for, or is larger than what is taken.
    pub(super) value: Option<Bytes>,
    /// `None` where it was not asked for, or the server has none.
    pub(super) unique: Option<u64>,
    /// In seconds; `None` where it was not asked for, or has no end.
    pub(super) left: Option<u32>,
}

/// What came is no reply to what was asked: nothing that follows can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Violation;

/// Reads replies, one at a time.
#[derive(Debug)]
pub(super) struct Decoder {
    /// The largest value that is taken, in bytes.
    limit: usize,
    /// What is read and thrown away of a value that is larger.
    skipped: Option<Skipped>,
}

#[derive(Debug)]
struct Skipped {
    left: usize,
    found: Found,
}

enum Head {
    Short(Reply),
    Value { size: usize, found: Found },
}

impl Decoder {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, skipped: None }
    }

    /// Takes the reply to a request off `input`; `None` where more must be read first.
    pub(super) fn decode(
        &mut self,
        input: &mut BytesMut,
        asked: Asked,
        opaque: u32,
    ) -> Result<Option<Reply>, Violation> {
        if self.skipped.is_some() {
            return Ok(self.skip(input));
        }
        let Some(end) = end_of_line(input)? else { return Ok(None) };
        let line = input[..end].strip_suffix(b"\r").ok_or(Violation)?;
        match head(line, asked, opaque)? {
            Head::Short(reply) => {
                input.advance(end + 1);
                Ok(Some(reply))
            }
            Head::Value { size, found } if size > self.limit => {
                input.advance(end + 1);
                self.skipped = Some(Skipped { left: size + 2, found });
                Ok(self.skip(input))
            }
            Head::Value { size, found } => value(input, end + 1, size, found),
        }
    }

    fn skip(&mut self, input: &mut BytesMut) -> Option<Reply> {
        let mut skipped = self.skipped.take()?;
        let here = skipped.left.min(input.len());
        input.advance(here);
        skipped.left -= here;
        if skipped.left == 0 {
            return Some(Reply::Item(skipped.found));
        }
        self.skipped = Some(skipped);
        None
    }
}

/// Where the first line ends.
fn end_of_line(input: &[u8]) -> Result<Option<usize>, Violation> {
    let end = input.iter().take(LINE).position(|byte| *byte == b'\n');
    if end.is_none() && input.len() >= LINE { Err(Violation) } else { Ok(end) }
}

/// The value of `size` bytes that stands at `start`, if all of it is there.
fn value(
    input: &mut BytesMut,
    start: usize,
    size: usize,
    mut found: Found,
) -> Result<Option<Reply>, Violation> {
    let whole = start + size + 2;
    if input.len() < whole {
        // No more than the limit, whatever the server says.
        input.reserve(whole - input.len());
        return Ok(None);
    }
    if input[start + size..whole] != *b"\r\n" {
        return Err(Violation);
    }
    input.advance(start);
    found.value = Some(if size < SHORT {
        let value = Bytes::copy_from_slice(&input[..size]);
        input.advance(size);
        value
    } else {
        input.split_to(size).freeze()
    });
    input.advance(2);
    Ok(Some(Reply::Item(found)))
}

fn head(line: &[u8], asked: Asked, opaque: u32) -> Result<Head, Violation> {
    if line.starts_with(b"SERVER_ERROR ") {
        // The one kind of answer that does not repeat the token.
        let large = asked == Asked::Set && line == b"SERVER_ERROR object too large for cache";
        return Ok(Head::Short(if large { Reply::TooLarge } else { Reply::Refused }));
    }
    let mut words = line.split(|byte| *byte == b' ');
    let code = words.next().unwrap_or_default();
    let size = match code {
        b"VA" => Some(number(words.next().unwrap_or_default())?),
        _ => None,
    };
    let found = flags(words, opaque)?;
    match (asked, code, size) {
        (Asked::Get, b"VA", Some(size)) if size <= LARGEST => Ok(Head::Value { size, found }),
        (Asked::Get, b"HD", _) => Ok(Head::Short(Reply::Item(found))),
        (Asked::Get, b"EN", _) | (Asked::Set | Asked::Delete, b"NF", _) => {
            Ok(Head::Short(Reply::Absent))
        }
        (Asked::Set | Asked::Delete, b"HD", _) => Ok(Head::Short(Reply::Done)),
        (Asked::Set, b"NS", _) | (Asked::Set | Asked::Delete, b"EX", _) => {
            Ok(Head::Short(Reply::Unmet))
        }
        _ => Err(Violation),
    }
}

/// What the flags say; the token must be among them, once.
fn flags<'a>(words: impl Iterator<Item = &'a [u8]>, opaque: u32) -> Result<Found, Violation> {
    let (mut found, mut seen) = (Found::default(), false);
    for word in words {
        match word.split_first() {
            Some((b'O', token)) if !seen && number::<u32>(token)? == opaque => seen = true,
            Some((b'O', _)) => return Err(Violation),
            // A server without compare-and-swap says zero.
            Some((b'c', unique)) => found.unique = Some(number(unique)?).filter(|n| *n > 0),
            Some((b't', b"-1")) => found.left = None,
            Some((b't', left)) => found.left = Some(number(left)?),
            _ => {}
        }
    }
    if seen { Ok(found) } else { Err(Violation) }
}

/// Decimal digits and nothing else.
pub(super) fn number<N: std::str::FromStr>(digits: &[u8]) -> Result<N, Violation> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Violation);
    }
    str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).ok_or(Violation)
}
