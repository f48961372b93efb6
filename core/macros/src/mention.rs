//! Whether code mentions a name.

use proc_macro2::{Ident, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt as _;

/// Whether `code` uses the variable, type or parameter called `name`, also inside of `"{name}"`.
///
/// Fields, the beginnings of paths, and names of fields in literals are something else.
pub(crate) fn mentions(code: &impl ToTokens, name: &Ident) -> bool {
    in_tokens(code.to_token_stream(), &name.unraw().to_string())
}

fn in_tokens(tokens: TokenStream, name: &str) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.iter().enumerate().any(|(i, token)| match token {
        TokenTree::Group(group) => in_tokens(group.stream(), name),
        TokenTree::Ident(ident) => {
            ident.unraw() == name && !is_field(&tokens[..i]) && !is_label(&tokens[i + 1..])
        }
        TokenTree::Literal(literal) => in_format(&literal.to_string(), name),
        TokenTree::Punct(_) => false,
    })
}

/// Whether what stands before is the dot of a field, and not the end of a range.
fn is_field(before: &[TokenTree]) -> bool {
    let dots = before.iter().rev().take_while(|token| is_punct(token, '.')).count();
    dots == 1
}

/// Whether what follows is the single colon of a field in a literal.
fn is_label(after: &[TokenTree]) -> bool {
    match after.first() {
        Some(TokenTree::Punct(colon)) => {
            colon.as_char() == ':' && colon.spacing() == Spacing::Alone
        }
        _ => false,
    }
}

fn is_punct(token: &TokenTree, expected: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == expected)
}

/// Whether a string literal has `{name}` or `{name:..}` in it.
fn in_format(literal: &str, name: &str) -> bool {
    literal.starts_with(['"', 'r'])
        && literal
            .split('{')
            .skip(1)
            .any(|hole| hole.strip_prefix(name).is_some_and(|rest| rest.starts_with(['}', ':'])))
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use quote::quote;
    use syn::Ident;

    use super::mentions;

    #[test]
    fn a_mention_is_a_use_of_the_variable() {
        let id = Ident::new("id", Span::call_site());
        for yes in [
            quote!(id),
            quote!(("user", id)),
            quote!(format!("user:{id}")),
            quote!(format!("user:{id:?}")),
            quote!(0..id),
            quote!(id.0),
            quote!(User { key: id }),
            quote!(r#id),
        ] {
            assert!(mentions(&yes, &id), "{yes}");
        }
        for no in
            [quote!(user.id), quote!("id"), quote!("{idea}"), quote!(User { id: 1 }), quote!(di)]
        {
            assert!(!mentions(&no, &id), "{no}");
        }
    }
}
