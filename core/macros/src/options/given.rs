//! The options as they are written.

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, Result, Token, parenthesized, token};

use super::known::{Known, Shape, names};

/// One option as it is written.
pub(super) struct Given {
    pub(super) name: Ident,
    value: Written,
}

enum Written {
    Flag,
    Value(Expr),
    List(Vec<Ident>),
}

impl Parse for Given {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Written::Value(input.parse()?)
        } else if input.peek(token::Paren) {
            let list;
            parenthesized!(list in input);
            let list: Punctuated<Ident, Token![,]> =
                list.parse_terminated(Ident::parse_any, Token![,])?;
            Written::List(list.into_iter().collect())
        } else {
            Written::Flag
        };
        Ok(Self { name, value })
    }
}

/// All options of one attribute, each known, of the right shape, and there once.
pub(super) struct AllGiven(Vec<Given>);

impl AllGiven {
    pub(super) fn parse(input: ParseStream<'_>, known: &[Known]) -> Result<Self> {
        let all: Punctuated<Given, Token![,]> = input.parse_terminated(Given::parse, Token![,])?;
        let all: Vec<Given> = all.into_iter().collect();
        let mistakes = all.iter().enumerate().filter_map(|(i, given)| {
            let again = all[..i].iter().any(|before| before.name == given.name);
            given.mistake(known, again)
        });
        let mistakes = mistakes.reduce(|mut all, mistake| {
            all.combine(mistake);
            all
        });
        mistakes.map_or(Ok(Self(all)), Err)
    }

    /// Whether the flag is there, and where.
    pub(super) fn flag(&self, name: &str) -> Option<Span> {
        self.find(name).map(|given| given.name.span())
    }

    pub(super) fn value(&self, name: &str) -> Option<Expr> {
        match &self.find(name)?.value {
            Written::Value(value) => Some(value.clone()),
            Written::Flag | Written::List(_) => None,
        }
    }

    pub(super) fn list(&self, name: &str) -> Vec<Ident> {
        match self.find(name).map(|given| &given.value) {
            Some(Written::List(list)) => list.clone(),
            _ => Vec::new(),
        }
    }

    fn find(&self, name: &str) -> Option<&Given> {
        self.0.iter().find(|given| given.name == name)
    }
}

impl Given {
    /// What is wrong with it, if anything is.
    fn mistake(&self, known: &[Known], again: bool) -> Option<Error> {
        let name = &self.name;
        let Some(option) = known.iter().find(|option| name == option.name) else {
            let message = format!("there is no option `{name}`; the options are: {}", names(known));
            return Some(Error::new(name.span(), message));
        };
        if again {
            let mend = match option.name {
                "tag" => "; for several tags write `tags = [\"one\", \"two\"]`",
                _ => "; leave one of them out",
            };
            return Some(Error::new(name.span(), format!("`{name}` is given twice{mend}")));
        }
        let fits = match (&self.value, option.shape) {
            (Written::Flag, shape) => matches!(shape, Shape::Flag | Shape::FlagOrValue),
            (Written::Value(_), shape) => matches!(shape, Shape::Value | Shape::FlagOrValue),
            (Written::List(_), shape) => shape == Shape::List,
        };
        let message = || format!("`{name}` is written like this: `{}`", option.example);
        (!fits).then(|| Error::new(name.span(), message()))
    }
}
