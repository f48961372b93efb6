//! Reads what `Debug` prints.

use std::fmt::{self, Write};

/// What is longer than this is not read.
const MOST_BYTES: usize = 64 * 1024;

/// What `value` prints, unless that is too long.
pub(super) fn print(value: &impl fmt::Debug) -> Option<String> {
    let mut printed = Bounded(String::new());
    write!(printed, "{value:?}").ok()?;
    Some(printed.0)
}

struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len().saturating_add(text.len()) > MOST_BYTES {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

/// The items of a list whose opening bracket was read before, and what follows its closing one.
pub(super) fn items(list: &str) -> Option<(Vec<&str>, &str)> {
    let (mut items, mut begin, mut depth) = (Vec::new(), 0, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in list.char_indices() {
        if quoted {
            (quoted, escaped) = (escaped || c != '"', !escaped && c == '\\');
            continue;
        }
        match c {
            '"' => quoted = true,
            '[' | '(' | '{' => depth += 1,
            ']' if depth == 0 => {
                let last = list.get(begin..at)?.trim_start();
                if !last.is_empty() {
                    items.push(last);
                }
                return Some((items, list.get(at + 1..)?));
            }
            ']' | ')' | '}' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                items.push(list.get(begin..at)?.trim_start());
                begin = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// [`items`] that are bytes.
pub(super) fn bytes(list: &str) -> Option<(Vec<u8>, &str)> {
    let (inside, rest) = list.split_once(']')?;
    let inside = inside.trim();
    if inside.is_empty() {
        return Some((Vec::new(), rest));
    }
    let bytes: Result<Vec<u8>, _> = inside.split(',').map(|byte| byte.trim().parse()).collect();
    Some((bytes.ok()?, rest))
}

/// The text that is printed in these quotes.
#[cfg(feature = "sqlite")]
pub(super) fn text(quoted: &str) -> Option<String> {
    let inside = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let (mut text, mut chars) = (String::with_capacity(inside.len()), inside.chars());
    while let Some(c) = chars.next() {
        text.push(match c {
            '"' => return None,
            '\\' => escaped(&mut chars)?,
            c => c,
        });
    }
    Some(text)
}

#[cfg(feature = "sqlite")]
fn escaped(chars: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        c @ ('\\' | '"' | '\'') => c,
        'u' => {
            let (digits, rest) = chars.as_str().strip_prefix('{')?.split_once('}')?;
            *chars = rest.chars();
            u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{bytes, items, print};

    #[test]
    fn lists_end_at_their_own_bracket() {
        let list = r#"A, B(["x]\"", 1]), C { d: [2] }], rest"#;
        let expected = vec!["A", r#"B(["x]\"", 1])"#, "C { d: [2] }"];
        assert_eq!(items(list), Some((expected, ", rest")));
        assert_eq!(items("] }"), Some((vec![], " }")));
        assert_eq!((items("A, B"), items("A)]")), (None, None));
    }

    #[test]
    fn bytes_are_bytes_and_nothing_else() {
        assert_eq!(bytes("0, 255], x"), Some((vec![0, 255], ", x")));
        assert_eq!(bytes("], x"), Some((vec![], ", x")));
        assert_eq!((bytes("0, 256]"), bytes("-1]"), bytes("1")), (None, None, None));
    }

    #[test]
    fn what_is_too_long_is_not_read() {
        assert!(print(&"a".repeat(1_000)).is_some());
        assert_eq!(print(&"a".repeat(100_000)), None);
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn text_is_read_as_it_was() {
        for text in ["", "a", "\"\\\"", "ä\u{301}\u{200b}\0\n\r\t'\u{7f}", "\\u{41}", "), Int64(1"]
        {
            assert_eq!(super::text(&format!("{text:?}")).as_deref(), Some(text));
        }
        for broken in ["", "a", "\"a", "\"a\" \"", "\"\\x\"", "\"\\\""] {
            assert_eq!(super::text(broken), None);
        }
    }
}
