//! Takes what arguments print into a digest.
//!
//! They print in many pieces of few bytes, and each piece costs a digest about as much as a line.

use std::fmt::{self, Write};

use dogpile::DigestHasher;

/// Arguments that print more are taken in several lines.
const LINE: usize = 256;

/// Writes what `value` prints.
pub(crate) fn digest(value: &impl fmt::Debug, hasher: &mut DigestHasher) -> fmt::Result {
    let mut line = Line { hasher, bytes: [0; LINE], length: 0 };
    write!(line, "{value:?}")?;
    line.end();
    Ok(())
}

struct Line<'h> {
    hasher: &'h mut DigestHasher,
    bytes: [u8; LINE],
    length: usize,
}

impl Line<'_> {
    fn end(&mut self) {
        self.hasher.write(&self.bytes[..self.length]);
        self.length = 0;
    }
}

impl Write for Line<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() > LINE - self.length {
            self.end();
        }
        let end = self.length + text.len();
        match self.bytes.get_mut(self.length..end) {
            Some(free) => {
                free.copy_from_slice(text.as_bytes());
                self.length = end;
            }
            None => self.hasher.write(text.as_bytes()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use dogpile::DigestHasher;

    use super::{LINE, digest};

    #[test]
    fn the_digest_is_that_of_all_that_is_printed() {
        for length in [0, 1, LINE / 4, LINE - 2, LINE - 1, LINE, LINE + 1, 5 * LINE] {
            for value in [vec!["a".repeat(length)], vec!["ab".to_owned(); length]] {
                let (mut whole, mut lines) = (DigestHasher::stable(), DigestHasher::stable());
                whole.write(format!("{value:?}").as_bytes());
                digest(&value, &mut lines).unwrap();
                assert_eq!(lines.finish(), whole.finish(), "{length}");
            }
        }
    }
}
