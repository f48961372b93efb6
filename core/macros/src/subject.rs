//! A function and what its attribute says: what both attributes share.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Ident, Result, Signature, Type};

use crate::attributes;
use crate::function::{Arg, Function, HelperGenerics, Role, names};
use crate::mention::mentions;
use crate::options::Options;

pub(crate) struct Subject {
    pub(crate) options: Options,
    pub(crate) function: Function,
    pub(crate) generics: HelperGenerics,
}

impl Subject {
    pub(crate) fn new(options: Options, item: TokenStream) -> Result<Self> {
        let function = Function::parse(item, &options)?;
        let generics = HelperGenerics::of(&function, &options);
        Ok(Self { options, function, generics })
    }

    /// The name of a helper: `load_get` in an `impl`, `get` under the function's own name elsewhere.
    pub(crate) fn helper_name(&self, helper: &str) -> Ident {
        let function = self.function.name();
        if self.function.in_impl {
            format_ident!("{}_{helper}", function.unraw(), span = function.span())
        } else {
            Ident::new(helper, function.span())
        }
    }

    /// A call of the function without its cache.
    pub(crate) fn call_original(&self) -> TokenStream {
        let helper = self.helper_name("original");
        let owner = self.owner();
        let generics: Vec<&Ident> = names(&self.function.item.sig.generics).collect();
        let generics = (!generics.is_empty()).then(|| quote!(::<#(#generics),*>));
        let args = self.function.call();
        quote!(#owner::#helper #generics (#(#args),*))
    }

    /// The type that the helpers belong to.
    pub(crate) fn owner(&self) -> TokenStream {
        let name = self.function.name();
        if self.function.in_impl { quote!(Self) } else { name.to_token_stream() }
    }

    /// Whether there are, or may be, type parameters in sight.
    pub(crate) fn is_generic(&self) -> bool {
        self.function.in_impl || names(&self.function.item.sig.generics).next().is_some()
    }

    /// Turns the function's own arguments, as far as `code` uses them, into what helpers have:
    /// references.
    pub(crate) fn borrow_args(&self, code: &TokenStream) -> TokenStream {
        let used = |arg: &&Arg| arg.role != Role::Ids && mentions(code, &arg.ident);
        self.function.shown().filter(used).map(Arg::borrow).collect()
    }

    /// The signature of the function under the name of a helper.
    pub(crate) fn whole_signature(&self, helper: &str, output: &Type) -> Signature {
        let mut signature = self.function.item.sig.clone();
        signature.ident = self.helper_name(helper);
        signature.output = syn::parse_quote!(-> #output);
        signature
    }

    /// The function without its cache, which has the body that was written.
    pub(crate) fn original(&self, output: &Type) -> TokenStream {
        let attributes = attributes::of_body(&self.function.item.attrs);
        let signature = self.whole_signature("original", output);
        let (vis, statements) = (&self.function.item.vis, &self.function.item.block.stmts);
        let used = self.used_by_options();
        quote! {
            /// Runs the function itself, past the cache.
            #(#attributes)*
            #vis #signature {
                #(let _ = &#used;)*
                #(#statements)*
            }
        }
    }

    /// The arguments that are in use even if the body does not use them.
    fn used_by_options(&self) -> impl Iterator<Item = &Ident> {
        let options = &self.options;
        let in_options = |ident: &Ident| {
            options.expressions().chain(&options.key).any(|expr| mentions(expr, ident))
        };
        self.function.args.iter().map(|arg| &arg.ident).filter(move |ident| in_options(ident))
    }

    /// Puts the helpers where they belong.
    pub(crate) fn place(&self, helpers: &TokenStream) -> TokenStream {
        if self.function.in_impl {
            return helpers.clone();
        }
        let (name, vis) = (self.function.name(), &self.function.item.vis);
        let docs = format!("What can be done with the cached values of the function `{name}`.");
        quote! {
            #[doc = #docs]
            // It is called as the function is, and need not be used.
            #[allow(non_camel_case_types, dead_code)]
            #[derive(Debug, Clone, Copy)]
            #vis enum #name {}

            impl #name {
                #helpers
            }
        }
    }
}

/// A name for a local variable that no code of the user can see, and that is never taken for one of
/// the user's.
pub(crate) fn local(name: &str) -> Ident {
    format_ident!("__dogpile_{name}", span = Span::mixed_site())
}
