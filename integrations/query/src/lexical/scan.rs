//! A tokenizer that accepts every text: no error, no recursion.

use std::borrow::Cow;
use std::ops::Range;

use crate::Dialect;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lexeme<'a> {
    /// A keyword or an unquoted identifier.
    Word(&'a str),
    /// A quoted identifier, without its quotes.
    Quoted(Cow<'a, str>),
    /// A string or number.
    Literal,
    /// `?`, `$1`, `:name`.
    Placeholder,
    /// Any other character.
    Symbol(char),
    /// MySQL's `/*! .. */`, the content of which is executed.
    ExecutableComment,
}

impl Lexeme<'_> {
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(w) if w.eq_ignore_ascii_case(word))
    }
}

pub(super) struct Scanner<'a> {
    rest: &'a str,
    dialect: Dialect,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(sql: &'a str, dialect: Dialect) -> Self {
        Self { rest: sql, dialect }
    }

    fn is(&self, dialect: Dialect) -> bool {
        self.dialect == dialect
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    /// Skips to just after `end`, or to the end of the text.
    fn skip_past(&mut self, end: &str) {
        let bytes = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.take(bytes);
    }

    fn skip_line(&mut self) {
        let postgres = self.is(Dialect::Postgres);
        let end = self.rest.find(|c| c == '\n' || (postgres && c == '\r'));
        self.take(end.unwrap_or(self.rest.len()));
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\0');
    }

    /// `true` if a comment was skipped.
    fn skip_comment(&mut self) -> bool {
        if self.line_comment_starts() {
            self.skip_line();
        } else if self.rest.starts_with("/*") && !self.executable_comment_starts() {
            self.skip_block_comment();
        } else {
            return false;
        }
        true
    }

    /// Where in `sql`, the whole text, the comments are that come next. Takes them.
    pub(super) fn comments(&mut self, sql: &str) -> Vec<Range<usize>> {
        let mut comments = Vec::new();
        loop {
            self.skip_blanks();
            let start = sql.len() - self.rest.len();
            if !self.skip_comment() {
                return comments;
            }
            comments.push(start..sql.len() - self.rest.len());
        }
    }

    /// What comes next, where no blank and no comment does.
    pub(super) fn next_lexeme(&mut self) -> Option<Lexeme<'a>> {
        let first = self.rest.chars().next()?;
        Some(self.lexeme(first))
    }

    fn line_comment_starts(&self) -> bool {
        if self.is(Dialect::MySql) {
            // `a--1` is arithmetic in MySQL: its comment needs a blank after the dashes.
            let after = self.rest.strip_prefix("--").map(|rest| rest.chars().next());
            let blank = |c: char| c.is_whitespace() || c.is_control();
            return self.rest.starts_with('#') || after.is_some_and(|c| c.is_none_or(blank));
        }
        self.rest.starts_with("--")
    }

    fn executable_comment_starts(&self) -> bool {
        self.is(Dialect::MySql) && (self.rest.starts_with("/*!") || self.rest.starts_with("/*M!"))
    }

    fn skip_block_comment(&mut self) {
        self.take(2);
        let mut depth = 1;
        while depth > 0 && !self.rest.is_empty() {
            if self.rest.starts_with("*/") {
                depth -= 1;
                self.take(2);
            } else if self.is(Dialect::Postgres) && self.rest.starts_with("/*") {
                depth += 1;
                self.take(2);
            } else {
                self.take(self.rest.chars().next().map_or(0, char::len_utf8));
            }
        }
    }

    /// The content of a quoted run whose opening quote comes next.
    fn quoted(&mut self, close: char, backslash: bool) -> Cow<'a, str> {
        self.take(1);
        let start = self.rest;
        let mut chars = start.char_indices().peekable();
        let mut doubled = false;
        while let Some((at, c)) = chars.next() {
            if backslash && c == '\\' {
                chars.next();
            } else if c == close {
                if chars.peek().is_none_or(|&(_, next)| next != close) {
                    self.take(at + close.len_utf8());
                    return unescaped(&start[..at], close, doubled);
                }
                doubled = true;
                chars.next();
            }
        }
        self.rest = "";
        unescaped(start, close, doubled)
    }

    /// PostgreSQL's `$tag$ .. $tag$`, if one starts here.
    fn dollar_quoted(&mut self) -> Option<Lexeme<'a>> {
        let tag_end = self.rest[1..].find('$')? + 2;
        let tag = &self.rest[..tag_end];
        let inner = &tag[1..tag_end - 1];
        let digit_first = inner.starts_with(|c: char| c.is_ascii_digit());
        if digit_first || !inner.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return None;
        }
        self.take(tag_end);
        self.skip_past(tag);
        Some(Lexeme::Literal)
    }

    fn word(&mut self) -> Lexeme<'a> {
        let end = self.rest.find(|c| !is_word_part(c)).unwrap_or(self.rest.len());
        let word = self.take(end);
        if self.is(Dialect::Postgres)
            && word.eq_ignore_ascii_case("e")
            && self.rest.starts_with('\'')
        {
            self.quoted('\'', true);
            return Lexeme::Literal;
        }
        Lexeme::Word(word)
    }

    fn number(&mut self) -> Lexeme<'a> {
        let part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        self.take(end);
        Lexeme::Literal
    }

    fn placeholder(&mut self) -> Lexeme<'a> {
        self.take(1);
        let end = self.rest.find(|c| !is_word_part(c)).unwrap_or(self.rest.len());
        self.take(end);
        Lexeme::Placeholder
    }

    fn symbol(&mut self, c: char) -> Lexeme<'a> {
        self.take(c.len_utf8());
        Lexeme::Symbol(c)
    }

    fn colon(&mut self) -> Lexeme<'a> {
        if self.rest.starts_with("::") {
            self.take(1);
            return self.symbol(':');
        }
        if self.rest[1..].starts_with(is_word_start) {
            self.placeholder()
        } else {
            self.symbol(':')
        }
    }

    fn dollar(&mut self) -> Lexeme<'a> {
        let quoted = if self.is(Dialect::Postgres) { self.dollar_quoted() } else { None };
        quoted.unwrap_or_else(|| self.placeholder())
    }

    fn double_quoted(&mut self) -> Lexeme<'a> {
        if self.is(Dialect::MySql) {
            self.quoted('"', true);
            return Lexeme::Literal;
        }
        Lexeme::Quoted(self.quoted('"', false))
    }

    fn lexeme(&mut self, first: char) -> Lexeme<'a> {
        let postgres = self.is(Dialect::Postgres);
        match first {
            '\'' => {
                self.quoted('\'', self.is(Dialect::MySql));
                Lexeme::Literal
            }
            '"' => self.double_quoted(),
            '`' if !postgres => Lexeme::Quoted(self.quoted('`', false)),
            '[' if self.is(Dialect::Sqlite) => Lexeme::Quoted(self.quoted(']', false)),
            '/' if self.executable_comment_starts() => {
                self.skip_past("*/");
                Lexeme::ExecutableComment
            }
            '?' if !postgres => self.placeholder(),
            '$' => self.dollar(),
            ':' => self.colon(),
            c if c.is_ascii_digit() => self.number(),
            c if is_word_start(c) => self.word(),
            c => self.symbol(c),
        }
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Lexeme<'a>;

    fn next(&mut self) -> Option<Lexeme<'a>> {
        loop {
            self.skip_blanks();
            if !self.skip_comment() {
                break;
            }
        }
        self.next_lexeme()
    }
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_word_part(c: char) -> bool {
    is_word_start(c) || c.is_ascii_digit() || c == '$'
}

