//! What only SQLite writes: index and materialization hints, `IS` between any two values, `NOT GLOB`,
//! `IN table`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{is_word, replace, select_from};

pub(super) fn rewrite(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let [token, tail @ ..] = rest {
        let before = out.last().map(|last: &TokenWithSpan| &last.token);
        rest = if let Some(tail) = index_hint(before, token, tail) {
            tail
        } else if let Some(tail) = materialization_hint(before, token, tail) {
            tail
        } else if is_word(&token.token, "glob") && before.is_some_and(|last| is_word(last, "not")) {
            // The pattern's language makes no difference to what is read.
            replace(token, &[Token::make_keyword("LIKE")], &mut out);
            tail
        } else if let Some((equality, tail)) = is_value(token, tail) {
            replace(token, &[equality], &mut out);
            tail
        } else if is_word(&token.token, "in")
            && let Some(name) = table_name(tail)
        {
            out.push(token.clone());
            replace(token, &[Token::LParen], &mut out);
            replace(token, &select_from(), &mut out);
            out.extend_from_slice(&tail[..name]);
            replace(token, &[Token::RParen], &mut out);
            &tail[name..]
        } else {
            out.push(token.clone());
            tail
        };
    }
    out
}

/// What follows `INDEXED BY i` or `NOT INDEXED`, if that is here.
fn index_hint<'a>(
    before: Option<&Token>,
    token: &TokenWithSpan,
    tail: &'a [TokenWithSpan],
) -> Option<&'a [TokenWithSpan]> {
    match tail {
        [by, name, tail @ ..]
            if is_word(&token.token, "indexed")
                && is_word(&by.token, "by")
                && matches!(name.token, Token::Word(_)) =>
        {
            Some(tail)
        }
        // A column may have the name: `WHERE NOT indexed`. The hint follows a table.
        [indexed, tail @ ..]
            if before.is_some_and(is_name)
                && is_word(&token.token, "not")
                && is_word(&indexed.token, "indexed") =>
        {
            Some(tail)
        }
        _ => None,
    }
}

/// What follows `MATERIALIZED` or `NOT MATERIALIZED` between the `AS` of a CTE and its query.
fn materialization_hint<'a>(
    before: Option<&Token>,
    token: &TokenWithSpan,
    tail: &'a [TokenWithSpan],
) -> Option<&'a [TokenWithSpan]> {
    let behind = match tail {
        [word, behind @ ..]
            if is_word(&token.token, "not") && is_word(&word.token, "materialized") =>
        {
            behind
        }
        behind if is_word(&token.token, "materialized") => behind,
        _ => return None,
    };
    let of_cte = before.is_some_and(|last| is_word(last, "as"))
        && behind.first().is_some_and(|next| next.token == Token::LParen);
    of_cte.then_some(behind)
}

/// `a IS b` is `a = b` to us, unless it is one of the forms the parser knows.
fn is_value<'a>(
    token: &TokenWithSpan,
    tail: &'a [TokenWithSpan],
) -> Option<(Token, &'a [TokenWithSpan])> {
    if !is_word(&token.token, "is") {
        return None;
    }
    let (equality, tail) = match tail {
        [not, tail @ ..] if is_word(&not.token, "not") => (Token::Neq, tail),
        _ => (Token::Eq, tail),
    };
    let known = ["null", "true", "false", "distinct", "not"];
    let first = tail.first()?;
    let is_known = known.iter().any(|word| is_word(&first.token, word));
    (!is_known).then_some((equality, tail))
}

/// The length of the table name that comes next, where a list or subquery might.
fn table_name(tokens: &[TokenWithSpan]) -> Option<usize> {
    let length = match tokens {
        [schema, dot, name, ..]
            if is_name(&schema.token) && dot.token == Token::Period && is_name(&name.token) =>
        {
            3
        }
        [name, ..] if is_name(&name.token) => 1,
        _ => return None,
    };
    // `IN f(x)`, a table function, is left to fail.
    let call = tokens.get(length).is_some_and(|next| next.token == Token::LParen);
    (!call).then_some(length)
}

fn is_name(token: &Token) -> bool {
    let reserved = [
        "all", "and", "between", "by", "case", "distinct", "else", "glob", "having", "in", "is",
        "like", "not", "on", "or", "select", "set", "then", "values", "when", "where",
    ];
    matches!(token, Token::Word(_)) && !reserved.iter().any(|word| is_word(token, word))
}
