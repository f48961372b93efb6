//! The databases that the tables can be in.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// A kind of database, each with SQL of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Postgres, Self::MySql, Self::Sqlite];

    /// The name that [`FromStr`] reads: `postgres`, `mysql` or `sqlite`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
            Self::Sqlite => "sqlite",
        }
    }

    /// What stands around a quoted name.
    pub(crate) const fn quote(self) -> char {
        match self {
            Self::Postgres | Self::Sqlite => '"',
            Self::MySql => '`',
        }
    }

    /// The server's clock in milliseconds.
    #[doc(hidden)]
    pub const fn now(self) -> &'static str {
        match self {
            Self::Postgres => "(extract(epoch from clock_timestamp()) * 1000)::int8",
            Self::MySql => "cast(unix_timestamp(now(3)) * 1000 as signed)",
            Self::Sqlite => "cast(unixepoch('subsec') * 1000 as integer)",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a name, or the scheme of a URL: `postgresql` and `mariadb` are known as well.
///
/// ```
/// use dogpile_migrations::Dialect;
///
/// assert_eq!("mariadb".parse::<Dialect>()?, Dialect::MySql);
/// # Ok::<(), dogpile_migrations::Error>(())
/// ```
impl FromStr for Dialect {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "postgres" | "postgresql" => Ok(Self::Postgres),
            "mysql" | "mariadb" => Ok(Self::MySql),
            "sqlite" => Ok(Self::Sqlite),
            _ => Err(Error::Setting {
                setting: "database",
                mend: "it is one of `postgres`, `mysql`, `mariadb` and `sqlite`",
            }),
        }
    }
}
