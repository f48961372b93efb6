//! From a URL to a target.

use dogpile::Result;
use dogpile::config::{BackendUrl, Host};

use super::{Address, Target};
use crate::client::Login;
use crate::error::wrong;

/// What kind of servers a scheme is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    One,
    Sentinel,
    Cluster,
}

const NAMES: [(&str, bool); 4] =
    [("redis", false), ("rediss", true), ("valkey", false), ("valkeys", true)];
const KINDS: [(&str, Kind); 5] = [
    ("", Kind::One),
    ("-sentinel", Kind::Sentinel),
    ("+sentinel", Kind::Sentinel),
    ("-cluster", Kind::Cluster),
    ("+cluster", Kind::Cluster),
];

/// All schemes.
pub(super) fn schemes() -> impl Iterator<Item = String> {
    NAMES.iter().flat_map(|(name, _)| KINDS.iter().map(move |(kind, _)| format!("{name}{kind}")))
}

/// What a URL says, parameters aside.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) target: Target,
    pub(super) tls: bool,
    pub(super) login: Login,
    pub(super) database: i64,
}

pub(super) fn parts(url: &BackendUrl) -> Result<Parts> {
    let (kind, tls) = kind(url.scheme())?;
    let mut path = url.path().split('/').skip(1).filter(|part| !part.is_empty());
    let target = match kind {
        Kind::One => Target::One(one(url.hosts())?),
        Kind::Sentinel => Target::Sentinel {
            sentinels: several(url.hosts(), 26_379)?,
            primary: path.next().map(str::to_owned).ok_or_else(|| {
                wrong(
                    "the name of the primary is missing; write redis-sentinel://one:26379,\
                     two:26379/mymaster/0",
                )
            })?,
        },
        Kind::Cluster => Target::Cluster(several(url.hosts(), 6379)?),
    };
    let database = database(path.next(), kind)?;
    if path.next().is_some() {
        return Err(wrong("the path has too many parts; write redis://host:6379/0"));
    }
    let user = url.user().map(str::to_owned);
    let password = url.password().map(|password| password.expose().to_owned());
    Ok(Parts { target, tls, login: Login { user, password }, database })
}

fn kind(scheme: &str) -> Result<(Kind, bool)> {
    let both = |(name, tls): &(&str, bool)| {
        let rest = scheme.strip_prefix(name)?;
        let (_, kind) = KINDS.iter().find(|(suffix, _)| *suffix == rest)?;
        Some((*kind, *tls))
    };
    let (kind, tls) = NAMES.iter().find_map(both).ok_or_else(|| {
        wrong("this is no URL of Redis; write redis://, redis-sentinel:// or redis-cluster://")
    })?;
    if tls && !cfg!(any(feature = "tls-rustls", feature = "tls-native")) {
        return Err(wrong(
            "encrypted connections need the feature tls-rustls or tls-native of dogpile-redis",
        ));
    }
    Ok((kind, tls))
}

fn one(hosts: &[Host]) -> Result<Address> {
    let mut addresses = several(hosts, 6379)?;
    match (addresses.pop(), addresses.is_empty()) {
        (Some(address), true) => Ok(address),
        _ => Err(wrong("several hosts are redis-sentinel:// or redis-cluster://")),
    }
}

fn several(hosts: &[Host], port: u16) -> Result<Vec<Address>> {
    if hosts.is_empty() {
        return Err(wrong("the host is missing; write redis://127.0.0.1:6379"));
    }
    let address =
        |host: &Host| Address { host: host.name().to_owned(), port: host.port().unwrap_or(port) };
    Ok(hosts.iter().map(address).collect())
}

fn database(part: Option<&str>, kind: Kind) -> Result<i64> {
    let number = part.map_or(Ok(0), str::parse::<u16>);
    let number =
        number.map_err(|_| wrong("the database is a number; write redis://host:6379/0"))?;
    if kind == Kind::Cluster && number != 0 {
        return Err(wrong("a cluster has only the database 0"));
    }
    Ok(i64::from(number))
}

#[cfg(test)]
mod tests {
    use super::{Parts, Target, parts};

    fn read(url: &str) -> Result<Parts, String> {
        parts(&url.parse().unwrap()).map_err(|error| error.to_string())
    }

    fn target(url: &str) -> String {
        let parts = read(url).unwrap();
        format!("{}/{}", parts.target, parts.database)
    }

    #[test]
    fn targets_are_read() {
        assert_eq!(target("redis://cache"), "redis://cache:6379/0");
        assert_eq!(target("valkey://[::1]:7000/3"), "redis://[::1]:7000/3");
        assert_eq!(target("redis-cluster://b:1,a,b:1/"), "redis-cluster://a:6379,b:1/0");
        assert_eq!(
            target("redis+sentinel://one,two:1/main/2"),
            "redis-sentinel://one:26379,two:1/main/2"
        );
        let parts = read("redis://app:s%26cret@cache").unwrap();
        assert_eq!(parts.login.user.as_deref(), Some("app"));
        assert_eq!(parts.login.password.as_deref(), Some("s&cret"));
        assert!(!format!("{parts:?}").contains("cret"));
        assert!(matches!(parts.target, Target::One(_)));
    }

    #[test]
    fn what_is_wrong_says_how_to_mend_it() {
        for (url, mend) in [
            ("redis:", "redis://127.0.0.1:6379"),
            ("redis://a,b", "redis-cluster://"),
            ("redis://a/x", "redis://host:6379/0"),
            ("redis://a/0/1", "too many parts"),
            ("redis-cluster://a/1", "only the database 0"),
            ("redis-sentinel://a", "/mymaster/0"),
            ("redis-sentinel://a/main/x", "a number"),
            ("redis-proxy://a", "redis-sentinel://"),
            ("memcached://a", "no URL of Redis"),
        ] {
            let error = read(url).unwrap_err();
            assert!(error.contains(mend), "{url}: {error}");
        }
    }

    #[test]
    fn encrypted_connections_need_their_feature() {
        let with = cfg!(any(feature = "tls-rustls", feature = "tls-native"));
        assert_eq!(read("rediss://a").is_ok(), with);
        assert_eq!(read("rediss-cluster://a").is_ok_and(|parts| parts.tls), with);
    }
}
