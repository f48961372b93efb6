//! Which backend a URL's scheme stands for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::BackendUrl;
use super::builtin::with_builtin;
use super::suggest::nearest;
use crate::backend::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::lease::BoxFuture;
use crate::units::secs;
use crate::wait::bounded;

type Connected<'a> = BoxFuture<'a, Result<Arc<dyn Backend>>>;
type Factory = Arc<dyn for<'a> Fn(&'a BackendUrl) -> Connected<'a> + Send + Sync>;

/// Where the schemes are that people ask for first.
const ELSEWHERE: [(&str, &[&str]); 3] = [
    ("dogpile-redis", &REDIS),
    ("dogpile-memcached", &["memcached", "memcache"]),
    ("dogpile-sql-store", &["postgres", "postgresql", "mysql", "mariadb", "sqlite"]),
];

/// One server, the primary that sentinels name, a cluster; encrypted or not.
const REDIS: [&str; 20] = [
    "redis",
    "redis-sentinel",
    "redis+sentinel",
    "redis-cluster",
    "redis+cluster",
    "rediss",
    "rediss-sentinel",
    "rediss+sentinel",
    "rediss-cluster",
    "rediss+cluster",
    "valkey",
    "valkey-sentinel",
    "valkey+sentinel",
    "valkey-cluster",
    "valkey+cluster",
    "valkeys",
    "valkeys-sentinel",
    "valkeys+sentinel",
    "valkeys-cluster",
    "valkeys+cluster",
];

/// Which backend a URL's scheme stands for: open to backends from anywhere.
#[derive(Clone)]
pub struct Schemes {
    factories: BTreeMap<String, Factory>,
    connect_timeout: Duration,
}

impl Schemes {
    /// The schemes that are built in: `memory` and `null`.
    pub fn new() -> Self {
        with_builtin(Self { factories: BTreeMap::new(), connect_timeout: secs(10) })
    }

    /// Makes `factory` connect the URLs of `scheme`, in place of whichever did so before.
    ///
    /// The factory asks the URL for each parameter that may be given ([`BackendUrl::text`] and its
    /// siblings); one that it did not ask for is an error. Its own errors should not hold passwords.
    #[must_use]
    pub fn register<F>(mut self, scheme: &str, factory: F) -> Self
    where
        F: for<'a> Fn(&'a BackendUrl) -> BoxFuture<'a, Result<Arc<dyn Backend>>>
            + Send
            + Sync
            + 'static,
    {
        self.factories.insert(scheme.to_ascii_lowercase(), Arc::new(factory));
        self
    }

    /// How long connecting one backend may take.
    ///
    /// Default: 10 s.
    #[must_use]
    pub const fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// The schemes there are, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.factories.keys().map(String::as_str)
    }

    /// Connects the backend at `url`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`]: no such scheme, or a parameter is wrong or unknown.
    /// [`ErrorKind::Timeout`]: it took longer than [`connect_timeout`](Self::connect_timeout). And
    /// what the backend says.
    ///
    /// # Cancel safety
    ///
    /// As the backend's factory.
    pub async fn connect(&self, url: &BackendUrl) -> Result<Arc<dyn Backend>> {
        let factory = self.factory(url.scheme())?;
        // Asked for nothing yet.
        let url = url.clone();
        let Some(connected) = bounded(self.connect_timeout, factory(&url)).await else {
            let message = "the backend did not answer in time";
            let error = Error::new(ErrorKind::Timeout, "connect backend", message);
            return Err(error.with("limit", format_args!("{:?}", self.connect_timeout)));
        };
        let backend = connected?;
        url.finish()?;
        Ok(backend)
    }

    /// The factory of `scheme`; an error says what there is, and where this one may be found.
    pub(super) fn factory(&self, scheme: &str) -> Result<&Factory> {
        self.factories.get(scheme).ok_or_else(|| {
            let names: Vec<_> = self.names().collect();
            let there_are = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let mend = mend(scheme, &names);
            let message = format!(
                "no backend is registered for `{scheme}`{mend} Registered are: {there_are}"
            );
            Error::new(ErrorKind::Config, "connect backend", message)
        })
    }
}

/// What to do about a scheme that is not there.
fn mend(scheme: &str, names: &[&str]) -> String {
    let has_it = |(_, schemes): &&(&str, &[&str])| schemes.contains(&scheme);
    if let Some((name, _)) = ELSEWHERE.iter().find(has_it) {
        return format!("; add the crate {name} and register its scheme.");
    }
    match nearest(scheme, names) {
        Some(nearest) => format!(", did you mean `{nearest}`?"),
        None => String::from("."),
    }
}

impl Default for Schemes {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Schemes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
