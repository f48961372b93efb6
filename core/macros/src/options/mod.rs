//! The options between the brackets of an attribute.

mod given;
mod known;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Expr, Ident, Result};

use given::AllGiven;

/// Which attribute it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribute {
    Cached,
    CachedMulti,
}

impl Attribute {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cached => "cached",
            Self::CachedMulti => "cached_multi",
        }
    }
}

/// What an attribute says.
pub(crate) struct Options {
    pub(crate) attribute: Attribute,
    /// The path of the crate `dogpile`.
    pub(crate) krate: TokenStream,
    pub(crate) region: Expr,
    pub(crate) ttl: Option<Expr>,
    pub(crate) stale_for: Option<Expr>,
    pub(crate) namespace: Option<Expr>,
    pub(crate) tag: Option<Expr>,
    pub(crate) tags: Option<Expr>,
    pub(crate) key: Option<Expr>,
    pub(crate) ids: Option<Expr>,
    pub(crate) skip: Vec<Ident>,
    pub(crate) should_cache: Option<Expr>,
    pub(crate) in_process: Option<Span>,
    pub(crate) weigh: Option<Expr>,
    pub(crate) detached: Option<Span>,
    pub(crate) associated: bool,
    pub(crate) no_helpers: Option<Span>,
}

impl Options {
    pub(crate) fn parse(tokens: TokenStream, attribute: Attribute) -> Result<Self> {
        let known = match attribute {
            Attribute::Cached => known::CACHED,
            Attribute::CachedMulti => known::CACHED_MULTI,
        };
        let given = (|input: ParseStream<'_>| AllGiven::parse(input, known)).parse2(tokens)?;
        let region = given.value("region").ok_or_else(|| no_region(attribute))?;
        Ok(Self {
            attribute,
            krate: given
                .value("crate")
                .map_or_else(|| quote!(::dogpile), |path| path.to_token_stream()),
            region,
            ttl: given.value("ttl"),
            stale_for: given.value("stale_for"),
            namespace: given.value("namespace"),
            tag: given.value("tag"),
            tags: given.value("tags"),
            key: given.value("key"),
            ids: given.value("ids"),
            skip: given.list("skip"),
            should_cache: given.value("should_cache"),
            in_process: given.flag("in_process"),
            weigh: given.value("in_process"),
            detached: given.flag("detached"),
            associated: given.flag("associated").is_some(),
            no_helpers: given.flag("no_helpers"),
        })
    }

    /// Every expression that is evaluated with the arguments at hand, but for the key.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let optional = [&self.ttl, &self.stale_for, &self.namespace, &self.tag, &self.tags];
        std::iter::once(&self.region).chain(optional.into_iter().flatten())
    }
}

fn no_region(attribute: Attribute) -> Error {
    let message = format!(
        "say where the values live: `#[{}(region = SHOP)]`, where SHOP is a region or declares one: \
         `static SHOP: DeclaredRegion = DeclaredRegion::new(\"shop\");`",
        attribute.name()
    );
    Error::new(Span::call_site(), message)
}
