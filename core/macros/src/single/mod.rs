//! `#[cached]`.

mod call;
mod helpers;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Error, Result};

use crate::attributes;
use crate::function::Role;
use crate::options::{Attribute, Options};
use crate::returns::Returns;
use crate::subject::Subject;

use call::Finish;

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let options = Options::parse(options, Attribute::Cached)?;
    let subject = Subject::new(options, item)?;
    let function = &subject.function;
    let returns = Returns::of(function.output(), function.item.sig.paren_token.span.join())?;
    let cached = Cached { subject, returns };
    cached.check()?;
    Ok(cached.tokens())
}

struct Cached {
    subject: Subject,
    returns: Returns,
}

impl Cached {
    fn check(&self) -> Result<()> {
        match self.subject.options.detached {
            Some(span) if !self.returns.fallible => Err(Error::new(
                span,
                "a `detached` creation ends with the runtime, so that its caller must be able to \
                 fail; return a `Result`",
            )),
            _ => Ok(()),
        }
    }

    fn tokens(&self) -> TokenStream {
        let item = &self.subject.function.item;
        let (attributes, vis) = (attributes::of_wrapper(&item.attrs), &item.vis);
        let signature = &item.sig;
        if self.subject.options.no_helpers.is_some() {
            let body = self.call(Finish::GetOrCreate, &self.inline_creator());
            return quote!(#(#attributes)* #vis #signature { #body });
        }
        let creator = self.creator();
        let body = self.call(Finish::GetOrCreate, &creator);
        let helpers = self.subject.place(&self.helpers(&creator));
        quote! {
            #(#attributes)*
            #vis #signature { #body }

            #helpers
        }
    }

    /// A closure that calls the function without its cache.
    fn creator(&self) -> TokenStream {
        let call = self.subject.call_original();
        quote!(move || #call)
    }

    /// A closure with the body of the function in it.
    fn inline_creator(&self) -> TokenStream {
        let (block, made) = (&self.subject.function.item.block, &self.returns.made);
        let output = crate::subject::local("output");
        quote! {
            move || async move {
                let #output: #made = async move #block.await;
                #output
            }
        }
    }

    /// The key of a call.
    fn key(&self) -> TokenStream {
        if let Some(key) = &self.subject.options.key {
            return self.subject.key_of_expression(key);
        }
        let mut parts = self.subject.constant_parts();
        let keyed = self.subject.function.args.iter().filter(|arg| arg.role == Role::Key);
        parts.extend(keyed.map(|arg| self.subject.part(&arg.ident, &arg.ty)));
        self.subject.key_of_parts(&parts)
    }

    /// The parameters of a helper: the receiver, and what the options use.
    fn parameters(&self) -> TokenStream {
        let receiver = self.subject.function.receiver().map(|_| quote!(&self,));
        let shown = self.subject.function.shown().map(|arg| {
            let (ident, ty) = (&arg.ident, arg.borrowed());
            quote!(#ident: #ty,)
        });
        quote!(#receiver #(#shown)*)
    }

    /// A path in the part of the crate that only expansions use.
    fn private(&self, name: &str) -> TokenStream {
        let (krate, name) = (&self.subject.options.krate, format_ident!("{name}"));
        quote!(#krate::__private::#name)
    }
}
