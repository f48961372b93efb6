//! What a function returns that creates several values at once.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Error, Result, ReturnType, Type};

use crate::returns::{arguments, is_named, ungroup, unshare};

/// Values in the order of the ids, or by id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Many {
    List,
    Map,
}

pub(super) struct Returns {
    /// As it is written.
    pub(super) declared: Type,
    /// What the body returns: the same without `Shared`.
    pub(super) made: Type,
    /// The type of one value.
    pub(super) value: Type,
    pub(super) many: Many,
    /// Whether values are handed out as `Shared`.
    pub(super) shared: bool,
}

impl Returns {
    pub(super) fn of(output: &ReturnType, function: Span) -> Result<Self> {
        let declared = match output {
            ReturnType::Type(_, declared) => ungroup(declared).clone(),
            ReturnType::Default => return Err(wrong(function)),
        };
        let refused = wrong(declared.span());
        if !is_named(&declared, "Result") {
            return Err(refused);
        }
        let mut made = declared.clone();
        let mut of_result = arguments(&mut made);
        let Some(container) = of_result.first_mut() else { return Err(refused) };
        let many = match &**container {
            list if is_named(list, "Vec") => Many::List,
            map if is_named(map, "HashMap") => Many::Map,
            _ => return Err(refused),
        };
        let Some(value) = arguments(container).pop() else { return Err(refused) };
        let shared = unshare(value);
        let value = value.clone();
        Ok(Self { declared, made, value, many, shared })
    }
}

fn wrong(span: Span) -> Error {
    let message = "return `Result<Vec<T>, E>`, with the values in the order of the ids, or \
                   `Result<HashMap<Id, T>, E>`, where some may be missing";
    Error::new(span, message)
}
