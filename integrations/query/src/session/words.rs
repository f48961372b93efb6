//! The tokens of one statement, read from the left.

use sqlparser::tokenizer::{Token, Word};

use crate::analysis::SettingValue;

#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'t>(pub(super) &'t [Token]);

impl<'t> Words<'t> {
    /// Takes the word, if it comes next.
    pub(super) fn eat(&mut self, word: &str) -> bool {
        match self.0 {
            [first, rest @ ..] if is(first, word) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    pub(super) fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(word))
    }

    /// Takes all of these words, or none.
    pub(super) fn eat_all(&mut self, words: &[&str]) -> bool {
        let mut ahead = *self;
        let all = words.iter().all(|word| ahead.eat(word));
        if all {
            *self = ahead;
        }
        all
    }

    pub(super) fn eat_token(&mut self, token: &Token) -> bool {
        match self.0 {
            [first, rest @ ..] if first == token => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    pub(super) fn next_is(&self, token: &Token) -> bool {
        self.0.first() == Some(token)
    }

    /// Whether an unquoted word is anywhere in it.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.iter().any(|token| is(token, word))
    }

    /// The first word, in lower case; empty if it begins with something else.
    pub(super) fn verb(&self) -> String {
        let first = self.0.iter().find(|token| **token != Token::LParen);
        match first {
            Some(Token::Word(Word { value, quote_style: None, .. })) => value.to_ascii_lowercase(),
            _ => String::new(),
        }
    }

    /// Takes a name with dots in it, in lower case.
    pub(super) fn name(&mut self) -> Option<String> {
        let mut name = self.part()?;
        while self.eat_token(&Token::Period) {
            name = format!("{name}.{}", self.part()?);
        }
        Some(name)
    }

    fn part(&mut self) -> Option<String> {
        match self.0 {
            [Token::Word(word), rest @ ..] => {
                self.0 = rest;
                Some(word.value.to_lowercase())
            }
            _ => None,
        }
    }

    /// The parts between commas that are in no bracket.
    pub(super) fn split(self) -> Vec<Self> {
        let mut depth = 0_usize;
        let outside = |token: &Token| {
            match token {
                Token::LParen => depth += 1,
                Token::RParen => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && *token == Token::Comma
        };
        self.0.split(outside).map(Self).collect()
    }

    /// All that is left, as the value of a setting.
    pub(super) fn value(self) -> SettingValue {
        if matches!(self.0, [Token::Placeholder(_)]) {
            return SettingValue::Argument;
        }
        let parts: Option<Vec<_>> = self.0.iter().map(literal).collect();
        match parts {
            Some(parts) if !parts.is_empty() => SettingValue::Literal(parts.join(" ").into()),
            _ => SettingValue::Computed,
        }
    }
}

/// The unquoted word, in any case.
pub(super) fn is(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(w) if w.quote_style.is_none() && w.value.eq_ignore_ascii_case(word))
}

/// A token of a constant value, such that different ones are told apart; `None` for what has to be
/// worked out.
fn literal(token: &Token) -> Option<String> {
    Some(match token {
        // MySQL's variables.
        Token::Word(word) if word.quote_style.is_none() && word.value.starts_with('@') => {
            return None;
        }
        Token::Word(Word { value, quote_style: None, .. }) => value.clone(),
        Token::Word(Word { value, .. }) | Token::DoubleQuotedString(value) => {
            format!("\"{}\"", value.replace('"', "\"\""))
        }
        Token::SingleQuotedString(value) => format!("'{}'", value.replace('\'', "''")),
        Token::Number(..) | Token::Minus | Token::Plus | Token::Comma => token.to_string(),
        Token::EscapedStringLiteral(_)
        | Token::UnicodeStringLiteral(_)
        | Token::DollarQuotedString(_) => format!("{token:?}"),
        _ => return None,
    })
}
