//! The body of the function: the way through the cache.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::Cached;
use crate::subject::local;

/// How a call gets its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Finish {
    GetOrCreate,
    Refresh,
}

impl Cached {
    /// A body that goes through the cache, and past it where there is no region.
    pub(super) fn call(&self, finish: Finish, creator: &TokenStream) -> TokenStream {
        let [region, key, entry, create] = ["region", "key", "entry", "create"].map(local);
        let find_region = self.subject.find_region(&region);
        let made_key = self.key();
        let borrow_for_key = self.subject.borrow_args(&made_key);
        let made_entry = self.subject.entry(&region, &quote!(&#key));
        let borrow = self.subject.borrow_args(&made_entry);
        let asked = self.ask(finish, &entry, &create);
        // Only a function that cannot fail needs the region once more.
        let held = if self.returns.fallible { quote!(#entry) } else { quote!((#region, #entry)) };
        let past = self.hand_out_made(&quote!(#create().await));
        let guard = if finish == Finish::GetOrCreate { self.guard() } else { None };
        quote! {
            #guard
            let #key = { #borrow_for_key #made_key };
            #find_region
            let #entry = ::core::option::Option::map(#region, |#region| {
                #borrow
                let #entry = #made_entry;
                #held
            });
            let #create = #creator;
            match #entry {
                ::core::option::Option::Some(#held) => #asked,
                ::core::option::Option::None => #past,
            }
        }
    }

    /// What is done with the entry, in the type that the function returns.
    fn ask(&self, finish: Finish, entry: &Ident, create: &Ident) -> TokenStream {
        let region = local("region");
        let krate = &self.subject.options.krate;
        if self.returns.fallible {
            let asked = self.finished(finish, entry, &quote!(#create));
            let hand_out = (!self.returns.shared).then(|| quote!(.map(#krate::Shared::into_owned)));
            return quote!(#asked.await #hand_out);
        }
        let (in_time, alone) = (self.private("in_time"), self.private("alone"));
        let (value, failed) = (local("value"), self.private("InVain"));
        let creator = quote!(|| #in_time(#create.take()));
        let asked = self.finished(finish, entry, &creator);
        let hand_out = if self.returns.shared {
            quote!(#value)
        } else {
            quote!(#krate::Shared::into_owned(#value))
        };
        let made = self.hand_out_made(&quote!(#alone(#region, #create).await));
        quote!({
            let mut #create = ::core::option::Option::Some(#create);
            match #asked.await {
                ::core::result::Result::Ok(#value) => #hand_out,
                ::core::result::Result::Err(#failed { .. }) => #made,
            }
        })
    }

    /// What the body made, in the type that the function returns.
    fn hand_out_made(&self, made: &TokenStream) -> TokenStream {
        let krate = &self.subject.options.krate;
        match (self.returns.shared, self.returns.fallible) {
            (false, _) => made.clone(),
            (true, true) => quote!(#made.map(#krate::Shared::from)),
            (true, false) => quote!(#krate::Shared::from(#made)),
        }
    }

    /// The call that creates, on the entry as the options want it.
    fn finished(&self, finish: Finish, entry: &Ident, create: &TokenStream) -> TokenStream {
        let options = &self.subject.options;
        let detached = options.detached.is_some() && finish == Finish::GetOrCreate;
        let wanted = self.wanted().map(|wanted| quote!(.should_cache(#wanted)));
        let name = match (finish, detached && options.in_process.is_some()) {
            (Finish::Refresh, _) => "refresh",
            (Finish::GetOrCreate, true) => "get_or_create_detached",
            (Finish::GetOrCreate, false) => "get_or_create",
        };
        let name = format_ident!("{name}");
        if options.in_process.is_some() {
            let weigh = self.weigh();
            return quote!(#entry #wanted.in_process().#name(#weigh, #create));
        }
        let detached = detached.then(|| quote!(.detached()));
        quote!(#entry #wanted #detached.#name(#create))
    }

    /// The closure of `should_cache`, told its types.
    fn wanted(&self) -> Option<TokenStream> {
        let (wanted, krate) = (self.private("wanted"), &self.subject.options.krate);
        let value = self.returns.value(krate);
        self.subject.options.should_cache.as_ref().map(|given| quote!(#wanted::<#value, _>(#given)))
    }

    /// The weigher of values that stay in the process, told its types.
    pub(super) fn weigh(&self) -> TokenStream {
        let value = self.returns.value(&self.subject.options.krate);
        let (weigher, size_of_only) = (self.private("weigher"), self.private("size_of_only"));
        match &self.subject.options.weigh {
            Some(weigh) => quote!(#weigher::<#value, _>(#weigh)),
            None => quote!(#size_of_only::<#value>),
        }
    }

    /// Refuses a `Result` under another name, whose errors would be cached.
    fn guard(&self) -> Option<TokenStream> {
        if self.returns.fallible {
            return None;
        }
        let (made, made_of, not_result) =
            (&self.returns.made, self.private("MadeOf"), self.private("NotResult"));
        let message = "this return type is a `Result` under another name, and its errors would be \
                       cached: write `Result<..>`";
        // Only the first of the two is evaluated by `cargo check`, and only the second can see type
        // parameters.
        let constant =
            if self.subject.is_generic() { quote!(const) } else { quote!(const _: () =) };
        Some(quote_spanned! {self.returns.span()=>
            #constant {
                // Where the type is a result, the trait is not what answers.
                #[allow(unused_imports)]
                use #not_result as _;
                ::core::assert!(!#made_of::<#made>::IS_RESULT, #message);
            };
        })
    }
}
