//! The key of a call.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Type};

use crate::subject::Subject;

impl Subject {
    /// The path of the function as a part of its key.
    fn path(&self) -> TokenStream {
        let krate = &self.options.krate;
        let owner = self.owner();
        let name = format!("{}()", self.function.name().unraw());
        let path = quote!(#krate::__private::FunctionPath);
        if !self.function.in_impl {
            return quote!(#path::free(::core::any::type_name::<#owner>(), #name));
        }
        if self.options.no_helpers.is_none() {
            return quote!(#path::method(::core::any::type_name::<#owner>(), #name));
        }
        quote!({
            enum Here {}
            #path::of_trait(::core::any::type_name::<Self>(), ::core::any::type_name::<Here>(), #name)
        })
    }

    /// The constant parts of the key: the function's path, its generics, and the namespace.
    pub(crate) fn constant_parts(&self) -> Vec<TokenStream> {
        let namespace = self.options.namespace.iter().map(ToTokens::to_token_stream);
        std::iter::once(self.path()).chain(self.generics.parts()).chain(namespace).collect()
    }

    /// An argument as a part of the key; whether it can be one is said where its type stands.
    pub(crate) fn part(&self, ident: &Ident, ty: &Type) -> TokenStream {
        let krate = &self.options.krate;
        let mut ident = ident.clone();
        ident.set_span(ident.span().located_at(ty.span()));
        let once_more = matches!(ty, Type::Reference(_)).then(|| quote!(&));
        quote_spanned!(ty.span()=> #krate::__private::part(#once_more #ident))
    }

    /// The key of these parts.
    pub(crate) fn key_of_parts(&self, parts: &[TokenStream]) -> TokenStream {
        let krate = &self.options.krate;
        let parts = nested(parts);
        quote!(#krate::Key::new(#parts))
    }

    /// The key that an expression makes: of its parts, if it is a tuple.
    pub(crate) fn key_of_expression(&self, key: &Expr) -> TokenStream {
        let krate = &self.options.krate;
        if let Expr::Tuple(tuple) = key {
            let mut parts = self.constant_parts();
            parts.extend(
                tuple
                    .elems
                    .iter()
                    .map(|part| quote_spanned!(part.span()=> #krate::__private::part(&#part))),
            );
            return self.key_of_parts(&parts);
        }
        let function = nested(&self.constant_parts());
        quote_spanned!(key.span()=> #krate::__private::FunctionKey::of(#key, #function))
    }
}

/// Parts as a tuple; tuples have up to six, so that more go into a tuple in the last place.
fn nested(parts: &[TokenStream]) -> TokenStream {
    if let [part] = parts {
        return part.clone();
    }
    if parts.len() <= 6 {
        return quote!((#(#parts,)*));
    }
    let (first, rest) = parts.split_at(5);
    let rest = nested(rest);
    quote!((#(#first,)* #rest))
}
