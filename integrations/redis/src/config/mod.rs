//! Where the servers are, and how they are talked to.

mod builder;
mod url;

use std::fmt;

use dogpile::config::Schemes;

pub use builder::RedisBackendBuilder;

use crate::RedisBackend;

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// Which server is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// This one.
    One(Address),
    /// The one that sentinels call so.
    Sentinel { sentinels: Vec<Address>, primary: String },
    /// Those of the cluster that one of these belongs to.
    Cluster(Vec<Address>),
}

impl fmt::Display for Target {
    /// As in a URL: hosts in one order, whatever order they were given in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(address) => write!(f, "redis://{address}"),
            Self::Sentinel { sentinels, primary } => {
                write!(f, "redis-sentinel://{}/{primary}", joined(sentinels))
            }
            Self::Cluster(seeds) => write!(f, "redis-cluster://{}", joined(seeds)),
        }
    }
}

fn joined(addresses: &[Address]) -> String {
    let mut addresses: Vec<_> = addresses.iter().map(Address::to_string).collect();
    addresses.sort();
    addresses.dedup();
    addresses.join(",")
}

/// Makes `schemes` connect every [URL](crate#urls) of this crate.
///
/// A server that is down is no error: the backend connects when it is asked.
///
/// ```
/// use dogpile::config::Schemes;
///
/// let schemes = dogpile_redis::register(Schemes::new());
/// assert!(schemes.names().any(|name| name == "redis-cluster"));
/// ```
#[must_use]
pub fn register(schemes: Schemes) -> Schemes {
    url::schemes().fold(schemes, |schemes, scheme| {
        schemes.register(&scheme, |url| {
            let opened = RedisBackendBuilder::from_url(url).and_then(RedisBackendBuilder::open);
            Box::pin(async move {
                let backend: RedisBackend = opened?;
                // Connected at once where that is possible: the first lookup then finds it so.
                if let Err(error) = backend.connected().await {
                    tracing::warn!(target: "dogpile", %error, "the backend is not there yet");
                }
                Ok(std::sync::Arc::new(backend) as std::sync::Arc<dyn dogpile::Backend>)
            })
        })
    })
}
