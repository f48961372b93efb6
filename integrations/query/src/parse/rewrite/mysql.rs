//! What only MySQL writes: modifiers of `UPDATE` and `DELETE`, a list of tables in `UPDATE`, `MOD`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::is_word;

pub(super) fn rewrite(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    with_percent(with_joins(without_modifiers(tokens)))
}

/// `UPDATE IGNORE a`: the parser takes the modifier for the table, and `a` for its alias.
fn without_modifiers(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let one_of = |token: &Token, words: &[&str]| words.iter().any(|word| is_word(token, word));
    let mut kept: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let verb = kept.last().is_some_and(|last| one_of(&last.token, &["update", "delete"]));
        if !(verb && one_of(&token.token, &["low_priority", "quick", "ignore"])) {
            kept.push(token);
        }
    }
    kept
}

/// `UPDATE a, b SET ..` is `UPDATE a JOIN b SET ..`.
fn with_joins(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    if !tokens.first().is_some_and(|first| is_word(&first.token, "update")) {
        return tokens;
    }
    let mut depth = 0_usize;
    for token in &mut tokens {
        match &token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::Comma if depth == 0 => token.token = Token::make_keyword("JOIN"),
            set if depth == 0 && is_word(set, "set") => break,
            _ => {}
        }
    }
    tokens
}

/// `a MOD b` is `a % b`.
fn with_percent(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    for at in 0..tokens.len() {
        let call = tokens.get(at + 1).is_some_and(|next| next.token == Token::LParen);
        if !call && is_word(&tokens[at].token, "mod") {
            tokens[at].token = Token::Mod;
        }
    }
    tokens
}
