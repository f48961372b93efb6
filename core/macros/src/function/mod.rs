//! The function under the attribute.

mod args;
mod generics;
mod rules;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens as _;
use syn::{FnArg, Ident, ItemFn, Receiver, Result, ReturnType, Stmt, parse2};

pub(crate) use args::{Arg, Role};
pub(crate) use generics::{HelperGenerics, names};

use crate::mention::mentions;
use crate::options::Options;

/// A function that may be cached: it keeps all the rules.
pub(crate) struct Function {
    pub(crate) item: ItemFn,
    /// The arguments but for `self`.
    pub(crate) args: Vec<Arg>,
    /// Whether it stands in an `impl`, where no type can be declared beside it.
    pub(crate) in_impl: bool,
}

impl Function {
    pub(crate) fn parse(item: TokenStream, options: &Options) -> Result<Self> {
        let item: ItemFn = parse2(item.clone()).map_err(|_| rules::no_function(item, options))?;
        rules::check_function(&item, options)?;
        let args = args::all(&item, options)?;
        let in_impl =
            options.associated || item.sig.receiver().is_some() || mentions_self_type(&item);
        rules::check_helpers(in_impl, &item, options)?;
        Ok(Self { item, args, in_impl })
    }

    pub(crate) const fn name(&self) -> &Ident {
        &self.item.sig.ident
    }

    pub(crate) fn receiver(&self) -> Option<&Receiver> {
        self.item.sig.receiver()
    }

    pub(crate) const fn output(&self) -> &ReturnType {
        &self.item.sig.output
    }

    /// The arguments that the helpers take.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Arg> {
        self.args.iter().filter(|arg| arg.role != Role::Hidden)
    }

    /// The arguments, `self` included, in the order in which a call by path gives them.
    pub(crate) fn call(&self) -> impl Iterator<Item = TokenStream> {
        let receiver = self.receiver().map(|receiver| receiver.self_token.to_token_stream());
        receiver.into_iter().chain(self.args.iter().map(|arg| arg.ident.to_token_stream()))
    }
}

/// Whether a function without `self` can only be one of an `impl`, because it says `Self`.
fn mentions_self_type(item: &ItemFn) -> bool {
    let name = Ident::new("Self", Span::call_site());
    let statement =
        |statement: &Stmt| !matches!(statement, Stmt::Item(_)) && mentions(statement, &name);
    let inputs = item.sig.inputs.iter().any(|input| match input {
        FnArg::Typed(typed) => mentions(&typed.ty, &name),
        FnArg::Receiver(_) => true,
    });
    inputs || mentions(&item.sig.output, &name) || item.block.stmts.iter().any(statement)
}
