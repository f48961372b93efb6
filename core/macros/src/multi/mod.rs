//! `#[cached_multi]`.

mod call;
mod helpers;
mod returns;

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Error, Expr, Pat, Result, Type};

use crate::attributes;
use crate::function::{Arg, Role};
use crate::options::{Attribute, Options};
use crate::returns::{arguments, ungroup};
use crate::subject::{Subject, local};

use returns::Returns;

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let options = Options::parse(options, Attribute::CachedMulti)?;
    let key = options.key.as_ref().map(KeyOfId::parse).transpose()?;
    let subject = Subject::new(options, item)?;
    let function = &subject.function;
    let returns = Returns::of(function.output(), function.item.sig.paren_token.span.join())?;
    let ids = function.args.iter().find(|arg| arg.role == Role::Ids);
    let Some((ids, id)) = ids.and_then(|ids| Some((ids.ident.clone(), element(&ids.ty)?))) else {
        let message = "write the type of an id: `Vec<Id>`";
        return Err(Error::new(function.item.sig.inputs.span(), message));
    };
    Ok(CachedMulti { key, ids, id, returns, subject }.tokens())
}

struct CachedMulti {
    key: Option<KeyOfId>,
    /// The name of the argument that has the ids.
    ids: Ident,
    /// The type of one of them.
    id: Type,
    returns: Returns,
    subject: Subject,
}

/// `key = |id| ..`
struct KeyOfId {
    id: Ident,
    body: Expr,
}

impl KeyOfId {
    fn parse(key: &Expr) -> Result<Self> {
        if let Expr::Closure(closure) = key
            && closure.inputs.len() == 1
            && let Some(Pat::Ident(id)) = closure.inputs.first().map(untyped)
        {
            return Ok(Self { id: id.ident.clone(), body: (*closure.body).clone() });
        }
        let message =
            "with several values the key is made for each id: `key = |id| (\"user\", id)`";
        Err(Error::new(key.span(), message))
    }
}

impl CachedMulti {
    fn tokens(&self) -> TokenStream {
        let item = &self.subject.function.item;
        let (attributes, vis) = (attributes::of_wrapper(&item.attrs), &item.vis);
        let signature = &item.sig;
        if self.subject.options.no_helpers.is_some() {
            let body = self.call(&self.inline_creator());
            return quote!(#(#attributes)* #vis #signature { #body });
        }
        let body = self.call(&self.creator());
        let helpers = self.subject.place(&self.helpers());
        quote! {
            #(#attributes)*
            #vis #signature { #body }

            #helpers
        }
    }

    /// A closure that calls the function for some ids without its cache.
    fn creator(&self) -> TokenStream {
        let (ids, id, call) = (&self.ids, &self.id, self.subject.call_original());
        let again = self.again();
        quote!(move |#ids: ::std::vec::Vec<#id>| {
            #again
            #call
        })
    }

    /// The other arguments, cloned for one run of the body: it runs again for ids whose creation
    /// another caller has left behind.
    fn again(&self) -> TokenStream {
        let others = self.subject.function.args.iter().filter(|arg| arg.role != Role::Ids);
        let others = others.map(|arg| {
            let (name, span) = (&arg.ident, arg.ty.span());
            quote_spanned!(span=> let #name = ::core::clone::Clone::clone(&#name);)
        });
        quote!(#(#others)*)
    }

    /// A closure with the body of the function in it.
    fn inline_creator(&self) -> TokenStream {
        let (block, made) = (&self.subject.function.item.block, &self.returns.made);
        let (ids, id, output, again) = (&self.ids, &self.id, local("output"), self.again());
        quote! {
            move |#ids: ::std::vec::Vec<#id>| {
                #again
                async move {
                    let #output: #made = async move #block.await;
                    #output
                }
            }
        }
    }

    /// The key of the id that is called `one`.
    fn key(&self, one: &Ident) -> TokenStream {
        if let Some(KeyOfId { id, body }) = &self.key {
            let key = self.subject.key_of_expression(body);
            return quote!({ let #id = #one; #key });
        }
        let mut parts = self.subject.constant_parts();
        let keyed = self.subject.function.args.iter().filter(|arg| arg.role == Role::Key);
        parts.extend(keyed.map(|arg| self.subject.part(&arg.ident, &arg.ty)));
        let krate = &self.subject.options.krate;
        let fit = quote_spanned!(self.id.span()=> #krate::__private::part);
        parts.push(quote!(#fit(#one)));
        self.subject.key_of_parts(&parts)
    }

    /// The parameters of a helper, with `ids` in the place of the ids.
    fn parameters(&self, ids: &TokenStream) -> TokenStream {
        let receiver = self.subject.function.receiver().map(|_| quote!(&self,));
        let parameter = |arg: &Arg| {
            if arg.role == Role::Ids {
                return quote!(#ids,);
            }
            let (ident, ty) = (&arg.ident, arg.borrowed());
            quote!(#ident: #ty,)
        };
        let shown = self.subject.function.shown().map(parameter);
        quote!(#receiver #(#shown)*)
    }
}

/// A parameter without its type.
fn untyped(parameter: &Pat) -> &Pat {
    match parameter {
        Pat::Type(typed) => &typed.pat,
        _ => parameter,
    }
}

/// The type of the elements of a `Vec`.
fn element(list: &Type) -> Option<Type> {
    let mut list = ungroup(list).clone();
    arguments(&mut list).first().map(|element| (**element).clone())
}
