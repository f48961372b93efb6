//! Settings of a backend.

use std::fmt;
use std::time::Duration;

use dogpile::Result;
use dogpile::config::BackendUrl;

use super::url::{Parts, parts};
use crate::RedisBackend;
use crate::backend::Store;
use crate::client::{Client, Dialer, Lineage, Login};
use crate::error::wrong;
use crate::keys::Keys;

/// Makes a [`RedisBackend`]: where the servers are, and how they are talked to.
///
/// ```
/// use dogpile_redis::RedisBackend;
///
/// let backend = RedisBackend::builder("redis://cache:6379/0")?.prefix("shop").open()?;
/// # Ok::<_, dogpile::Error>(())
/// ```
#[must_use]
pub struct RedisBackendBuilder {
    parts: Parts,
    sentinel_login: Login,
    prefix: String,
    nodelay: bool,
    connect_timeout: Duration,
    response_timeout: Duration,
    pushes: bool,
}

impl RedisBackendBuilder {
    /// Reads a URL with all its parameters.
    pub(crate) fn from_url(url: &BackendUrl) -> Result<Self> {
        let mut builder = Self {
            parts: parts(url)?,
            sentinel_login: Login::default(),
            prefix: String::from("dogpile"),
            nodelay: true,
            connect_timeout: Duration::from_secs(1),
            response_timeout: Duration::from_millis(500),
            pushes: true,
        };
        if let Some(prefix) = url.text("prefix") {
            builder.prefix = prefix.to_owned();
        }
        if let Some(nodelay) = url.flag("nodelay")? {
            builder.nodelay = nodelay;
        }
        if let Some(limit) = url.duration("connect_timeout")? {
            builder.connect_timeout = limit;
        }
        if let Some(limit) = url.duration("response_timeout")? {
            builder.response_timeout = limit;
        }
        if let Some(pushes) = url.flag("pushes")? {
            builder.pushes = pushes;
        }
        let user = url.text("sentinel_user").map(str::to_owned);
        let password = url.text("sentinel_password").map(str::to_owned);
        builder.sentinel_login = Login { user, password };
        url.finish()?;
        Ok(builder)
    }

    /// What the names of all keys begin with: backends of one prefix on one server share everything.
    ///
    /// With braces around a part of it (`{shop}`), all keys are on one server of a cluster: every read
    /// is one trip, and that server does all the work.
    ///
    /// Default: `dogpile`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sends each command at once. Without it the system may collect small ones, which is faster
    /// within one machine and slower in a network.
    ///
    /// Default: `true`.
    pub const fn nodelay(mut self, nodelay: bool) -> Self {
        self.nodelay = nodelay;
        self
    }

    /// How long connecting may take, name resolution, encryption and login included.
    ///
    /// No call waits that long: the region's `op_timeout` bounds it, and while a connection takes
    /// longer than one caller's patience, the others are not kept waiting.
    ///
    /// Default: 1 s.
    pub const fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long a connection may stay without an answer before it is replaced, and the longest that
    /// a call waits for one. Set it to more than the region's `op_timeout`.
    ///
    /// Default: 500 ms.
    pub const fn response_timeout(mut self, limit: Duration) -> Self {
        self.response_timeout = limit;
        self
    }

    /// Tells all processes which tags are invalidated here, and hears of it: what
    /// [`Coherence::Push`](dogpile::Coherence::Push) needs.
    ///
    /// It makes every invalidation one command longer (on a cluster one trip). Set it alike in all
    /// processes of one prefix: what one without it invalidates nobody hears of.
    ///
    /// Default: `true`.
    pub const fn pushes(mut self, pushes: bool) -> Self {
        self.pushes = pushes;
        self
    }

    /// Who asks the sentinels, if they want to know. The user and password of the URL are for the
    /// servers.
    ///
    /// Default: nobody in particular.
    pub fn sentinel_login(mut self, user: Option<String>, password: impl Into<String>) -> Self {
        self.sentinel_login = Login { user, password: Some(password.into()) };
        self
    }

    /// A backend that connects when it is first asked; the servers may be down.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](dogpile::ErrorKind::Config): a setting is wrong.
    pub fn open(self) -> Result<RedisBackend> {
        self.check()?;
        let Parts { target, tls, login, database } = self.parts;
        let identity = format!("{target}/{database} {}", self.prefix);
        let lineage = Lineage::of(&identity);
        let dialer = Dialer {
            tls,
            login,
            sentinel_login: self.sentinel_login,
            database,
            nodelay: self.nodelay,
            connect_timeout: self.connect_timeout,
            response_timeout: self.response_timeout,
            lineage: std::sync::Arc::clone(&lineage),
        };
        let client = Client::new(target, dialer);
        let keys = Keys::new(&self.prefix, database);
        Ok(RedisBackend::new(Store { client, keys, identity, lineage, pushes: self.pushes }))
    }

