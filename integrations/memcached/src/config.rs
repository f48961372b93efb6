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
        url.finish()?;
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

#[cfg(test)]
mod tests {
    use dogpile::config::Schemes;
    use dogpile::{Backend, ErrorKind, secs};

    use super::{MemcachedBackend, register_schemes};

    fn refused(url: &str) -> String {
        let error = MemcachedBackend::open(url).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        error.to_string()
    }

    #[test]
    fn servers_are_the_same_in_any_order_and_with_the_usual_port() {
        let identity = |url| MemcachedBackend::open(url).unwrap().identity();
        let one = identity("memcached://one:11211,two:11212/?prefix=shop");
        assert_eq!(one, "memcached:one:11211,two:11212/shop");
        assert_eq!(identity("memcache://two:11212,one?prefix=shop&max_entry=2MiB"), one);
        assert_ne!(identity("memcached://one,two:11212"), one);
        assert_eq!(identity("memcached://[::1]"), "memcached:[::1]:11211/dogpile");
    }

    #[test]
    fn a_url_that_says_something_else_is_refused() {
        for (url, said) in [
            ("redis://one", "memcached://host:port"),
            ("memcached://", "no server is named"),
            ("memcached://one,one:11211", "named twice"),
            ("memcached://user:pass@one", "users and passwords are not supported"),
            ("memcached://one/0", "?prefix=shop"),
            ("memcached://one?prefix=a%20b", "visible ASCII"),
            ("memcached://one?prefix=k%C3%A4se", "visible ASCII"),
            ("memcached://one?max_entry=2GiB", "1 GiB"),
            ("memcached://one?connect_timeout=0s", "zero"),
            ("memcached://one?response_timeout=0s", "zero"),
            ("memcached://one?prefex=a", "did you mean `prefix`?"),
        ] {
            let error = refused(url);
            assert!(error.contains(said), "{url}: {error}");
            assert!(!error.contains("pass@"), "{error}");
        }
        let long = "p".repeat(101);
        assert!(refused(&format!("memcached://one?prefix={long}")).contains("100 bytes"));
    }

    #[test]
    fn the_builder_takes_what_a_url_takes() {
        let backend = MemcachedBackend::builder(["two:1", "one"])
            .prefix("")
            .max_entry(64)
            .connect_timeout(secs(9))
            .response_timeout(secs(9));
        let backend = backend.build().unwrap();
        assert_eq!(backend.identity(), "memcached:one:11211,two:1/");
        assert_eq!(backend.capabilities().max_name, Some(247));
        assert_eq!(backend.capabilities().max_entry, Some(64));
        for no_server in ["one?prefix=shop", "one/0", "user@one", "one two", "one:0", "", "one,"] {
            assert!(MemcachedBackend::builder([no_server]).build().is_err(), "{no_server}");
        }
        assert!(MemcachedBackend::builder(Vec::<String>::new()).build().is_err());
    }

    #[test]
    fn the_longest_prefix_leaves_room_for_names() {
        let backend = MemcachedBackend::builder(["one"]).prefix("p".repeat(100)).build().unwrap();
        assert_eq!(backend.capabilities().max_name, Some(147));
    }

    #[tokio::test]
    async fn regions_find_it_by_its_scheme() {
        let schemes = register_schemes(Schemes::new());
        for url in ["memcached://one,two/?prefix=shop", "memcache://one"] {
            let backend = schemes.connect(&url.parse().unwrap()).await.unwrap();
            assert_eq!(backend.kind(), "memcached");
        }
        let wrong = schemes.connect(&"memcached://one?pool=8".parse().unwrap()).await;
        assert!(wrong.unwrap_err().to_string().contains("unknown parameter `pool`"));
    }
}
