//! The generic parameters of the helpers.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::punctuated::Punctuated;
use syn::{GenericParam, Generics, Ident, Token, TypeParamBound, WherePredicate};

use super::{Function, Role};
use crate::mention::mentions;
use crate::options::Options;

/// The generics of a function, without the parameters that belong to arguments which are not in the
/// key: what does not decide the value decides nothing by its type either.
pub(crate) struct HelperGenerics {
    pub(crate) generics: Generics,
}

impl HelperGenerics {
    pub(crate) fn of(function: &Function, options: &Options) -> Self {
        let all = &function.item.sig.generics;
        let mut dropped: Vec<&Ident> =
            names(all).filter(|name| belongs_to_hidden(name, function, options)).collect();
        // A parameter that a kept one's bounds need stays too.
        while let Some(needed) = dropped.iter().position(|name| needed_by_kept(name, all, &dropped))
        {
            dropped.remove(needed);
        }
        let mut generics = all.clone();
        generics.params =
            all.params.iter().filter(|param| !is_one_of(param, &dropped)).cloned().collect();
        if let Some(clause) = &mut generics.where_clause {
            let kept = |predicate: &&WherePredicate| {
                !dropped.iter().any(|name| in_predicate(predicate, name))
            };
            let predicates = clause.predicates.iter().filter(kept).cloned();
            clause.predicates = predicates.collect::<Punctuated<_, Token![,]>>();
        }
        Self { generics }
    }

    /// What of them is in the key: the names of types, and constants themselves.
    pub(crate) fn parts(&self) -> impl Iterator<Item = TokenStream> {
        self.generics.params.iter().filter_map(|param| match param {
            GenericParam::Type(param) => {
                let name = &param.ident;
                Some(quote!(::core::any::type_name::<#name>()))
            }
            GenericParam::Const(param) => Some(param.ident.to_token_stream()),
            GenericParam::Lifetime(_) => None,
        })
    }
}

/// The names of all parameters but lifetimes.
pub(crate) fn names(generics: &Generics) -> impl Iterator<Item = &Ident> {
    generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    })
}

fn belongs_to_hidden(name: &Ident, function: &Function, options: &Options) -> bool {
    let of_args = |hidden: bool| {
        let mut args = function.args.iter().filter(|arg| (arg.role == Role::Hidden) == hidden);
        args.any(|arg| mentions(&arg.ty, name))
    };
    of_args(true)
        && !of_args(false)
        && !mentions(function.output(), name)
        && !options.expressions().chain(&options.key).any(|expr| mentions(expr, name))
}

fn needed_by_kept(name: &Ident, all: &Generics, dropped: &[&Ident]) -> bool {
    let by_param = all.params.iter().any(|param| match param {
        GenericParam::Type(param) => {
            !dropped.contains(&&param.ident) && in_bounds(&param.bounds, name)
        }
        _ => false,
    });
    let predicates = all.where_clause.iter().flat_map(|clause| &clause.predicates);
    let by_predicate = predicates.filter(|predicate| in_predicate(predicate, name)).any(
        |predicate| match predicate {
            WherePredicate::Type(predicate) => {
                !dropped.iter().any(|dropped| mentions(&predicate.bounded_ty, dropped))
            }
            _ => false,
        },
    );
    by_param || by_predicate
}

fn in_predicate(predicate: &WherePredicate, name: &Ident) -> bool {
    match predicate {
        WherePredicate::Type(predicate) => {
            mentions(&predicate.bounded_ty, name) || in_bounds(&predicate.bounds, name)
        }
        _ => false,
    }
}

fn in_bounds(bounds: &Punctuated<TypeParamBound, Token![+]>, name: &Ident) -> bool {
    mentions(bounds, name)
}

fn is_one_of(param: &GenericParam, names: &[&Ident]) -> bool {
    match param {
        GenericParam::Type(param) => names.contains(&&param.ident),
        GenericParam::Const(param) => names.contains(&&param.ident),
        GenericParam::Lifetime(_) => false,
    }
}
