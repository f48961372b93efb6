//! From text to syntax trees, within bounds.

mod placeholders;
mod rewrite;
mod stack;

use sqlparser::ast::Statement;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

pub(crate) use placeholders::Placeholders;

use crate::Dialect;
use crate::lexical::Outline;

/// Expressions, queries and statements nested deeper than this are an error to the parser.
const RECURSION_LIMIT: usize = 100;

/// The statements of one text.
pub(crate) struct Parsed {
    pub(crate) statements: Vec<Statement>,
    pub(crate) placeholders: Placeholders,
}

/// Parses and calls `then`, on a stack that is large enough for any text of this outline.
pub(crate) fn parse<R>(
    sql: &str,
    dialect: Dialect,
    outline: Outline,
    then: impl FnOnce(Result<Parsed, ParserError>) -> R,
) -> R {
    let stack = stack::needed(outline);
    stacker::maybe_grow(stack, stack, || then(parsed(sql, dialect)))
}

fn parsed(sql: &str, dialect: Dialect) -> Result<Parsed, ParserError> {
    let mut tokens = Tokenizer::new(dialect.grammar(), sql).tokenize_with_location()?;
    tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
    if copy_is_followed(&tokens) {
        return Err(ParserError::ParserError("text after COPY".to_owned()));
    }
    let placeholders = Placeholders::of(&tokens);
    let tokens = rewrite::rewrite(tokens, dialect);
    let mut parser = Parser::new(dialect.grammar())
        .with_recursion_limit(RECURSION_LIMIT)
        .with_tokens_with_locations(tokens);
    let statements = parser.parse_statements()?;
    // The parser takes a stray END for the end of the text.
    if parser.parse_keyword(Keyword::END) {
        return Err(ParserError::ParserError("text after END".to_owned()));
    }
    Ok(Parsed { statements, placeholders })
}

/// The parser takes all that follows `COPY a FROM STDIN;` for rows.
fn copy_is_followed(tokens: &[TokenWithSpan]) -> bool {
    let is_copy = |token: &TokenWithSpan| match &token.token {
        Token::Word(word) => word.keyword == Keyword::COPY,
        _ => false,
    };
    let after_copy = tokens.iter().skip_while(|token| !is_copy(token));
    after_copy
        .skip_while(|token| token.token != Token::SemiColon)
        .any(|token| token.token != Token::SemiColon && token.token != Token::EOF)
}
