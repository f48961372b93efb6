//! What an expression does to the session: functions that set, and MySQL's user variables.

use sqlparser::tokenizer::Token;

use super::words::{Words, is};
use super::{postgres, says};
use crate::Dialect;
use crate::analysis::{SessionChange, SettingValue};

/// `None` where nothing in the statement sets anything.
pub(super) fn of(statement: Words<'_>, dialect: Dialect) -> Option<Vec<SessionChange>> {
    let unknown = || vec![SessionChange::Unknown];
    match dialect {
        Dialect::Postgres => {
            let called = statement.0.iter().any(is_set_config);
            called.then(|| selected(statement).unwrap_or_else(unknown))
        }
        Dialect::MySql => statement.0.windows(2).any(assigns).then(unknown),
        Dialect::Sqlite => {
            let loads = |token: &Token| is_called(token, "load_extension");
            statement.0.iter().any(loads).then(unknown)
        }
    }
}

/// The word, quoted or not: where a string could be meant, more is unknown than need be.
fn is_called(token: &Token, name: &str) -> bool {
    matches!(token, Token::Word(word) if word.value.eq_ignore_ascii_case(name))
}

fn is_set_config(token: &Token) -> bool {
    is_called(token, "set_config")
}

/// `@x := 1` and `INTO @x`, but not in `SET`, which tells for itself.
fn assigns(pair: &[Token]) -> bool {
    let variable = |token: &Token| {
        matches!(token, Token::Word(word) if word.value.starts_with('@')) || *token == Token::AtSign
    };
    match pair {
        [name, Token::Assignment] => variable(name),
        [into, name] => is(into, "into") && variable(name),
        _ => false,
    }
}

/// `SELECT set_config('name', value, local), ..` and nothing else.
fn selected(mut statement: Words<'_>) -> Option<Vec<SessionChange>> {
    if !statement.eat("select") {
        return None;
    }
    statement.split().into_iter().map(one).collect()
}

fn one(mut call: Words<'_>) -> Option<SessionChange> {
    if call.eat("pg_catalog") && !call.eat_token(&Token::Period) {
        return None;
    }
    if !call.eat("set_config") || !call.eat_token(&Token::LParen) {
        return None;
    }
    let close = call.0.iter().rposition(|token| *token == Token::RParen)?;
    let (arguments, alias) = call.0.split_at(close);
    if !is_alias(&alias[1..]) {
        return None;
    }
    let [name, value, local] = Words(arguments).split().try_into().ok()?;
    let (value, local) = (value_of(value), local.value());
    let [Token::SingleQuotedString(name)] = name.0 else { return None };
    let local = match (says(&local, &["true"]), says(&local, &["false"])) {
        (true, _) => true,
        (_, true) => false,
        _ => return None,
    };
    Some(postgres::assigned(&name.to_lowercase(), value, local))
}

/// One constant or argument, whatever it is cast to.
fn value_of(value: Words<'_>) -> SettingValue {
    match value.0 {
        [Token::SingleQuotedString(_) | Token::Placeholder(_)] => value.value(),
        [
            first @ (Token::SingleQuotedString(_) | Token::Placeholder(_)),
            Token::DoubleColon,
            to,
        ] if ["text", "varchar"].iter().any(|name| is(to, name)) => {
            Words(std::slice::from_ref(first)).value()
        }
        _ => SettingValue::Computed,
    }
}

fn is_alias(tokens: &[Token]) -> bool {
    match tokens {
        [] | [Token::Word(_)] => !matches!(tokens, [word] if is(word, "from")),
        [word, Token::Word(_)] => is(word, "as"),
        _ => false,
    }
}
