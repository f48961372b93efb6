//! How long something lives: a text such as `"5m"`, or an expression.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Error, Expr, ExprLit, Ident, Lit, LitStr, Result};

/// Nobody means more than a hundred years.
const LONGEST: Duration = Duration::from_secs(36_525 * 86_400);

/// The `Duration` that is written as the value of the option `name`.
pub(super) fn of(value: &Expr, name: &Ident) -> Result<TokenStream> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let life = parsed(&text.value()).ok_or_else(|| unreadable(text, name))?;
            let (secs, nanos) = (life.as_secs(), life.subsec_nanos());
            Ok(quote!(::core::time::Duration::new(#secs, #nanos)))
        }
        Expr::Lit(other) => {
            let message =
                format!("`{name}` is a duration with its unit, such as `{name} = \"5m\"`");
            Err(Error::new_spanned(other, message))
        }
        expression => Ok(expression.to_token_stream()),
    }
}

fn unreadable(text: &LitStr, name: &Ident) -> Error {
    let message = format!(
        "`{name}` is a duration with its unit, such as \"5m\" or \"1h 30m\", of up to a hundred years"
    );
    Error::new(text.span(), message)
}

/// More digits than anybody needs are not even parsed: their sum may overflow.
fn parsed(text: &str) -> Option<Duration> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    if text.len() > 40 || digits > Some(11) {
        return None;
    }
    humantime::parse_duration(text).ok().filter(|life| *life <= LONGEST)
}
