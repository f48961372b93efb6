//! From a URL to a database.

use std::str::FromStr;

use dogpile::Result;
use dogpile::config::BackendUrl;

use super::Source;
use super::builder::Target;
use crate::error::wrong;

/// All schemes of the databases whose features are enabled.
pub(super) const SCHEMES: &[&str] = &[
    #[cfg(feature = "postgres")]
    "postgres",
    #[cfg(feature = "postgres")]
    "postgresql",
    #[cfg(feature = "mysql")]
    "mysql",
    #[cfg(feature = "mysql")]
    "mariadb",
    #[cfg(feature = "sqlite")]
    "sqlite",
];

/// The same with every feature.
const ALL: [&str; 5] = ["postgres", "postgresql", "mysql", "mariadb", "sqlite"];

/// The parameters of a store.
const OURS: [&str; 14] = [
    "schema",
    "prefix",
    "pool",
    "acquire_timeout",
    "connect_timeout",
    "statement_timeout",
    "lineage",
    "logged",
    "sweep",
    "push",
    "locks",
    "lock_url",
    "max_locks",
    "fold",
];

/// Those of the drivers, which would take no notice of one that is misspelled.
#[cfg(feature = "postgres")]
const POSTGRES: [&str; 5] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "host"];
#[cfg(feature = "mysql")]
const MYSQL: [&str; 7] =
    ["ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "charset", "collation", "socket"];
#[cfg(feature = "sqlite")]
const SQLITE: [&str; 2] = ["mode", "vfs"];

/// What is connected to.
pub(super) fn target(url: &BackendUrl) -> Result<Target> {
    if url.hosts().len() > 1 {
        return Err(wrong("one host, please: a store is on one server, and no replica is read"));
    }
    match url.scheme() {
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => Ok(Target::Postgres(Source::Options(driver(url, &POSTGRES)?))),
        #[cfg(feature = "mysql")]
        "mysql" | "mariadb" => Ok(Target::Mysql(Source::Options(driver(url, &MYSQL)?))),
        #[cfg(feature = "sqlite")]
        "sqlite" if url.text("mode") == Some("memory") => {
            Err(wrong("a store in SQLite's memory is each connection's own; use memory:// instead"))
        }
        #[cfg(feature = "sqlite")]
        "sqlite" => Ok(Target::Sqlite(Source::Options(driver(url, &SQLITE)?))),
        scheme if ALL.contains(&scheme) => Err(wrong(
            "this database needs its feature of dogpile-sql-store: postgres, mysql or sqlite",
        )),
        _ => Err(wrong(
            "this is no URL of a database; write postgres://, mysql://, mariadb:// or sqlite:",
        )),
    }
}

/// What the driver makes of its part of a URL.
fn driver<O: FromStr>(url: &BackendUrl, theirs: &[&str]) -> Result<O> {
    for name in theirs {
        url.text(name);
    }
    url.finish()?;
    // A clone that was asked for ours alone leaves the driver its own.
    let rest = url.clone();
    for name in OURS {
        rest.text(name);
    }
    let written = rest.for_driver();
    let text = match written.expose().split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mariadb") => format!("mysql:{rest}"),
        _ => written.expose().to_owned(),
    };
    // What the driver says may repeat a password.
    text.parse().map_err(|_| wrong("the driver cannot read the URL; see the manual of sqlx for it"))
}
