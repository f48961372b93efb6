//! What may be asked for on the command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::leave;

/// A small web shop whose queries are cached: a JSON API, and a page that shows what the cache does.
///
/// Without a URL it works in a file of SQLite that is gone afterwards. In a database that a URL names
/// it makes the tables `shop_products`, `shop_stock` and `shop_orders` where they are missing, and
/// leaves them there.
#[derive(Debug, Parser)]
#[command(name = "axum_service", version)]
struct Given {
    /// postgres://user:password@host:port/database, or sqlite:path [default: $DATABASE_URL]
    #[arg(value_name = "URL")]
    url: Option<OsString>,

    /// Where to listen; port 0 is any that is free
    #[arg(long, default_value = "127.0.0.1:3000", value_name = "ADDRESS")]
    listen: SocketAddr,

    /// Listen on a free port, make the requests, tell what the cache did, and end
    #[arg(long, conflicts_with = "listen")]
    tour: bool,
}

/// What was asked for.
pub(crate) struct Args {
    pub(crate) address: Address,
    pub(crate) listen: SocketAddr,
    pub(crate) tour: bool,
}

/// Which database. Not to be printed: there may be a password in it.
pub(crate) enum Address {
    NoneGiven,
    Sqlite(String),
    Postgres(String),
}

impl Args {
    /// The arguments, or the exit code where help was asked for or something is wrong.
    pub(crate) fn read() -> Result<Self, ExitCode> {
        let Given { url, listen, tour } = Given::try_parse().map_err(|said| {
            if said.use_stderr() {
                // What it says of a second URL would repeat a password.
                if said.kind() == ErrorKind::UnknownArgument {
                    return leave(2, "error: unexpected argument; --help says what there is");
                }
                let said = said.to_string();
                return leave(2, said.lines().next().unwrap_or_default());
            }
            let _ = said.print();
            ExitCode::SUCCESS
        })?;
        let (name, url) = match url {
            Some(url) => ("[URL]", Some(url)),
            None => {
                ("DATABASE_URL", std::env::var_os("DATABASE_URL").filter(|url| !url.is_empty()))
            }
        };
        let address = match url.map(|url| Address::read(url.to_str().unwrap_or_default())) {
            Some(Err(why)) => return Err(leave(2, format_args!("error: {name} {why}"))),
            Some(Ok(address)) => address,
            None => Address::NoneGiven,
        };
        Ok(Self { address, listen, tour })
    }
}

impl Address {
    /// Says what is wrong without a word of what was given.
    fn read(url: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str =
            "must be postgres://user:password@host:port/database or sqlite:path?mode=rwc";
        match url.split_once(':') {
            // Every connection of the pool would have a memory of its own.
            Some(("sqlite", path)) if path.contains(":memory:") || path.contains("mode=memory") => {
                Err("must be a file; without a URL, one is made that is gone afterwards")
            }
            Some(("sqlite", _)) if url.parse::<SqliteConnectOptions>().is_ok() => {
                Ok(Self::Sqlite(url.to_owned()))
            }
            Some(("postgres" | "postgresql", _)) if url.parse::<PgConnectOptions>().is_ok() => {
                Ok(Self::Postgres(url.to_owned()))
            }
            _ => Err(EXPECTED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn a_url_names_a_database_that_this_can_use() {
        assert!(matches!(Address::read("sqlite:shop.db"), Ok(Address::Sqlite(_))));
        assert!(matches!(Address::read("postgresql://a@b/c"), Ok(Address::Postgres(_))));
        let wrong =
            ["", "shop", "mysql://a@b/c", "sqlite::memory:", "postgres://a:secret@b:port/c"];
        for url in wrong {
            let said = Address::read(url).err().unwrap_or_else(|| panic!("{url} was taken"));
            assert!(!said.contains("secret"), "{said}");
        }
    }
}
