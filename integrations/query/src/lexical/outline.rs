//! The size and nesting of a text, taken before it is parsed.

use super::scan::{Lexeme, Scanner};
use crate::Dialect;

/// Brackets nested deeper than this are not parsed.
const MAX_DEPTH: usize = 64;
/// More words and operators than this are not parsed. Values in lists are not counted.
const MAX_LINKS: usize = 8192;
/// More joins than this are not parsed: without `ON` each is a level deeper.
const MAX_JOINS: usize = 128;
/// More of these operators than this are not parsed: each copies the tree to its left.
const MAX_COPIERS: usize = 64;
const COPIERS: &[&str] = &["match", "regexp", "glob", "div"];

/// Bounds on the syntax tree of a text.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Outline {
    /// There is something to execute.
    pub(crate) statement: bool,
    /// Words and operators: no tree is deeper than this.
    pub(crate) links: usize,
    /// The deepest nesting of brackets.
    pub(crate) depth: usize,
    joins: usize,
    copiers: usize,
    /// MySQL executes part of what looks like a comment.
    pub(crate) executable_comment: bool,
}

impl Outline {
    pub(crate) fn of(sql: &str, dialect: Dialect) -> Self {
        let mut outline = Self::default();
        let mut open = 0_usize;
        for lexeme in Scanner::new(sql, dialect) {
            outline.statement |= lexeme != Lexeme::Symbol(';');
            match lexeme {
                Lexeme::Symbol('(' | '[' | '{') => open += 1,
                Lexeme::Symbol(')' | ']' | '}') => open = open.saturating_sub(1),
                Lexeme::Symbol(',') | Lexeme::Literal | Lexeme::Placeholder => {}
                Lexeme::ExecutableComment => outline.executable_comment = true,
                Lexeme::Word(word) => outline.word(word),
                Lexeme::Quoted(_) | Lexeme::Symbol(_) => outline.links += 1,
            }
            outline.depth = outline.depth.max(open);
        }
        outline
    }

    fn word(&mut self, word: &str) {
        self.links += 1;
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        self.joins += usize::from(is("join") || is("straight_join"));
        self.copiers += usize::from(COPIERS.iter().any(|copier| is(copier)));
    }

    /// A tree of this text can be built in bounded time and space.
    pub(crate) fn fits(self) -> bool {
        self.depth <= MAX_DEPTH
            && self.links <= MAX_LINKS
            && self.joins <= MAX_JOINS
            && self.copiers <= MAX_COPIERS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_not_deep() {
        let sql = format!("SELECT * FROM a WHERE id IN ({}1)", "?, ".repeat(20_000));
        assert!(Outline::of(&sql, Dialect::Sqlite).fits());
    }

    #[test]
    fn deep_nesting_and_long_chains_do_not_fit() {
        assert!(!Outline::of(&"(".repeat(10_000), Dialect::Sqlite).fits());
        assert!(!Outline::of(&format!("SELECT 1{}", "+1".repeat(20_000)), Dialect::MySql).fits());
    }

    #[test]
    fn comments_and_semicolons_are_no_statement() {
        assert!(!Outline::of(" ; -- x\n ;", Dialect::Postgres).statement);
    }
}
