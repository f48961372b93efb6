//! Asking a URL for its parameters: what nobody asks for is a mistake of whoever wrote it.

use std::str::FromStr;
use std::time::Duration;

use super::super::settings::{Size, Wait, Written};
use super::super::suggest::nearest;
use super::{BackendUrl, Secret};
use crate::error::{Error, ErrorKind, Result};

/// For factories: each method makes its name one of those that may be given. Errors name the
/// parameter and what it may be, never its value.
impl BackendUrl {
    /// The parameter `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.parameters.ask(name)
    }

    /// The parameter `name` as a number.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`]: it is no number, or none that `N` can hold.
    pub fn number<N: FromStr>(&self, name: &str) -> Result<Option<N>> {
        self.parsed(name, "a number in its range, such as 8", |text| text.parse().ok())
    }

    /// The parameter `name` as a duration with its unit: `100ms`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`]: it is no duration.
    pub fn duration(&self, name: &str) -> Result<Option<Duration>> {
        self.parsed(name, Wait::EXPECTED, Wait::from_text)
    }

    /// The parameter `name` as a size in bytes: `64MiB`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`]: it is no size.
    pub fn size(&self, name: &str) -> Result<Option<u64>> {
        self.parsed(name, "a size such as 64MiB", Size::from_text)
    }

    /// The parameter `name` as `true` or `false`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`]: it is neither.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.parsed(name, "one of true, false", |text| text.parse().ok())
    }

    /// Checks that every parameter was asked for. [`Schemes`](super::super::Schemes) does so after a
    /// factory; a factory that does so before it connects says sooner what is wrong.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`], naming a parameter nobody asked for, and those that may be given.
    pub fn finish(&self) -> Result<()> {
        let Some((name, asked)) = self.parameters.left() else { return Ok(()) };
        let asked: Vec<_> = asked.iter().map(String::as_str).collect();
        let hint = match nearest(name, &asked) {
            Some(nearest) => format!(", did you mean `{nearest}`?"),
            None => String::from("."),
        };
        let scheme = &self.scheme;
        Err(wrong(if asked.is_empty() {
            format!("unknown parameter `{name}`. {scheme} has none")
        } else {
            format!("unknown parameter `{name}`{hint} Those of {scheme} are {}", asked.join(", "))
        }))
    }

    /// The URL as it was written, without the parameters asked for so far: for a driver that reads
    /// the rest itself, and judges it.
    pub fn for_driver(&self) -> Secret {
        let left = self.parameters.take_left().join("&");
        let mark = if left.is_empty() { "" } else { "?" };
        Secret::new(format!("{}{mark}{left}", self.base.expose()))
    }

    fn parsed<T>(
        &self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(text) = self.parameters.ask(name) else { return Ok(None) };
        let value = parse(text);
        let error = || wrong(format!("the parameter `{name}` is not {expected}"));
        value.ok_or_else(error).map(Some)
    }
}

fn wrong(text: String) -> Error {
    Error::new(ErrorKind::Config, "connect backend", text)
}
