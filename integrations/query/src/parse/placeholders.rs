//! Which argument a placeholder stands for.

use sqlparser::tokenizer::{Location, Token, TokenWithSpan};

/// The placeholders of a text, in its order.
#[derive(Debug)]
pub(crate) enum Placeholders {
    /// All are plain `?`: the nth stands for the nth argument.
    Positional(Vec<Location>),
    /// Each tells its number, as `$1` and `?1` do.
    Numbered,
    /// Named, or several styles at once: not told.
    Unclear,
}

impl Placeholders {
    pub(super) fn of(tokens: &[TokenWithSpan]) -> Self {
        let mut positions = Vec::new();
        let mut numbered = false;
        for token in tokens {
            match &token.token {
                Token::Placeholder(text) if text == "?" => positions.push(token.span.start),
                Token::Placeholder(_) => numbered = true,
                Token::Colon | Token::AtSign => return Self::Unclear,
                _ => {}
            }
        }
        match (positions.is_empty(), numbered) {
            (true, _) => Self::Numbered,
            (false, true) => Self::Unclear,
            (false, false) => Self::Positional(positions),
        }
    }

    /// The index, counted from 0, of the argument for a placeholder of this text at this place.
    pub(crate) fn index_of(&self, text: &str, start: Location) -> Option<usize> {
        match self {
            Self::Positional(positions) => positions.binary_search(&start).ok(),
            Self::Numbered => text.get(1..)?.parse::<usize>().ok()?.checked_sub(1),
            Self::Unclear => None,
        }
    }
}
