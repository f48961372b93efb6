//! The body of the function: each id through the cache, the missing ones together.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::CachedMulti;
use super::returns::Many;
use crate::subject::local;

impl CachedMulti {
    /// Values that are cached, or created where they are not.
    pub(super) fn call(&self, creator: &TokenStream) -> TokenStream {
        self.call_by(creator, ["get_or_create_multi", "get_or_create_map"])
    }

    /// What the method that is called so for a list, or for a map, makes of a creator.
    pub(super) fn call_by(&self, creator: &TokenStream, [list, map]: [&str; 2]) -> TokenStream {
        let [region, entries, create] = ["region", "entries", "create"].map(local);
        let find_region = self.subject.find_region(&region);
        let (ids, id) = (&self.ids, &self.id);
        let made_entries = self.entries(&region, &quote!(#ids), &quote!(&#id));
        let borrow = self.subject.borrow_args(&made_entries);
        let finish = match self.returns.many {
            Many::List => list,
            Many::Map => map,
        };
        let finish = format_ident!("{finish}");
        let handed_out = self.hand_out(&quote!(#entries.#finish(#create).await));
        let past = self.hand_out_made(&quote!(#create(#ids).await));
        quote! {
            #find_region
            let #entries = match #region {
                ::core::option::Option::Some(#region) => {
                    #borrow
                    ::core::result::Result::Ok(#made_entries)
                }
                ::core::option::Option::None => ::core::result::Result::Err(#ids),
            };
            let #create = #creator;
            match #entries {
                ::core::result::Result::Ok(#entries) => #handed_out,
                ::core::result::Result::Err(#ids) => #past,
            }
        }
    }

    /// The entries of the ids, with the options of the attribute.
    ///
    /// `one_of` is what the key is made from: a reference to what `ids` yields.
    pub(super) fn entries(
        &self,
        region: &Ident,
        ids: &TokenStream,
        one_of: &TokenStream,
    ) -> TokenStream {
        let (entries, one, each) = (local("entries"), local("one"), local("tag"));
        let (id, key) = (&self.id, self.key(&one));
        let options = &self.subject.options;
        let (ttl, stale_for) = (options.ttl.iter(), options.stale_for.iter());
        let tag = options.tag.iter();
        let tags = options.tags.iter();
        quote!({
            let #entries = #region.entries_by(#ids, |#one: #one_of| { let #one: &#id = #one; #key })
                #(.ttl(#ttl))* #(.stale_for(#stale_for))* #(.tag(#tag))*;
            #(
                let mut #entries = #entries;
                for #each in #tags {
                    #entries = #entries.tag(#each);
                }
            )*
            #entries
        })
    }

    /// Shared values, in the type that the function returns.
    pub(super) fn hand_out(&self, shared: &TokenStream) -> TokenStream {
        if self.returns.shared {
            return shared.clone();
        }
        let krate = &self.subject.options.krate;
        self.each(shared, &quote!(#krate::Shared::into_owned))
    }

    /// Values that the body made, in the type that the function returns.
    pub(super) fn hand_out_made(&self, made: &TokenStream) -> TokenStream {
        if !self.returns.shared {
            return made.clone();
        }
        let krate = &self.subject.options.krate;
        self.each(made, &quote!(#krate::Shared::from))
    }

    /// `result`, with every value of it changed.
    fn each(&self, result: &TokenStream, change: &TokenStream) -> TokenStream {
        let [values, id, value] = ["values", "id", "value"].map(local);
        let changed = match self.returns.many {
            Many::List => quote!(#values.into_iter().map(#change)),
            Many::Map => quote!(#values.into_iter().map(|(#id, #value)| (#id, #change(#value)))),
        };
        quote!(#result.map(|#values| ::core::iter::Iterator::collect(#changed)))
    }
}
