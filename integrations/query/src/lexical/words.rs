//! The names that may be in a text, whatever it is.

use crate::Dialect;

/// What names are put between.
const QUOTES: [char; 4] = ['"', '`', '[', ']'];

/// All words of `text` as names are folded, in strings and comments too: what is a string to one
/// reader of a function's text is its body to another. And all that may be a quoted name.
pub(crate) fn words(text: &str, dialect: Dialect) -> Vec<Box<str>> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$' || !c.is_ascii();
    let bare = text.split(|c| !is_part(c)).map(|word| dialect.fold_str(word, false));
    let quoted = text.split(QUOTES).map(|name| dialect.fold_str(name, true));
    let mut all: Vec<_> = bare.chain(quoted).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::Dialect;

    #[test]
    fn names_are_found_wherever_they_are() {
        let text = "BEGIN INSERT INTO Audit SELECT * FROM \"Old Posts\"; -- `x y`\n f('tag'); END";
        let found = words(text, Dialect::Postgres);
        for name in ["audit", "Old Posts", "tag", "x y", "f"] {
            assert!(found.iter().any(|word| **word == *name), "{name}");
        }
        assert!(words("UPDATE [Post]", Dialect::Sqlite).iter().any(|word| **word == *"post"));
    }
}
