//! The wish in a comment before or after a statement.

use std::ops::Range;

use super::scan::{Lexeme, Scanner};
use crate::Dialect;
use crate::analysis::Hint;

const NAME: &str = "dogpile";

/// The hint of a text, and the text without the comments that say so. Where comments contradict
/// each other, the result is not to be cached.
pub(crate) fn hint(sql: &str, dialect: Dialect) -> Option<(Hint, Box<str>)> {
    let is_name = |bytes: &[u8]| bytes.eq_ignore_ascii_case(NAME.as_bytes());
    if !sql.as_bytes().windows(NAME.len()).any(is_name) {
        return None;
    }
    let (mut found, mut bare, mut kept) = (None, String::with_capacity(sql.len()), 0);
    for comment in outer_comments(sql, dialect) {
        let Some(hint) = said(&sql[comment.clone()]) else { continue };
        found = if found == Some(Hint::Off) { found } else { Some(hint) };
        bare.push_str(&sql[kept..comment.start]);
        kept = comment.end;
    }
    bare.push_str(&sql[kept..]);
    found.map(|hint| (hint, bare.trim().into()))
}

/// Where the comments are that stand before the first word or after the last one.
fn outer_comments(sql: &str, dialect: Dialect) -> Vec<Range<usize>> {
    let mut scanner = Scanner::new(sql, dialect);
    let mut all = scanner.comments(sql);
    let mut leading = None;
    while let Some(lexeme) = scanner.next_lexeme() {
        if lexeme != Lexeme::Symbol(';') {
            let leading = *leading.get_or_insert(all.len());
            all.truncate(leading);
        }
        all.extend(scanner.comments(sql));
    }
    all
}

/// `dogpile: off` anywhere in a comment, whatever else it says.
fn said(comment: &str) -> Option<Hint> {
    let comment = comment.to_ascii_lowercase();
    let hints = comment.match_indices(NAME).filter_map(|(at, _)| {
        let begins = !comment[..at].ends_with(is_word_part);
        let wish = comment[at + NAME.len()..].trim_start().strip_prefix(':')?.trim_start();
        let end = wish.find(|c| !is_word_part(c)).unwrap_or(wish.len());
        match &wish[..end] {
            "off" if begins => Some(Hint::Off),
            "on" if begins => Some(Hint::On),
            _ => None,
        }
    });
    hints.min_by_key(|hint| *hint != Hint::Off)
}

fn is_word_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql];

    #[test]
    fn hints_stand_before_or_after_the_statement() {
        let off = [
            "/* dogpile: off */ SELECT 1",
            "SELECT 1 /*dogpile:off*/",
            "SELECT 1; -- DOGPILE : OFF",
            "-- dogpile: off\nSELECT 1",
            "/* app=shop, dogpile: off; why */ SELECT 1",
            "/* a */ /* dogpile: off */ -- b\n SELECT 1",
            "/* dogpile: on */ SELECT 1 /* dogpile: off */",
            "/* dogpile: off */ SELECT 1 /* dogpile: on */",
            ";/* dogpile: off */ SELECT 1",
        ];
        for (dialect, sql) in ALL.into_iter().flat_map(|d| off.map(|sql| (d, sql))) {
            assert_eq!(hint(sql, dialect).map(|(hint, _)| hint), Some(Hint::Off), "{sql}");
        }
        let on = hint("SELECT 1 -- dogpile: on", Dialect::Sqlite);
        assert_eq!(on, Some((Hint::On, "SELECT 1".into())));
        assert!(hint("# dogpile: off\nSELECT 1", Dialect::MySql).is_some());
    }

    #[test]
    fn what_only_looks_like_a_hint_is_none() {
        let none = [
            "SELECT '/* dogpile: off */'",
            "SELECT /* dogpile: off */ 1",
            "SELECT 1 /* dogpile: offline */",
            "SELECT 1 /* mydogpile: off */",
            "SELECT 1 /* dogpile off */",
            "SELECT dogpile FROM a -- off",
        ];
        for (dialect, sql) in ALL.into_iter().flat_map(|d| none.map(|sql| (d, sql))) {
            assert_eq!(hint(sql, dialect), None, "{sql}");
        }
    }

    #[test]
    fn the_text_without_the_hint_is_the_statement() {
        for sql in [
            "/* dogpile: on */ SELECT 1",
            "SELECT 1\n-- dogpile: on",
            "\n-- dogpile: on\nSELECT 1 ",
        ] {
            assert_eq!(hint(sql, Dialect::Postgres), Some((Hint::On, "SELECT 1".into())), "{sql}");
        }
        let other = hint("/* a */ SELECT 1 /* dogpile: on */", Dialect::Postgres);
        assert_eq!(other, Some((Hint::On, "/* a */ SELECT 1".into())));
    }
}
