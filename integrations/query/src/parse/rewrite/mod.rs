//! Spellings that the parser lacks, put into ones it has.
//!
//! On tokens, so that strings and comments are out of reach. Every token kept keeps its place in
//! the text.

mod mysql;
mod sqlite;

use sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::Dialect;

pub(super) fn rewrite(tokens: Vec<TokenWithSpan>, dialect: Dialect) -> Vec<TokenWithSpan> {
    match dialect {
        Dialect::Sqlite
            if any(&tokens, &["indexed", "isnull", "is", "in", "materialized", "glob"]) =>
        {
            sqlite::rewrite(&without_isnull(&tokens))
        }
        Dialect::Postgres if any(&tokens, &["only", "table", "isnull"]) => {
            table_commands(without_isnull(&without_only(&tokens)))
        }
        Dialect::MySql if any(&tokens, &["table", "mod", "update", "delete"]) => {
            table_commands(mysql::rewrite(tokens))
        }
        _ => tokens,
    }
}

fn any(tokens: &[TokenWithSpan], words: &[&str]) -> bool {
    tokens.iter().any(|token| words.iter().any(|word| is_word(&token.token, word)))
}

/// `FROM ONLY a` is `FROM a` to us; the parser takes it for a table `ONLY` with the alias `a`.
fn without_only(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut kept: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let [token, tail @ ..] = rest {
        let after = kept.last().is_some_and(|last| introduces_table(&last.token));
        if !(after && is_word(&token.token, "only")) {
            kept.push(token.clone());
            rest = tail;
            continue;
        }
        rest = match tail {
            [open, inner @ ..] if open.token == Token::LParen => {
                let close = inner.iter().position(|token| token.token == Token::RParen);
                let (name, behind) = inner.split_at(close.unwrap_or(inner.len()));
                kept.extend_from_slice(name);
                behind.get(1..).unwrap_or_default()
            }
            _ => tail,
        };
    }
    kept
}

fn introduces_table(token: &Token) -> bool {
    let words = ["from", "join", "update", "using", "into", "table"];
    *token == Token::Comma || words.iter().any(|word| is_word(token, word))
}

/// `a ISNULL` is `a IS NULL`.
fn without_isnull(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut out = Vec::with_capacity(tokens.len());
    for token in tokens {
        if is_word(&token.token, "isnull") {
            replace(token, &[Token::make_keyword("IS"), Token::make_keyword("NULL")], &mut out);
        } else {
            out.push(token.clone());
        }
    }
    out
}

/// `TABLE a` is `SELECT * FROM a`.
fn table_commands(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len() + 2);
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        let named = rest.peek().is_some_and(|next| matches!(next.token, Token::Word(_)));
        let command = is_word(&token.token, "table")
            && named
            && begins_query(out.last().map(|last| &last.token));
        if command {
            replace(&token, &select_from(), &mut out);
        } else {
            out.push(token);
        }
    }
    out
}

fn begins_query(before: Option<&Token>) -> bool {
    let Some(before) = before else { return true };
    let words = ["union", "all", "except", "intersect", "as"];
    // A closed bracket is the end of a CTE, or of the columns that are inserted into.
    matches!(before, Token::SemiColon | Token::LParen | Token::RParen)
        || words.iter().any(|word| is_word(before, word))
}

fn select_from() -> [Token; 3] {
    [Token::make_keyword("SELECT"), Token::Mul, Token::make_keyword("FROM")]
}

fn replace(token: &TokenWithSpan, by: &[Token], out: &mut Vec<TokenWithSpan>) {
    out.extend(by.iter().map(|new| TokenWithSpan::new(new.clone(), token.span)));
}

/// The unquoted word, in any case.
fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(w) if w.quote_style.is_none() && w.value.eq_ignore_ascii_case(word))
}
