//! What a message looks like: a letter for its kind, and names in hexadecimal digits with commas between
//! them. A name may hold any character, a payload only those of the server's encoding.

use std::fmt::Write as _;

/// The server takes no longer payload, in bytes.
const MOST: usize = 7_999;

/// A message that came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    /// Registers have moved.
    Moved(Names<'a>),
    /// A lease was given back.
    Freed(String),
    /// Whose beat it is, and its number.
    Beat(u128, u64),
}

/// The messages that tell of registers which have moved: few, and each is full.
pub(in crate::postgres) fn moved<'a>(registers: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    for register in registers {
        let has_room = |message: &String| message.len() + 1 + 2 * register.len() <= MOST;
        match messages.last_mut().filter(|message| has_room(message)) {
            Some(message) => message.push(','),
            None => messages.push(String::from("m")),
        }
        if let Some(message) = messages.last_mut() {
            hex(message, register);
        }
    }
    messages
}

/// The message that tells of a lease which was given back.
pub(in crate::postgres) fn freed(lease: &str) -> String {
    let mut message = String::from("f");
    hex(&mut message, lease);
    message
}

pub(super) fn beat(whose: u128, number: u64) -> String {
    format!("b{whose:032x}{number:016x}")
}

fn hex(message: &mut String, name: &str) {
    for byte in name.bytes() {
        // Writing into a string does not fail.
        let _ = write!(message, "{byte:02x}");
    }
}

/// A message that came from somebody. `None`: nobody of ours, and of this version, sent it.
pub(super) fn read(payload: &str) -> Option<Message<'_>> {
    let rest = payload.get(1..)?;
    match payload.as_bytes().first()? {
        b'm' => Some(Message::Moved(Names(Some(rest)))),
        b'f' => Some(Message::Freed(name(rest)?)),
        b'b' if rest.len() == 48 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            let (whose, number) = rest.split_at_checked(32)?;
            let whose = u128::from_str_radix(whose, 16).ok()?;
            Some(Message::Beat(whose, u64::from_str_radix(number, 16).ok()?))
        }
        _ => None,
    }
}

/// The registers that a message names; `None` in place of one that is no name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Names<'a>(Option<&'a str>);

impl Iterator for Names<'_> {
    type Item = Option<String>;

    fn next(&mut self) -> Option<Self::Item> {
        let (first, rest) = match self.0?.split_once(',') {
            Some((first, rest)) => (first, Some(rest)),
            None => (self.0?, None),
        };
        self.0 = rest;
        Some(name(first))
    }
}

fn name(digits: &str) -> Option<String> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(16 * digit(*high)? + digit(*low)?));
    let bytes: Option<Vec<u8>> = bytes.collect();
    String::from_utf8(bytes.filter(|_| rest.is_empty())?).ok()
}

#[cfg(test)]
mod tests {
    use super::{MOST, Message, beat, freed, moved, read};

    fn told(message: &str) -> Option<Vec<Option<String>>> {
        match read(message)? {
            Message::Moved(names) => Some(names.collect()),
            _ => None,
        }
    }

    #[test]
    fn what_is_told_is_what_is_read() {
        let names = ["a", "", "tag, with\0", "é'\"\\"];
        let made = moved(names.into_iter());
        assert_eq!(made, ["m61,,7461672c207769746800,c3a927225c"]);
        let expected = names.map(|name| Some(String::from(name)));
        assert_eq!(told(&made[0]), Some(expected.into()));
        assert_eq!(moved(std::iter::empty()), [""; 0]);
        assert_eq!(told(&moved([""].into_iter())[0]), Some(vec![Some(String::new())]));
        assert_eq!(read(&freed("a'b")), Some(Message::Freed("a'b".into())));
        assert_eq!(read(&beat(u128::MAX, 7)), Some(Message::Beat(u128::MAX, 7)));
    }

    #[test]
    fn many_names_are_few_messages_and_none_is_lost() {
        for length in 1..=255 {
            let names: Vec<_> = (0..200).map(|n| format!("{n:0length$}")).collect();
            let made = moved(names.iter().map(String::as_str));
            assert!(made.iter().all(|message| message.len() < 8_000), "{length}");
            let longest = names.iter().map(String::len).max().unwrap();
            let each = (MOST - 1) / (2 * longest + 1);
            assert!(made.len() <= 200 / each + 1, "{length}: {} messages", made.len());
            let read = made.iter().flat_map(|message| told(message).unwrap());
            assert!(read.eq(names.into_iter().map(Some)), "{length}");
        }
    }

    #[test]
    fn garbage_is_no_message_and_a_torn_name_says_so() {
        for garbage in ["", "x61", "é", "f6", "fzz", "fff", "b", "b+0", &"b0".repeat(24)[1..]] {
            assert_eq!(read(garbage), None, "{garbage:?}");
        }
        let signed = format!("b+{}", "0".repeat(47));
        assert_eq!(read(&signed), None);
        for (torn, names) in [("m6", 1), ("mé", 1), ("mff", 1), ("m61,6", 2), ("m+1,61", 2)] {
            let told = told(torn).unwrap();
            assert_eq!(told.len(), names, "{torn}");
            assert!(told.contains(&None), "{torn}");
        }
    }
}
