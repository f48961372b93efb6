//! What stands beside the function: look, set, refresh, invalidate, for some ids.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::CachedMulti;
use super::returns::Many;
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
        let (get_each, ids) = (self.private("get_each"), &self.ids);
        let entries = self.entry_of_each();
        let found = quote!(#get_each::<#value>(#entries).await);
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
        let [region, values, one, given] = ["region", "values", "one", "given"].map(local);
        let (set_each, key) = (self.private("set_each"), self.key(&one));
        let entry = self.subject.entry(&region, &key);
        let stored = quote! {
            let #values: ::std::vec::Vec<_> = ::core::iter::IntoIterator::into_iter(#values)
                .map(|(#given, #values)| {
                    let #one = &#given;
                    (#entry, #values)
                })
                .collect();
            #set_each(#values).await
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
        let (invalidate_each, entries) = (self.private("invalidate_each"), self.entry_of_each());
        let done = quote!(#invalidate_each(#entries).await);
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
        let [region, entries, one] = ["region", "entries", "one"].map(local);
        let find_region = self.subject.find_region(&region);
        let (key, ids) = (self.key(&one), &self.ids);
        let entry = self.subject.entry(&region, &key);
        let borrow = self.subject.borrow_args(&entry);
        let (each, refresh) = match self.returns.many {
            Many::List => (entry, self.private("refresh_each")),
            Many::Map => (quote!((#one.clone(), #entry)), self.private("refresh_map")),
        };
        let call = self.subject.call_original();
        let refreshed = self.hand_out(&quote!(#refresh(#entries, #call).await));
        let past = self.hand_out_made(&quote!(#call.await));
        quote! {
            /// Creates the values of these ids anew, even where fresh ones are cached, and stores
            /// them.
            // The parameters are the user's, and who does not use a helper is not to be told.
            #[allow(dead_code, clippy::too_many_arguments, clippy::missing_errors_doc)]
            #vis #signature {
                #find_region
                let #entries = ::core::option::Option::map(#region, |#region| {
                    #borrow
                    #ids.iter().map(|#one| #each).collect::<::std::vec::Vec<_>>()
                });
                match #entries {
                    ::core::option::Option::Some(#entries) => #refreshed,
                    ::core::option::Option::None => #past,
                }
            }
        }
    }

    /// The entries of the ids, as a list.
    fn entry_of_each(&self) -> TokenStream {
        let [region, one] = ["region", "one"].map(local);
        let (ids, key) = (&self.ids, self.key(&one));
        let entry = self.subject.entry(&region, &key);
        quote!(#ids.iter().map(|#one| #entry).collect::<::std::vec::Vec<_>>())
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

    /// A path in the part of the crate that only expansions use.
    fn private(&self, name: &str) -> TokenStream {
        let (krate, name) = (&self.subject.options.krate, format_ident!("{name}"));
        quote!(#krate::__private::#name)
    }
}
