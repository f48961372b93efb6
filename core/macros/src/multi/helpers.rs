//! What stands beside the function: look, set, refresh, invalidate, for some ids.

use proc_macro2::TokenStream;
use quote::quote;

use super::CachedMulti;
use crate::subject::local;

/// How a helper is written.
struct Helper {
    docs: &'static str,
    name: &'static str,
    is_async: bool,
    parameters: TokenStream,
    output: TokenStream,
    body: TokenStream,
}

impl CachedMulti {
    /// All helpers, one after another.
    pub(super) fn helpers(&self) -> TokenStream {
        let all = [self.key_helper(), self.get(), self.set(), self.invalidate()];
        let all = all.into_iter().map(|helper| self.helper(helper));
        let original = self.subject.original(&self.returns.made);
        let refresh = self.refresh();
        quote!(#(#all)* #refresh #original)
    }

    fn helper(&self, helper: Helper) -> TokenStream {
        let Helper { docs, name, is_async, parameters, output, body } = helper;
        let vis = &self.subject.function.item.vis;
        let name = self.subject.helper_name(name);
        let asyncness = is_async.then(|| quote!(async));
        let generics = &self.subject.generics.generics;
        let clause = &generics.where_clause;
        quote! {
            #[doc = #docs]
            // The parameters are the user's, and who does not use a helper is not to be told.
            #[allow(
                dead_code, unused_variables, clippy::ptr_arg, clippy::trivially_copy_pass_by_ref,
                clippy::extra_unused_lifetimes, clippy::needless_lifetimes,
                clippy::too_many_arguments, clippy::unused_self, clippy::missing_errors_doc,
            )]
            #vis #asyncness fn #name #generics (#parameters) -> #output #clause { #body }
        }
    }

    fn key_helper(&self) -> Helper {
        let (krate, id, one) = (&self.subject.options.krate, &self.id, local("one"));
        Helper {
            docs: "The key under which the value of one id is cached.",
            name: "key",
            is_async: false,
            parameters: self.parameters(&quote!(#one: &#id)),
            output: quote!(#krate::Key),
            body: self.key(&one),
        }
    }

    fn get(&self) -> Helper {
        let (krate, value, id) = (&self.subject.options.krate, &self.returns.value, &self.id);
        let (ids, entries) = (&self.ids, self.entries_of_some());
        let found = quote!(#entries.get_multi::<#value>().await);
        let none = quote!(#ids.iter().map(|_| ::core::option::Option::None).collect());
        Helper {
            docs: "The cached values in the order of the ids; those that may be served. Creates \
                   nothing.",
            name: "get",
            is_async: true,
            parameters: self.parameters(&quote!(#ids: &[#id])),
            output: quote! {
                ::std::vec::Vec<::core::option::Option<#krate::Shared<#value>>>
            },
            body: self.with_region(&found, &none),
        }
    }

    fn set(&self) -> Helper {
        let (krate, value, id) = (&self.subject.options.krate, &self.returns.value, &self.id);
        let [region, values, given] = ["region", "values", "given"].map(local);
        let entries = self.entries(&region, &quote!(#given), &quote!(&#id));
        let stored = quote! {
            let (#given, #values): (::std::vec::Vec<#id>, ::std::vec::Vec<#value>) =
                ::core::iter::Iterator::unzip(::core::iter::IntoIterator::into_iter(#values));
            #entries.set_multi(#values).await
        };
        let values_type = quote!(impl ::core::iter::IntoIterator<Item = (#id, #value)>);
        Helper {
            docs: "Stores values under their ids, whatever was there.",
            name: "set",
            is_async: true,
            parameters: self.parameters(&quote!(#values: #values_type)),
            output: quote!(#krate::Result<()>),
            body: self.with_region(&stored, &quote!(::core::result::Result::Ok(()))),
        }
    }

    fn invalidate(&self) -> Helper {
        let (krate, ids, id) = (&self.subject.options.krate, &self.ids, &self.id);
        let entries = self.entries_of_some();
        let done = quote!(#entries.delete_multi().await);
        Helper {
            docs: "Invalidates the values of these ids: they are never served again.",
            name: "invalidate",
            is_async: true,
            parameters: self.parameters(&quote!(#ids: &[#id])),
            output: quote!(#krate::Result<()>),
            body: self.with_region(&done, &quote!(::core::result::Result::Ok(()))),
        }
    }

    /// Takes what the function takes and returns what it returns.
    fn refresh(&self) -> TokenStream {
        let vis = &self.subject.function.item.vis;
        let signature = self.subject.whole_signature("refresh", &self.returns.declared);
        let body = self.call_by(&self.creator(), ["refresh_multi", "refresh_map"]);
        quote! {
            /// Creates the values of these ids anew, even where fresh ones are cached, and stores
            /// them.
            // The parameters are the user's, and who does not use a helper is not to be told.
            #[allow(dead_code, clippy::too_many_arguments, clippy::missing_errors_doc)]
            #vis #signature {
                #body
            }
        }
    }

    /// The entries of the ids that a helper was given.
    fn entries_of_some(&self) -> TokenStream {
        let (ids, id) = (&self.ids, &self.id);
        self.entries(&local("region"), &quote!(#ids), &quote!(&&#id))
    }

    /// `there` with a region at hand, `not_there` without one.
    fn with_region(&self, there: &TokenStream, not_there: &TokenStream) -> TokenStream {
        let region = local("region");
        let find_region = self.subject.find_region(&region);
        quote! {
            #find_region
            match #region {
                ::core::option::Option::Some(#region) => { #there }
                ::core::option::Option::None => #not_there,
            }
        }
    }
}