    /// A backend that is connected.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`ErrorKind::Unavailable`](dogpile::ErrorKind::Unavailable): the
    /// servers could not be reached.
    ///
    /// # Cancel safety
    ///
    /// Dropping it may leave a connection that is closed soon after.
    pub async fn connect(self) -> Result<RedisBackend> {
        let backend = self.open()?;
        backend.connected().await?;
        Ok(backend)
    }

    fn check(&self) -> Result<()> {
        if self.prefix.is_empty() || self.prefix.len() > 256 {
            return Err(wrong("the prefix is empty or longer than 256 bytes; write shop"));
        }
        // Half a pair would be closed by a brace in a name, and an entry and its lease would part.
        let tag = self.prefix.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
        if self.prefix.contains(['{', '}']) && tag.is_none_or(|(tag, _)| tag.is_empty()) {
            return Err(wrong("braces in a prefix come in pairs, with something in them: {shop}"));
        }
        if self.connect_timeout.is_zero() || self.response_timeout.is_zero() {
            return Err(wrong("a timeout of zero lets nothing be done"));
        }
        Ok(())
    }
}

impl fmt::Debug for RedisBackendBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisBackendBuilder")
            .field("parts", &self.parts)
            .field("prefix", &self.prefix)
            .field("nodelay", &self.nodelay)
            .field("connect_timeout", &self.connect_timeout)
            .field("response_timeout", &self.response_timeout)
            .field("pushes", &self.pushes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use dogpile::{Backend, ErrorKind};

    use crate::RedisBackend;

    #[test]
    fn parameters_are_read_and_unknown_ones_refused() {
        let url = "redis://a?prefix=shop&nodelay=false&connect_timeout=2s&response_timeout=1s\
                   &pushes=false";
        let builder = RedisBackend::builder(url).unwrap();
        let shown = format!("{builder:?}");
        assert!(shown.contains("\"shop\"") && shown.contains("nodelay: false"), "{shown}");
        assert!(!builder.open().unwrap().capabilities().pushes);
        assert!(RedisBackend::open("redis://a").unwrap().capabilities().pushes);
        let error = RedisBackend::builder("redis://a?prefx=shop").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("prefix"), "{error}");
    }

    #[test]
    fn identities_tell_stores_apart_and_hold_no_password() {
        let identity = |url| RedisBackend::open(url).unwrap().identity();
        let all = [
            "redis://a",
            "redis://b",
            "redis://a/1",
            "redis://a?prefix=shop",
            "redis-cluster://a",
            "redis-sentinel://a/main",
            "redis-sentinel://a/other",
        ];
        let distinct: std::collections::HashSet<_> = all.into_iter().map(identity).collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(identity("redis://a"), identity("valkey://app:secret@a:6379/0?nodelay=false"));
        assert_eq!(identity("redis-cluster://a,b"), identity("redis-cluster://b,a"));
    }

    #[test]
    fn nothing_shows_a_password() {
        let url = "redis-sentinel://app:secret1@a/main?sentinel_password=secret2";
        let builder = RedisBackend::builder(url).unwrap().sentinel_login(None, "secret3");
        let backend = format!("{:?}", builder);
        assert!(!backend.contains("secret"), "{backend}");
        let backend = format!("{:?}", builder.open().unwrap());
        assert!(!backend.contains("secret"), "{backend}");
    }

    #[test]
    fn wrong_settings_are_refused() {
        for prefix in ["", "a{b", "a}b", "a{}b", "}{"] {
            let builder = RedisBackend::builder("redis://a").unwrap().prefix(prefix);
            assert_eq!(builder.open().unwrap_err().kind(), ErrorKind::Config, "{prefix}");
        }
        for prefix in ["{shop}", "a{b}c", "shop:eu"] {
            assert!(RedisBackend::builder("redis://a").unwrap().prefix(prefix).open().is_ok());
        }
        for url in ["redis://a?connect_timeout=0s", "redis://a?response_timeout=0s"] {
            assert_eq!(RedisBackend::open(url).unwrap_err().kind(), ErrorKind::Config, "{url}");
        }
    }
}
