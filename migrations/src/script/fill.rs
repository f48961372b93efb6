//! Placeholders.

use crate::Dialect;
use crate::names::Names;

/// What placeholders are filled with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filler<'a> {
    pub(super) dialect: Dialect,
    pub(super) names: &'a Names,
    pub(super) logged: bool,
}

impl Filler<'_> {
    /// The text with its placeholders filled. Braces that are none stay.
    pub(super) fn fill(self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let found =
                after.split_once('}').and_then(|(word, after)| Some((self.value(word)?, after)));
            match found {
                Some((value, after)) => {
                    filled.push_str(&value);
                    rest = after;
                }
                None => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        filled
    }

    fn value(self, word: &str) -> Option<String> {
        match word.split_once(':') {
            Some(("table", name)) => Some(self.names.table(self.dialect, name)),
            Some(("name", name)) => Some(self.names.quoted(self.dialect, name)),
            None if word == "unlogged" => Some(self.unlogged().into()),
            _ => None,
        }
    }

    fn unlogged(self) -> &'static str {
        if self.logged || self.dialect != Dialect::Postgres { "" } else { "unlogged " }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str, logged: bool) -> String {
        let names = Names { schema: Some("s".into()), prefix: "p_".into() };
        Filler { dialect: Dialect::Postgres, names: &names, logged }.fill(text)
    }

    #[test]
    fn placeholders_are_filled() {
        let text = "create {unlogged}table {table:entry}; drop index {name:entry_name}";
        let unlogged = "create unlogged table \"s\".\"p_entry\"; drop index \"p_entry_name\"";
        assert_eq!(fill(text, false), unlogged);
        assert_eq!(fill(text, true), unlogged.replace("unlogged ", ""));
    }

    #[test]
    fn other_braces_stay() {
        for text in ["{}", "{", "'{\"a\": 1}'", "{other:entry}", "{unlogged", "}{ {x} "] {
            assert_eq!(fill(text, false), text);
        }
    }
}
