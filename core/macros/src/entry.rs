//! The region of a call, and the entry in it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprLit, Ident, Lit, ReceiverKind};

use crate::mention::mentions;
use crate::subject::{Subject, local};

impl Subject {
    /// Gets the region, if there is one, as `region`.
    pub(crate) fn find_region(&self, region: &Ident) -> TokenStream {
        let (source, krate) = (local("source"), &self.options.krate);
        let from = &self.options.region;
        if self.gives_region_away() {
            return quote! {
                let #source = #krate::AsRegion::as_region(&(#from)).cloned();
                let #region = ::core::option::Option::as_ref(&#source);
            };
        }
        quote! {
            let #source = &(#from);
            let #region = #krate::AsRegion::as_region(#source);
        }
    }

    /// Whether the region comes from something that the call gives away while it is still needed.
    fn gives_region_away(&self) -> bool {
        let from = &self.options.region;
        let owned_self = self.function.receiver().is_some_and(|receiver| {
            !matches!(receiver.kind, ReceiverKind::Reference(..))
                && mentions(from, &Ident::from(receiver.self_token))
        });
        owned_self
            || self.function.args.iter().any(|arg| arg.is_owned() && mentions(from, &arg.ident))
    }

    /// An entry under a key, with the options of the attribute.
    pub(crate) fn entry(&self, region: &Ident, key: &TokenStream) -> TokenStream {
        let krate = &self.options.krate;
        let ttl = self.options.ttl.iter();
        let stale_for = self.options.stale_for.iter();
        let entry = quote!(#region.entry(#key) #(.ttl(#ttl))* #(.stale_for(#stale_for))*);
        if let Some(tags) = self.constant_tags() {
            return quote!({
                static TAGS: ::std::sync::LazyLock<#krate::Tags> = ::std::sync::LazyLock::new(|| {
                    #krate::Tags::prepared([#(#tags),*].into_iter().collect())
                });
                #entry.tags(&TAGS)
            });
        }
        let tag = self.options.tag.iter();
        let entry = quote!(#entry #(.tag(#tag))*);
        match &self.options.tags {
            Some(tags) => quote!(#krate::__private::tagged(#entry, #tags)),
            None => entry,
        }
    }

    /// The tags, if there are any and all of them are literals.
    fn constant_tags(&self) -> Option<Vec<&Expr>> {
        let list = match &self.options.tags {
            Some(Expr::Array(list)) => list.elems.iter().collect(),
            Some(_) => return None,
            None => Vec::new(),
        };
        let all: Vec<&Expr> = self.options.tag.iter().chain(list).collect();
        let constant = |tag: &&Expr| matches!(tag, Expr::Lit(ExprLit { lit: Lit::Str(_), .. }));
        (!all.is_empty() && all.iter().all(constant)).then_some(all)
    }
}
