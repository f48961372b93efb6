//! What a message looks like: its number in digits, a space, and the names of registers, each behind
//! its length in four bytes.

/// The most that one message holds, a single long name aside.
const MOST: usize = 32 * 1024;
/// A number has no more digits.
const DIGITS: usize = 20;

/// The messages that tell of `registers`, without their numbers.
pub(super) fn messages<'a>(registers: impl Iterator<Item = &'a str>) -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    for register in registers {
        // No server takes a name of 4 GiB.
        let Ok(length) = u32::try_from(register.len()) else { continue };
        let has_room = |message: &Vec<u8>| message.len() + 4 + register.len() <= MOST;
        if !messages.last().is_some_and(has_room) {
            messages.push(Vec::new());
        }
        if let Some(message) = messages.last_mut() {
            message.extend_from_slice(&length.to_be_bytes());
            message.extend_from_slice(register.as_bytes());
        }
    }
    messages
}

/// A message that came from somebody: its number, and what it tells.
///
/// `None`: nobody of ours sent it.
pub(super) fn read(message: &[u8]) -> Option<(u64, Names<'_>)> {
    let space = message.iter().take(DIGITS + 1).position(|byte| *byte == b' ')?;
    let number = number(message.get(..space)?)?;
    Some((number, Names(message.get(space + 1..)?)))
}

pub(super) fn number(digits: &[u8]) -> Option<u64> {
    let are_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| are_digits)?.parse().ok()
}

/// The registers that a message names; `None` in place of the rest where it is torn.
pub(super) struct Names<'a>(&'a [u8]);

impl<'a> Iterator for Names<'a> {
    type Item = Option<&'a str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let name = self.name();
        if name.is_none() {
            self.0 = &[];
        }
        Some(name)
    }
}

impl<'a> Names<'a> {
    fn name(&mut self) -> Option<&'a str> {
        let (length, rest) = self.0.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (name, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(name).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, messages, read};

    fn told(message: &[u8]) -> Option<(u64, Vec<Option<&str>>)> {
        read(message).map(|(number, names)| (number, names.collect()))
    }

    #[test]
    fn what_is_told_is_what_is_read() {
        let names = ["a", "", "tag with space", "é"];
        let made = messages(names.into_iter());
        assert_eq!(made.len(), 1);
        let message = [b"1730000000000000 ", &made[0][..]].concat();
        assert_eq!(told(&message), Some((1_730_000_000_000_000, names.map(Some).into())));
        assert!(messages(std::iter::empty()).is_empty());
    }

    #[test]
    fn many_names_are_several_messages_and_none_is_lost() {
        let names: Vec<_> = (0..20_000).map(|n| format!("register {n}")).collect();
        let long = "x".repeat(2 * MOST);
        let all = names.iter().map(String::as_str).chain([&*long]);
        let made = messages(all.clone());
        assert!(made.len() > 5);
        assert!(
            made.iter().all(|message| message.len() <= MOST || message.len() == long.len() + 4)
        );
        let made: Vec<_> = made.into_iter().map(|message| [b"1 ", &message[..]].concat()).collect();
        let read = made.iter().flat_map(|message| told(message).unwrap().1);
        assert!(read.eq(all.map(Some)));
    }

    #[test]
    fn garbage_is_no_message_and_a_torn_one_says_so() {
        for garbage in
            [&b""[..], b" ", b"1", b"x ", b"-1 ", b"+1 ", b"123456789012345678901 ", b"\xff\xff 1"]
        {
            assert_eq!(told(garbage), None, "{garbage:?}");
        }
        for torn in [&b"7 \0"[..], b"7 \0\0\0\x02a", b"7 \xff\xff\xff\xffa", b"7 \0\0\0\x01\xff"] {
            assert_eq!(told(torn), Some((7, vec![None])), "{torn:?}");
        }
        assert_eq!(told(b"7 \0\0\0\x01a\0"), Some((7, vec![Some("a"), None])));
        assert_eq!(told(b"7 "), Some((7, Vec::new())));
    }
}
