//! What is known about functions by name: an allow-list of pure ones, and the known culprits.

mod declared;
mod mysql;
mod postgres;
mod sqlite;
mod words;

pub use declared::Touches;

use std::collections::HashMap;
use std::sync::LazyLock;

use sqlparser::ast::ObjectName;

use crate::Dialect;

/// How the result of a call comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// From the arguments alone.
    Pure,
    /// From the arguments alone if there are at least this many; from the clock otherwise.
    PureWith(usize),
    /// SQLite's date and time functions: the argument with this index is a time, and may be `now`.
    Time(usize),
    /// Another value on each call.
    Volatile,
    /// From the connection's state, or changing it.
    Session,
    /// From the database's catalog, statistics or files.
    Catalog,
    /// Nothing is known.
    Unknown,
}

type Names = HashMap<&'static str, Nature>;

/// The names a dialect's tables of functions are made of.
struct Catalogue {
    pure: &'static str,
    volatile: &'static str,
    session: &'static str,
    catalog: &'static str,
    special: &'static [(&'static str, Nature)],
}

impl Catalogue {
    fn index(&self) -> Names {
        let listed = [
            (self.pure, Nature::Pure),
            (self.volatile, Nature::Volatile),
            (self.session, Nature::Session),
            (self.catalog, Nature::Catalog),
        ];
        let listed = listed
            .into_iter()
            .flat_map(|(names, nature)| names.split_whitespace().map(move |name| (name, nature)));
        listed.chain(self.special.iter().copied()).collect()
    }
}

static SQLITE: LazyLock<Names> = LazyLock::new(|| sqlite::FUNCTIONS.index());
static POSTGRES: LazyLock<Names> = LazyLock::new(|| postgres::FUNCTIONS.index());
static MYSQL: LazyLock<Names> = LazyLock::new(|| mysql::FUNCTIONS.index());

/// The functions of a dialect, and those declared by the user.
#[derive(Debug)]
pub(crate) struct Functions {
    dialect: Dialect,
    /// By name, with its schema or for all.
    declared: HashMap<String, Touches>,
}

impl Functions {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, declared: HashMap::new() }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn declare(&mut self, name: &str, touches: Touches) {
        self.declared.insert(name.to_lowercase(), touches);
    }

    /// What the function or procedure of this name was said to touch.
    pub(crate) fn declared(&self, name: &ObjectName) -> Option<&Touches> {
        if self.declared.is_empty() {
            return None;
        }
        let parts: Option<Vec<_>> = name.0.iter().map(|part| part.as_ident()).collect();
        let parts: Vec<_> = parts?.iter().map(|part| part.value.to_lowercase()).collect();
        self.declared.get(&parts.join(".")).or_else(|| self.declared.get(parts.last()?))
    }

    /// Only in SQLite is a function that is not known sure to write nothing.
    pub(crate) fn unknown_may_write(&self) -> bool {
        self.dialect != Dialect::Sqlite
    }

    pub(crate) fn nature(&self, name: &ObjectName) -> Nature {
        let fold = |part: &sqlparser::ast::ObjectNamePart| {
            part.as_ident().map(|ident| self.dialect.fold(ident).into_string())
        };
        let Some(parts) = name.0.iter().map(fold).collect::<Option<Vec<_>>>() else {
            return Nature::Unknown;
        };
        let Some((last, outer)) = parts.split_last() else {
            return Nature::Unknown;
        };
        if self.is_declared(&parts.join("."), last) {
            return Nature::Pure;
        }
        match outer {
            [] => self.built_in(last),
            [schema] if schema == "pg_catalog" => self.built_in(last),
            _ => Nature::Unknown,
        }
    }

    /// A word before a bracket that calls nothing, or nothing that writes.
    pub(crate) fn harmless_call(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        words::is_keyword(&word)
            || self.is_declared(&word, &word)
            || self.built_in(&word) != Nature::Unknown
    }

    fn is_declared(&self, full: &str, last: &str) -> bool {
        let declared = |name: &str| self.declared.contains_key(&name.to_lowercase());
        !self.declared.is_empty() && (declared(full) || declared(last))
    }

    fn built_in(&self, name: &str) -> Nature {
        let names = match self.dialect {
            Dialect::Sqlite => &*SQLITE,
            Dialect::Postgres => &*POSTGRES,
            Dialect::MySql => &*MYSQL,
        };
        names.get(name).copied().unwrap_or_else(|| self.by_prefix(name))
    }

    fn by_prefix(&self, name: &str) -> Nature {
        let postgres = self.dialect == Dialect::Postgres;
        if postgres && postgres::CATALOG_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            return Nature::Catalog;
        }
        let sqlite = self.dialect == Dialect::Sqlite;
        if sqlite && name.starts_with("pragma_") { Nature::Catalog } else { Nature::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_function_is_listed_twice() {
        for list in [&sqlite::FUNCTIONS, &postgres::FUNCTIONS, &mysql::FUNCTIONS] {
            let texts = [list.pure, list.volatile, list.session, list.catalog].join(" ");
            let mut names: Vec<_> = texts.split_whitespace().collect();
            names.extend(list.special.iter().map(|(name, _)| *name));
            names.sort_unstable();
            let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
            assert!(twice.is_empty(), "{twice:?}");
            assert!(names.iter().all(|name| name.to_lowercase() == *name));
        }
    }
}
