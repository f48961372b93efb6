//! Which attributes of the function go where. (A `cfg` never gets here: it is decided before.)

use syn::{AttrStyle, Attribute, Meta, parse_quote};

/// What stays on the function: all of them, as every call goes through it. Lints that the body is
/// expected to set off are only allowed here, because the body has moved.
pub(crate) fn of_wrapper(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes
        .iter()
        .map(|attribute| match &attribute.meta {
            Meta::List(list) if list.path.is_ident("expect") => {
                let lints = &list.tokens;
                // Whether the lint is met in the wrapper, too, nobody knows: expected would be wrong.
                parse_quote!(#[allow(#lints)])
            }
            _ => outer(attribute),
        })
        .collect()
}

/// What goes with the body: its lints.
pub(crate) fn of_body(attributes: &[Attribute]) -> Vec<Attribute> {
    let lints = ["allow", "expect", "warn", "deny", "forbid"];
    let is_lint = |attribute: &&Attribute| lints.iter().any(|lint| attribute.path().is_ident(lint));
    attributes.iter().filter(is_lint).map(outer).collect()
}

/// An attribute from within the body (`#![..]`) is put before the function.
fn outer(attribute: &Attribute) -> Attribute {
    Attribute { style: AttrStyle::Outer, ..attribute.clone() }
}
