//! Where the servers are, and what to keep to.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use dogpile::config::{BackendUrl, Host, Schemes};
use dogpile::{Backend, Result, secs};

use crate::backend::MemcachedBackend;
use crate::client::{Client, Limits, Route};
use crate::error::wrong;
use crate::keys::{Keys, is_visible};
use crate::register;

const PORT: u16 = 11_211;
/// memcached takes no larger item, in bytes, whatever its `-I` says.
const LARGEST: u64 = 1 << 30;

/// Adds `memcached` and `memcache` to the schemes that regions are connected by.
///
/// ```
/// use dogpile::config::Schemes;
///
/// let schemes = dogpile_memcached::register_schemes(Schemes::new());
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let url = "memcached://one:11211,two:11211/?prefix=shop".parse().unwrap();
/// let backend = schemes.connect(&url).await.unwrap();
/// assert_eq!(backend.kind(), "memcached");
/// # });
/// ```
#[must_use]
pub fn register_schemes(schemes: Schemes) -> Schemes {
    ["memcached", "memcache"].into_iter().fold(schemes, |schemes, scheme| {
        schemes.register(scheme, |url| {
            Box::pin(ready(open(url).map(|backend| Arc::new(backend) as Arc<dyn Backend>)))
        })
    })
}

/// The backend that a URL names.
pub(crate) fn open(url: &BackendUrl) -> Result<MemcachedBackend> {
    let servers = hosts(url)?.iter().map(Host::to_string).collect();
    let mut builder = MemcachedBackendBuilder::new(servers);
    if let Some(prefix) = url.text("prefix") {
        builder = builder.prefix(prefix);
    }
    if let Some(bytes) = url.size("max_entry")? {
        builder = builder.max_entry(bytes);
    }
    if let Some(limit) = url.duration("connect_timeout")? {
        builder = builder.connect_timeout(limit);
    }
    if let Some(limit) = url.duration("response_timeout")? {
        builder = builder.response_timeout(limit);
    }
    url.finish()?;
    builder.build()
}

/// The hosts of a URL that has nothing else before its parameters.
fn hosts(url: &BackendUrl) -> Result<&[Host]> {
    if !matches!(url.scheme(), "memcached" | "memcache") {
        return Err(wrong("a memcached is at memcached://host:port"));
    }
    if url.user().is_some() || url.password().is_some() {
        return Err(wrong(
            "users and passwords are not supported; let the network keep others out",
        ));
    }
    if url.database().is_some() {
        return Err(wrong("memcached has no databases; give a namespace as ?prefix=shop"));
    }
    Ok(url.hosts())
}

/// Sets up a [`MemcachedBackend`].
#[derive(Debug, Clone)]
#[must_use]
pub struct MemcachedBackendBuilder {
    servers: Vec<String>,
    prefix: String,
    max_entry: u64,
    connect_timeout: Duration,
    response_timeout: Duration,
}

impl MemcachedBackendBuilder {
    pub(crate) fn new(servers: Vec<String>) -> Self {
        Self {
            servers,
            prefix: String::from("dogpile"),
            max_entry: 1_000_000,
            connect_timeout: secs(1),
            response_timeout: secs(1),
        }
    }

    /// What all keys begin with. Backends with different prefixes on one server share nothing.
    ///
    /// Visible ASCII, up to 100 bytes. The names of entries and tags get what is left of the 250
    /// bytes that memcached takes.
    ///
    /// Default: `dogpile`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The largest entry, in bytes; a larger one is [`TooLarge`](dogpile::backend::Stored::TooLarge).
    ///
    /// The server's own limit (`-I`) must be a few hundred bytes above it. Up to 1 GiB.
    ///
    /// Default: 1,000,000, for servers with the usual limit of 1 MiB.
    pub const fn max_entry(mut self, bytes: u64) -> Self {
        self.max_entry = bytes;
        self
    }

    /// How long making a connection may take. It goes on in the background when the caller does not
    /// wait any more.
    ///
    /// Default: 1 s.
    pub const fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long a server may be silent while somebody waits for its answer, before the connection
    /// is given up. Up to half as long again. It bounds no call: the region's `op_timeout` does.
    ///
    /// Default: 1 s.
    pub const fn response_timeout(mut self, limit: Duration) -> Self {
        self.response_timeout = limit;
        self
    }

    /// The backend. Connects when it is first asked.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](dogpile::ErrorKind::Config): no server, one that is none or is there
    /// twice, or a setting that is out of its bounds.
    pub fn build(self) -> Result<MemcachedBackend> {
        self.check()?;
        let servers = self.addresses()?;
        let identity = format!("memcached:{}/{}", servers.join(","), self.prefix);
        let route = Route::new(servers.iter().map(String::as_str));
        let max_entry = usize::try_from(self.max_entry).unwrap_or(usize::MAX);
        let limits = Limits {
            connect: self.connect_timeout,
            silence: self.response_timeout,
            value: max_entry.max(register::LONGEST),
        };
        let keys = Keys::new(&self.prefix, route);
        Ok(MemcachedBackend::new(Client::new(servers, limits), keys, identity, max_entry))
    }

    fn check(&self) -> Result<()> {
        if self.prefix.len() > Keys::LONGEST_PREFIX || !is_visible(&self.prefix) {
            return Err(wrong("the prefix is not of visible ASCII, or has more than 100 bytes"));
        }
        if self.max_entry > LARGEST {
            return Err(wrong("`max_entry` is more than 1 GiB, which no memcached takes"));
        }
        if self.connect_timeout.is_zero() || self.response_timeout.is_zero() {
            return Err(wrong("a timeout is zero; nothing could ever be answered"));
        }
        Ok(())
    }

    /// The servers with their ports, in an order of their own.
    fn addresses(&self) -> Result<Vec<String>> {
        let url: BackendUrl = format!("memcached://{}", self.servers.join(",")).parse()?;
        let with_port = |host: &Host| match host.port() {
            Some(_) => host.to_string(),
            None => format!("{host}:{PORT}"),
        };
        let mut addresses: Vec<_> = hosts(&url)?.iter().map(with_port).collect();
        addresses.sort_unstable();
        if addresses.is_empty() {
            return Err(wrong("no server is named; write memcached://host:port"));
        }
        if addresses.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(wrong("a server is named twice"));
        }
        Ok(addresses)
    }
}
