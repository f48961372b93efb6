//! The arguments of a function, and which of them are in the key.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, FnArg, Ident, ItemFn, Pat, PatType, Result, Type};

use crate::mention::mentions;
use crate::options::{Attribute, Options};
use crate::returns::is_named;

/// What an argument is to the cache.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is in the key.
    Key,
    /// The ids of `cached_multi`: each by itself is in the key of its own value.
    Ids,
    /// It is not in the key, but an option uses it.
    Used,
    /// Only the function itself uses it.
    Hidden,
}

/// An argument with a name.
pub(crate) struct Arg {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) role: Role,
}

impl Arg {
    /// Whether a call gives it away.
    pub(crate) const fn is_owned(&self) -> bool {
        !matches!(self.ty, Type::Reference(_))
    }

    /// Its type in a helper: helpers borrow.
    pub(crate) fn borrowed(&self) -> TokenStream {
        let ty = &self.ty;
        match ty {
            Type::Reference(reference) => {
                let (life, inner) = (&reference.lifetime, &reference.elem);
                quote!(& #life #inner)
            }
            Type::ImplTrait(opaque) if opaque.bounds.len() > 1 => quote!(&(#ty)),
            _ => quote!(&#ty),
        }
    }

    /// Makes of the function's own argument what a helper has.
    pub(crate) fn borrow(&self) -> TokenStream {
        let ident = &self.ident;
        match &self.ty {
            Type::Reference(reference) if reference.mutability.is_none() => TokenStream::new(),
            Type::Reference(_) => quote!(let #ident = &*#ident;),
            _ => quote!(let #ident = &#ident;),
        }
    }
}

/// All arguments, each with its role.
pub(super) fn all(item: &ItemFn, options: &Options) -> Result<Vec<Arg>> {
    let typed = || {
        item.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        })
    };
    let names = typed().map(name).collect::<Result<Vec<&Ident>>>()?;
    check_skipped(&names, item, options)?;
    let ids = match options.attribute {
        Attribute::Cached => None,
        Attribute::CachedMulti => Some(ids(typed(), item, options)?),
    };
    let arg = |(typed, ident): (&PatType, &Ident)| {
        let ty = (*typed.ty).clone();
        let role = if ids == Some(ident) { Role::Ids } else { role(ident, &ty, options)? };
        Ok(Arg { ident: ident.clone(), ty, role })
    };
    typed().zip(names.iter().copied()).map(arg).collect()
}

fn name(typed: &PatType) -> Result<&Ident> {
    match &*typed.pat {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => Ok(&name.ident),
        pattern => {
            let message = "an argument of a cached function needs a name of its own, because the key \
                           is made of it; give it one and take it apart in the body";
            Err(Error::new(pattern.span(), message))
        }
    }
}

fn check_skipped(names: &[&Ident], item: &ItemFn, options: &Options) -> Result<()> {
    let has_self = item.sig.receiver().is_some();
    let known = |name: &Ident| names.contains(&name) || (has_self && name == "self");
    let Some(unknown) = options.skip.iter().find(|name| !known(name)) else { return Ok(()) };
    let receiver = has_self.then(|| String::from("self"));
    let names: Vec<String> =
        receiver.into_iter().chain(names.iter().map(ToString::to_string)).collect();
    let message = if names.is_empty() {
        format!("there is no argument `{unknown}` to skip; the function has none")
    } else {
        format!("there is no argument `{unknown}` to skip; the arguments are: {}", names.join(", "))
    };
    Err(Error::new(unknown.span(), message))
}

fn role(ident: &Ident, ty: &Type, options: &Options) -> Result<Role> {
    let skipped = options.skip.contains(ident);
    let keyed = match &options.key {
        Some(key) => in_written_key(ident, key, skipped)?,
        None => !skipped,
    };
    if keyed && options.key.is_none() {
        check_part(ident, ty)?;
    }
    if keyed {
        return Ok(Role::Key);
    }
    let used = options.expressions().any(|expression| mentions(expression, ident));
    Ok(if used { Role::Used } else { Role::Hidden })
}

/// Whether a key that is written out uses the argument; one that it does not use must be skipped.
fn in_written_key(ident: &Ident, key: &Expr, skipped: bool) -> Result<bool> {
    let keyed = mentions(key, ident);
    let message = match (keyed, skipped) {
        (false, false) => format!(
            "`{ident}` is not in the key, so that calls which differ in it would share one value; add \
             it to `key = ..`, or say `skip({ident})` if the value does not depend on it"
        ),
        (true, true) => format!("`{ident}` is in the key and skipped; decide for one of the two"),
        _ => return Ok(keyed),
    };
    Err(Error::new(ident.span(), message))
}

/// Refuses what can be no part of a key, whatever it is.
fn check_part(ident: &Ident, ty: &Type) -> Result<()> {
    let message = match ty {
        Type::ImplTrait(_) => format!(
            "the key does not tell which type is behind `impl Trait`; say what of it is in the key, \
             `key = ..`, or leave it out, `skip({ident})`"
        ),
        Type::Reference(reference) if reference.mutability.is_some() => format!(
            "`{ident}` is there to be changed, which a hit would not do; leave it out of the key with \
             `skip({ident})` if that does not matter"
        ),
        _ => return Ok(()),
    };
    Err(Error::new(ty.span(), message))
}

/// The argument that has the ids.
fn ids<'a>(
    typed: impl Iterator<Item = &'a PatType>,
    item: &ItemFn,
    options: &Options,
) -> Result<&'a Ident> {
    let lists = typed.filter(|typed| is_named(&typed.ty, "Vec")).map(name);
    let lists = lists.collect::<Result<Vec<&Ident>>>()?;
    let chosen: Vec<&Ident> = match &options.ids {
        Some(ids) => lists.into_iter().filter(|list| mentions(ids, list)).collect(),
        None => lists.into_iter().filter(|list| !options.skip.contains(*list)).collect(),
    };
    match chosen.as_slice() {
        [ids] => Ok(*ids),
        [] => Err(Error::new(
            options.ids.as_ref().map_or_else(|| item.sig.paren_token.span.join(), |ids| ids.span()),
            "`#[cached_multi]` needs an argument with the ids, whose type is `Vec<Id>`",
        )),
        [_, second, ..] => Err(Error::new(
            second.span(),
            "there are several lists; say which one has the ids: `ids = ..`, and if another is no \
             part of the key, `skip(..)` it",
        )),
    }
}
