//! What stands beside the function: look, set, refresh, invalidate.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::Cached;
use super::call::Finish;
use crate::subject::local;

/// How a helper is written.
struct Helper {
    docs: &'static str,
    name: &'static str,
    is_async: bool,
    /// Parameters after those of the function.
    more: TokenStream,
    output: TokenStream,
    body: TokenStream,
}

impl Cached {
    /// All helpers, one after another.
    pub(super) fn helpers(&self, creator: &TokenStream) -> TokenStream {
        let all = [self.key_helper(), self.get(), self.set(), self.invalidate()];
        let all = all.into_iter().map(|helper| self.helper(helper));
        let original = self.subject.original(&self.returns.made);
        let refresh = self.refresh(creator);
        quote!(#(#all)* #refresh #original)
    }

    fn helper(&self, helper: Helper) -> TokenStream {
        let Helper { docs, name, is_async, more, output, body } = helper;
        let vis = &self.subject.function.item.vis;
        let name = self.subject.helper_name(name);
        let asyncness = is_async.then(|| quote!(async));
        let generics = &self.subject.generics.generics;
        let clause = &generics.where_clause;
        let parameters = self.parameters();
        quote! {
            #[doc = #docs]
            // The parameters are the user's, and who does not use a helper is not to be told.
            #[allow(
                dead_code, unused_variables, clippy::ptr_arg, clippy::trivially_copy_pass_by_ref,
                clippy::extra_unused_lifetimes, clippy::needless_lifetimes,
                clippy::too_many_arguments, clippy::unused_self, clippy::missing_errors_doc,
            )]
            #vis #asyncness fn #name #generics (#parameters #more) -> #output #clause { #body }
        }
    }

    fn key_helper(&self) -> Helper {
        let krate = &self.subject.options.krate;
        Helper {
            docs: "The key under which the value for these arguments is cached.",
            name: "key",
            is_async: false,
            more: TokenStream::new(),
            output: quote!(#krate::Key),
            body: self.key(),
        }
    }

    fn get(&self) -> Helper {
        let krate = &self.subject.options.krate;
        let value = self.returns.value(krate);
        let in_process = self.subject.options.in_process.map(|_| quote!(.in_process()));
        let entry = self.entry();
        let found = quote!(#entry #in_process.get::<#value>().await);
        Helper {
            docs: "The cached value for these arguments, if one may be served. Creates nothing.",
            name: "get",
            is_async: true,
            more: TokenStream::new(),
            output: quote!(::core::option::Option<#krate::Shared<#value>>),
            body: self.with_region(&found, &quote!(::core::option::Option::None)),
        }
    }

    fn set(&self) -> Helper {
        let krate = &self.subject.options.krate;
        let (value, ty) = (local("value"), self.returns.value(krate));
        let entry = self.entry();
        let stored = if self.subject.options.in_process.is_some() {
            let (set, weigh) = (self.private("set_in_process"), self.weigh());
            quote!(#set(#entry, #weigh, #value).await)
        } else {
            quote!(#entry.set(#value).await)
        };
        Helper {
            docs: "Stores a value for these arguments, whatever was there.",
            name: "set",
            is_async: true,
            more: quote!(#value: #ty),
            output: quote!(#krate::Result<()>),
            body: self.with_region(&stored, &quote!(::core::result::Result::Ok(()))),
        }
    }

    fn invalidate(&self) -> Helper {
        let krate = &self.subject.options.krate;
        let (region, key) = (local("region"), local("key"));
        let done = quote!(#region.entry(&#key).invalidate(#krate::Invalidation::Hard).await);
        Helper {
            docs: "Invalidates the value for these arguments: it is never served again.",
            name: "invalidate",
            is_async: true,
            more: TokenStream::new(),
            output: quote!(#krate::Result<()>),
            body: self.with_region(&done, &quote!(::core::result::Result::Ok(()))),
        }
    }

    /// Takes what the function takes and returns what it returns.
    fn refresh(&self, creator: &TokenStream) -> TokenStream {
        let vis = &self.subject.function.item.vis;
        let declared: &Type = &self.returns.declared;
        let signature = self.subject.whole_signature("refresh", declared);
        let body = self.call(Finish::Refresh, creator);
        quote! {
            /// Creates the value anew, even if a fresh one is cached, and stores it. Callers who
            /// refresh the same value at the same time share one creation.
            // The parameters are the user's, and who does not use a helper is not to be told.
            #[allow(dead_code, clippy::too_many_arguments, clippy::missing_errors_doc)]
            #vis #signature { #body }
        }
    }

    fn entry(&self) -> TokenStream {
        let (region, key) = (local("region"), local("key"));
        self.subject.entry(&region, &quote!(&#key))
    }

    /// `there` with a region and a key at hand, `not_there` without a region.
    fn with_region(&self, there: &TokenStream, not_there: &TokenStream) -> TokenStream {
        let [region, key] = ["region", "key"].map(local);
        let find_region = self.subject.find_region(&region);
        let made_key = self.key();
        quote! {
            #find_region
            match #region {
                ::core::option::Option::Some(#region) => {
                    let #key = #made_key;
                    #there
                }
                ::core::option::Option::None => #not_there,
            }
        }
    }
}
