//! The derive `CachedEntity`: a rule that an entity of sea-orm carries itself.
//!
//! It writes nothing but paths into `dogpile_sea_orm`, so it needs neither that crate nor sea-orm.

mod life;
mod options;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Result};

use options::Options;

/// The implementation of `CachedEntity`, with the rule that the attribute says.
pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    // `#[sea_orm::model]` writes a second struct beside the `Model`, with the derives of that.
    if input.ident == "ModelEx" {
        return Ok(TokenStream::new());
    }
    let entity = entity(&input)?;
    let options = Options::parse(&input.attrs)?;
    let (krate, rule) = (&options.krate, options.rule());
    Ok(quote! {
        #[automatically_derived]
        impl #krate::CachedEntity for #entity {
            fn rule() -> #krate::Rule {
                #rule
            }
        }
    })
}

/// What `DeriveEntityModel` calls the entity of a model, or the entity itself.
fn entity(input: &DeriveInput) -> Result<Ident> {
    let place = "derive `CachedEntity` for the `Model` of an entity, or for the `Entity` itself";
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(input.ident.span(), place));
    };
    if !input.generics.params.is_empty() {
        let message = format!("an entity has no generic parameters: {place}");
        return Err(Error::new_spanned(&input.generics, message));
    }
    Ok(match data.fields {
        Fields::Unit => input.ident.clone(),
        _ => Ident::new("Entity", Span::call_site().located_at(input.ident.span())),
    })
}
