//! Where a backend is.
//!
//! A parser of our own, because none of the crates does what is needed: `url` follows the browsers
//! and knows one host, `http::Uri` and the parsers of RFC 3986 refuse a second port, and each driver
//! has one for itself. What they have and this has not, nobody needs here: relative references,
//! fragments, international host names.

mod ask;
mod host;
mod parameters;
mod parse;
mod secret;

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Visitor};

pub use host::Host;
pub use secret::Secret;

use parameters::Parameters;

use crate::error::{Error, ErrorKind};

/// Where a backend is: `scheme://user:password@host:port,host:port/path?parameter=value`.
///
/// All but the scheme may be missing, and so may `//` where there is no host. What has a meaning in
/// URLs is escaped with `%`, also in passwords. Printing one shows neither user, nor password, nor
/// the values of parameters:
///
/// ```
/// use dogpile::config::BackendUrl;
///
/// let url: BackendUrl = "redis://app:s%26cret@one:6379,two/0?pool=8".parse()?;
/// assert_eq!(url.password().map(|password| password.expose()), Some("s&cret"));
/// assert_eq!(url.hosts()[0].port(), Some(6379));
/// assert_eq!(url.number::<u16>("pool")?, Some(8));
/// assert_eq!(url.to_string(), "redis://***@one:6379,two/0?pool=***");
/// # Ok::<_, dogpile::Error>(())
/// ```
#[derive(Clone)]
pub struct BackendUrl {
    scheme: String,
    user: Option<String>,
    password: Option<Secret>,
    hosts: Vec<Host>,
    path: String,
    parameters: Parameters,
    /// All that stands before the parameters, as it was written.
    base: Secret,
    /// The same without user and password. Still escaped: what is shown stays on its line.
    shown: String,
}

impl BackendUrl {
    /// The scheme, in lower case.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The user.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The password.
    pub const fn password(&self) -> Option<&Secret> {
        self.password.as_ref()
    }

    /// The hosts: several for a cluster or for sentinels, none where the backend needs none.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// The path, from its slash on; empty if there is none.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path without its slash, as drivers name a database with it; `None` if that is empty.
    pub fn database(&self) -> Option<&str> {
        let name = self.path.strip_prefix('/').unwrap_or(&self.path);
        Some(name).filter(|name| !name.is_empty())
    }
}

/// The same in all its parts, however they are escaped.
impl PartialEq for BackendUrl {
    fn eq(&self, other: &Self) -> bool {
        self.scheme == other.scheme
            && (&self.user, &self.password) == (&other.user, &other.password)
            && (&self.hosts, &self.path) == (&other.hosts, &other.path)
            && self.parameters == other.parameters
    }
}

impl Eq for BackendUrl {}

impl FromStr for BackendUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse::parse(text)
            .map_err(|reason| Error::new(ErrorKind::Config, "read backend URL", reason))
    }
}

impl fmt::Display for BackendUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)?;
        for (i, parameter) in self.parameters.given().iter().enumerate() {
            let mark = if i > 0 { '&' } else { '?' };
            write!(f, "{mark}{}=***", parameter.name)?;
        }
        Ok(())
    }
}

impl fmt::Debug for BackendUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackendUrl({self})")
    }
}

impl<'de> Deserialize<'de> for BackendUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(UrlVisitor)
    }
}

struct UrlVisitor;

impl Visitor<'_> for UrlVisitor {
    type Value = BackendUrl;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a URL such as \"redis://cache:6379\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<BackendUrl, E> {
        parse::parse(text).map_err(E::custom)
    }
}
