//! What a function returns, and what of it is cached.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::spanned::Spanned as _;
use syn::{Error, GenericArgument, PathArguments, Result, ReturnType, Type};

/// The return type of a function.
pub(crate) struct Returns {
    /// As it is written.
    pub(crate) declared: Type,
    /// What the body returns: the same without `Shared`.
    pub(crate) made: Type,
    /// The value that is cached, where the type says it.
    value: Option<Type>,
    /// Whether it is a `Result`.
    pub(crate) fallible: bool,
    /// Whether the value is handed out as a `Shared`.
    pub(crate) shared: bool,
}

impl Returns {
    pub(crate) fn of(output: &ReturnType, function: Span) -> Result<Self> {
        let declared = match output {
            ReturnType::Type(_, declared) => ungroup(declared).clone(),
            ReturnType::Default => return Err(nothing(function)),
        };
        let mut made = declared.clone();
        let fallible = is_named(&declared, "Result");
        let handed_out = if fallible { first_argument(&mut made) } else { Some(&mut made) };
        let (value, shared) = match handed_out {
            Some(value) => {
                let shared = unshare(value);
                (Some(value.clone()), shared)
            }
            None => (None, false),
        };
        if let Some(value) = &value {
            check(value)?;
        }
        Ok(Self { declared, made, value, fallible, shared })
    }

    /// The type of the value that is cached.
    pub(crate) fn value(&self, krate: &TokenStream) -> TokenStream {
        let made = &self.made;
        self.value.as_ref().map_or_else(
            || quote!(<#made as #krate::__private::Returned>::Value),
            |value| value.to_token_stream(),
        )
    }

    /// Where messages about it point.
    pub(crate) fn span(&self) -> Span {
        self.declared.span()
    }
}

/// Whether the last segment of a type's path is `name`.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    match ungroup(ty) {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == name),
        _ => false,
    }
}

/// The type arguments of a type's last segment.
pub(crate) fn arguments(ty: &mut Type) -> Vec<&mut Type> {
    let Type::Path(path) = ty else { return Vec::new() };
    match path.path.segments.last_mut().map(|last| &mut last.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => arguments
            .args
            .iter_mut()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn first_argument(ty: &mut Type) -> Option<&mut Type> {
    arguments(ty).into_iter().next()
}

/// Takes a `Shared` off, and says whether there was one.
pub(crate) fn unshare(ty: &mut Type) -> bool {
    let inner = if is_named(ty, "Shared") { first_argument(ty).cloned() } else { None };
    inner.map(|inner| *ty = inner).is_some()
}

/// The type without the invisible group that a macro may have put around it.
pub(crate) fn ungroup(mut ty: &Type) -> &Type {
    while let Type::Group(group) = ty {
        ty = &group.elem;
    }
    ty
}

fn check(value: &Type) -> Result<()> {
    let message = match value {
        Type::Tuple(tuple) if tuple.elems.is_empty() => return Err(nothing(value.span())),
        Type::ImplTrait(_) => {
            "a cached value has a type of its own; name it instead of `impl Trait`"
        }
        Type::Reference(reference)
            if reference.lifetime.as_ref().is_none_or(|life| life.ident != "static") =>
        {
            "a cached value outlives the call; return an owned value instead of a reference"
        }
        _ => return Ok(()),
    };
    Err(Error::new(value.span(), message))
}

fn nothing(span: Span) -> Error {
    Error::new(span, "the function returns nothing that could be cached; return a value")
}
