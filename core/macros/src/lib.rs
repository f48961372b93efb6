//! The attributes of `dogpile`, and the derive of `dogpile-sea-orm`: use them through those crates, which
//! document them.

mod attributes;
#[cfg(feature = "entity")]
mod entity;
mod entry;
mod function;
mod key;
mod mention;
mod multi;
mod options;
mod returns;
mod single;
mod subject;

use proc_macro::TokenStream;

/// Expands to the function, through the cache.
#[proc_macro_attribute]
pub fn cached(options: TokenStream, function: TokenStream) -> TokenStream {
    or_as_it_was(single::expand, options, function)
}

/// Expands to the function, each of its values through the cache.
#[proc_macro_attribute]
pub fn cached_multi(options: TokenStream, function: TokenStream) -> TokenStream {
    or_as_it_was(multi::expand, options, function)
}

/// Expands to the rule that an entity carries.
#[cfg(feature = "entity")]
#[proc_macro_derive(CachedEntity, attributes(cached_entity))]
pub fn cached_entity(model: TokenStream) -> TokenStream {
    let expanded = entity::expand(model.into());
    expanded.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// The expansion, or the error beside the function as it was, so that nothing else goes wrong.
fn or_as_it_was(
    expand: fn(
        proc_macro2::TokenStream,
        proc_macro2::TokenStream,
    ) -> syn::Result<proc_macro2::TokenStream>,
    options: TokenStream,
    function: TokenStream,
) -> TokenStream {
    let function = proc_macro2::TokenStream::from(function);
    match expand(options.into(), function.clone()) {
        Ok(expanded) => expanded.into(),
        Err(error) => {
            let mut tokens = error.into_compile_error();
            tokens.extend(function);
            tokens.into()
        }
    }
}
