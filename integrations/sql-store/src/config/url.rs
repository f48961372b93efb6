//! From a URL to a database.

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

/// What is connected to. Parameters that are the driver's are judged by it.
pub(super) fn target(url: &BackendUrl) -> Result<Target> {
    if url.hosts().len() > 1 {
        return Err(wrong("one host, please: a store is on one server, and no replica is read"));
    }
    match url.scheme() {
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => Ok(Target::Postgres(Source::Options(driver(url)?))),
        #[cfg(feature = "mysql")]
        "mysql" | "mariadb" => Ok(Target::Mysql(Source::Options(driver(url)?))),
        #[cfg(feature = "sqlite")]
        "sqlite" => Ok(Target::Sqlite(Source::Options(driver(url)?))),
        scheme if ALL.contains(&scheme) => Err(wrong(
            "this database needs its feature of dogpile-sql-store: postgres, mysql or sqlite",
        )),
        _ => Err(wrong(
            "this is no URL of a database; write postgres://, mysql://, mariadb:// or sqlite:",
        )),
    }
}

fn driver<O: std::str::FromStr>(url: &BackendUrl) -> Result<O> {
    let written = url.for_driver();
    let text = match written.expose().split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mariadb") => format!("mysql:{rest}"),
        _ => written.expose().to_owned(),
    };
    // What the driver says may repeat a password.
    text.parse().map_err(|_| wrong("the driver cannot read the URL; see the manual of sqlx for it"))
}