fn unescaped(text: &str, quote: char, doubled: bool) -> Cow<'_, str> {
    if !doubled {
        return Cow::Borrowed(text);
    }
    let quote = quote.to_string();
    Cow::Owned(text.replace(&quote.repeat(2), &quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(dialect: Dialect, sql: &str) -> Vec<String> {
        Scanner::new(sql, dialect)
            .filter_map(|lexeme| match lexeme {
                Lexeme::Word(word) => Some(word.to_owned()),
                Lexeme::Quoted(name) => Some(format!("<{name}>")),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn comments_and_strings_are_skipped() {
        let sql = "a -- b\n/* c /* d */ e */ 'f''g' $x$ h $x$ E'i\\'j' \"k\"\"l\" m";
        assert_eq!(words(Dialect::Postgres, sql), ["a", "<k\"l>", "m"]);
        assert_eq!(
            words(Dialect::Sqlite, "a /* b /* c */ d [e f] `g` 'h'"),
            ["a", "d", "<e f>", "<g>"]
        );
        assert_eq!(
            words(Dialect::MySql, "a # b\n c--d -- e\n 'f\\'g' \"h\" i"),
            ["a", "c", "d", "i"]
        );
    }

    #[test]
    fn placeholders_are_not_words() {
        assert_eq!(words(Dialect::Sqlite, "a = :b and c = ?1 or $d"), ["a", "and", "c", "or"]);
        assert_eq!(words(Dialect::Postgres, "a::text = $1"), ["a", "text"]);
    }

    #[test]
    fn unterminated_runs_end_with_the_text() {
        for sql in ["'abc", "\"abc", "/* abc", "$$ abc", "-- abc", "`abc", "[abc", "E'abc\\"] {
            for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
                assert!(Scanner::new(sql, dialect).count() <= 3, "{sql}");
            }
        }
    }
}
