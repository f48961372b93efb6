//! A host and its port.

use std::fmt;

/// A host, and its port where one is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    /// The name or address; an IPv6 address without its brackets.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port, if one is given.
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Reads `name`, `name:port`, `[address]` or `[address]:port`.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let bracketed = text.strip_prefix('[').map(|rest| rest.split_once(']').ok_or(BRACKET));
        let (name, rest) = match bracketed.transpose()? {
            Some((name, rest)) => (name.to_owned(), rest),
            None if text.matches(':').count() > 1 => return Err(BRACKET),
            None => {
                let (name, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
                (super::parse::decoded(name)?, rest)
            }
        };
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err("a host is empty or has control characters");
        }
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(port.parse().ok().filter(|port| *port > 0).ok_or(PORT)?),
            None if rest.is_empty() => None,
            None => return Err(BRACKET),
        };
        Ok(Self { name, port })
    }
}

const BRACKET: &str = "an IPv6 address stands in brackets, and after them only a port: [::1]:6379";
const PORT: &str = "a port is a number from 1 to 65535; \
                    in a user or password write : / ? # @ % as %3A %2F %3F %23 %40 %25";

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.contains(':') {
            true => write!(f, "[{}]", self.name)?,
            false => f.write_str(&self.name)?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}
