//! The options of `#[cached_entity(..)]`.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, Ident, Path, Result, Token, parenthesized};

use super::life;

/// The options that there are, and how each is written.
const KNOWN: [(&str, &str); 9] = [
    ("ttl", "ttl = \"5m\""),
    ("stale_for", "stale_for = \"1h\""),
    ("none_ttl", "none_ttl = \"10s\""),
    ("tag", "tag = \"menu\""),
    ("tags", "tags(\"menu\", \"prices\")"),
    ("explicit", "explicit"),
    ("deny", "deny"),
    ("needs_scope", "needs_scope"),
    ("crate", "crate = my_crate::dogpile_sea_orm"),
];

/// What the attribute says.
pub(super) struct Options {
    /// The path of the crate `dogpile-sea-orm`.
    pub(super) krate: TokenStream,
    /// Which reads are cached: a function of `Rule`.
    caching: Ident,
    /// What is called on that.
    calls: TokenStream,
}

impl Options {
    pub(super) fn parse(attributes: &[Attribute]) -> Result<Self> {
        let mut ours =
            attributes.iter().filter(|attribute| attribute.path().is_ident("cached_entity"));
        let first = ours.next();
        if let Some(second) = ours.next() {
            let message = "`cached_entity` is there twice; write all options into one";
            return Err(Error::new_spanned(second, message));
        }
        let mut parser = Parser::default();
        if let Some(attribute) = first {
            attribute.parse_nested_meta(|meta| parser.option(&meta))?;
        }
        parser.end()
    }

    /// The expression of the rule.
    pub(super) fn rule(&self) -> TokenStream {
        let Self { krate, caching, calls } = self;
        quote!(#krate::Rule::#caching() #calls)
    }
}

#[derive(Default)]
struct Parser {
    seen: Vec<Ident>,
    krate: Option<Path>,
    calls: TokenStream,
}

impl Parser {
    fn option(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let name = self.name(&meta.path)?;
        let call = match name.to_string().as_str() {
            "ttl" | "stale_for" | "none_ttl" => {
                let life = life::of(&value(meta, &name)?, &name)?;
                quote!(.#name(#life))
            }
            "tag" => {
                let tag = value(meta, &name)?;
                quote!(.tag(#tag))
            }
            "tags" => tags(meta, &name)?,
            "needs_scope" => quote!(.needs_scope()),
            "crate" => {
                let path = meta.value().map_err(|_| shape(&name))?;
                self.krate = Some(path.call(Path::parse_mod_style)?);
                TokenStream::new()
            }
            _ => TokenStream::new(),
        };
        self.calls.extend(call);
        self.seen.push(name);
        Ok(())
    }

    /// The name of an option, known and there for the first time.
    fn name(&self, path: &Path) -> Result<Ident> {
        let names: Vec<&str> = KNOWN.iter().map(|(name, _)| *name).collect();
        let Some(name) = path.get_ident().filter(|name| names.iter().any(|known| name == known))
        else {
            let path = path.to_token_stream();
            let message =
                format!("there is no option `{path}`; the options are: {}", names.join(", "));
            return Err(Error::new_spanned(path, message));
        };
        if self.seen.contains(name) {
            let mend = match name == "tag" {
                true => "for several tags write `tags(\"one\", \"two\")`",
                false => "leave one of them out",
            };
            return Err(Error::new(name.span(), format!("`{name}` is given twice; {mend}")));
        }
        Ok(name.clone())
    }

    fn end(self) -> Result<Options> {
        let find = |wanted: &str| self.seen.iter().find(|name| *name == wanted);
        let deny = find("deny");
        let others = self.seen.iter().find(|name| *name != "deny" && *name != "crate");
        if let (Some(_), Some(other)) = (deny, others) {
            let message = format!("nothing is kept of a table that is denied: leave out `{other}`");
            return Err(Error::new(other.span(), message));
        }
        let caching = deny.or_else(|| find("explicit")).cloned();
        let caching =
            caching.unwrap_or_else(|| Ident::new("allow", proc_macro2::Span::call_site()));
        let krate =
            self.krate.map_or_else(|| quote!(::dogpile_sea_orm), |path| path.to_token_stream());
        Ok(Options { krate, caching, calls: self.calls })
    }
}

/// The option is not written as it should be.
fn shape(name: &Ident) -> Error {
    let example = KNOWN.iter().find(|(known, _)| name == known).map_or("", |(_, example)| *example);
    Error::new(name.span(), format!("`{name}` is written like this: `{example}`"))
}

fn value(meta: &ParseNestedMeta<'_>, name: &Ident) -> Result<Expr> {
    meta.value().map_err(|_| shape(name))?.parse()
}

fn tags(meta: &ParseNestedMeta<'_>, name: &Ident) -> Result<TokenStream> {
    let parse = || {
        let list;
        parenthesized!(list in meta.input);
        list.parse_terminated(<Expr as syn::parse::Parse>::parse, Token![,])
    };
    let tags: Punctuated<Expr, Token![,]> = parse().map_err(|_| shape(name))?;
    let tags = tags.iter();
    Ok(quote!(#(.tag(#tags))*))
}
