//! Random tables, and random queries of them.

use std::fmt::Write;

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

/// What a database has.
pub(crate) struct Dialect {
    /// Column types, each with literals. One that begins with `#` stands for random ones.
    pub(crate) types: &'static [(&'static str, &'static [&'static str])],
    /// Expressions of a column, which is `{}`.
    pub(crate) expressions: &'static [&'static str],
    /// Expressions over all rows of a column, which is `{}`.
    pub(crate) aggregates: &'static [&'static str],
    /// Expressions of nothing.
    pub(crate) constants: &'static [&'static str],
    /// Around names.
    pub(crate) quote: char,
    /// What the bytes that are these hexadecimal digits look like.
    pub(crate) bytes: fn(&str) -> String,
}

/// Names that no two columns of a table may share anywhere.
const NAMES: [&str; 8] = ["a", "b", "c", "value", "two words", "\u{fc}n\u{ef}", "select", "d"];

/// Names that a query may give.
const ALIASES: [&str; 9] = ["a", "b", "c", "id", "A", "value", "?", "two words", "\u{2603}"];

pub(crate) struct Generator {
    rng: SmallRng,
    dialect: &'static Dialect,
}

/// A table, and what makes it.
pub(crate) struct Table {
    name: String,
    columns: Vec<&'static str>,
    pub(crate) statements: Vec<String>,
}

impl Generator {
    pub(crate) fn new(seed: u64, dialect: &'static Dialect) -> Self {
        Self { rng: SmallRng::seed_from_u64(seed), dialect }
    }

    /// A table of a few columns and rows.
    pub(crate) fn table(&mut self, name: String) -> Table {
        let count = self.rng.random_range(1..=NAMES.len());
        let columns: Vec<_> = NAMES.choose_multiple(&mut self.rng, count).copied().collect();
        let kinds: Vec<_> =
            columns.iter().map(|_| self.dialect.types.choose(&mut self.rng).unwrap()).collect();
        let mut create = format!("CREATE TABLE {name} (id INTEGER PRIMARY KEY");
        for (column, (kind, _)) in columns.iter().zip(&kinds) {
            let _ = write!(create, ", {} {kind}", self.quoted(column));
        }
        let mut statements = vec![format!("{create})")];
        for id in 0..self.rng.random_range(0..=5) {
            let cells: Vec<_> = kinds.iter().map(|(_, values)| self.literal(values)).collect();
            statements.push(format!("INSERT INTO {name} VALUES ({id}, {})", cells.join(", ")));
        }
        Table { name, columns, statements }
    }

    /// A query of a table.
    pub(crate) fn query(&mut self, table: &Table) -> String {
        let name = &table.name;
        let joined = self.rng.random_ratio(1, 6);
        let from = if joined {
            format!("{name} AS x LEFT JOIN {name} AS y ON y.id = x.id + 1")
        } else {
            format!("{name} AS x")
        };
        let filter = match self.rng.random_range(0..8) {
            0 => "WHERE 1 = 0",
            1 => "WHERE x.id < 1",
            2 | 3 => "WHERE x.id < 3",
            _ => "",
        };
        if self.rng.random_ratio(1, 8) {
            let items = self.items(|this| this.aggregate(table));
            return format!("SELECT {items} FROM {from} {filter}");
        }
        let items = self.items(|this| this.item(table, joined));
        if self.rng.random_ratio(1, 10) {
            return format!(
                "SELECT {items} FROM {from} {filter} UNION ALL SELECT {items} FROM {from}"
            );
        }
        let order = if self.rng.random() { "" } else { " DESC" };
        format!("SELECT {items} FROM {from} {filter} ORDER BY x.id{order}")
    }

    fn items(&mut self, mut item: impl FnMut(&mut Self) -> String) -> String {
        let count = self.rng.random_range(1..=6);
        (0..count).map(|_| item(self)).collect::<Vec<_>>().join(", ")
    }

    fn item(&mut self, table: &Table, joined: bool) -> String {
        let of = if joined && self.rng.random() { "y" } else { "x" };
        let item = match self.rng.random_range(0..12) {
            0 => return format!("{of}.*"),
            1 => self.dialect.constants.choose(&mut self.rng).unwrap().to_string(),
            2 => format!("{of}.id"),
            3..6 => {
                let column = self.column(table, of);
                self.filled(self.dialect.expressions, &column)
            }
            _ => self.column(table, of),
        };
        self.maybe_named(item)
    }

    fn aggregate(&mut self, table: &Table) -> String {
        let column = self.column(table, "x");
        let item = self.filled(self.dialect.aggregates, &column);
        self.maybe_named(item)
    }

    fn filled(&mut self, templates: &[&str], column: &str) -> String {
        templates.choose(&mut self.rng).unwrap().replace("{}", column)
    }

    fn maybe_named(&mut self, item: String) -> String {
        if self.rng.random() {
            return item;
        }
        let alias = ALIASES.choose(&mut self.rng).unwrap();
        format!("{item} AS {}", self.quoted(alias))
    }

    fn column(&mut self, table: &Table, of: &str) -> String {
        let column = table.columns.choose(&mut self.rng).unwrap();
        format!("{of}.{}", self.quoted(column))
    }

    fn quoted(&self, name: &str) -> String {
        let quote = self.dialect.quote;
        format!("{quote}{name}{quote}")
    }

    fn literal(&mut self, values: &[&str]) -> String {
        if self.rng.random_ratio(1, 5) {
            return "NULL".to_owned();
        }
        match *values.choose(&mut self.rng).unwrap() {
            "#i8" => self.rng.random::<i8>().to_string(),
            "#u8" => self.rng.random::<u8>().to_string(),
            "#i16" => self.rng.random::<i16>().to_string(),
            "#i32" => self.rng.random::<i32>().to_string(),
            "#u32" => self.rng.random::<u32>().to_string(),
            "#i64" => self.rng.random::<i64>().to_string(),
            "#u64" => self.rng.random::<u64>().to_string(),
            "#real" => format!("{:e}", self.rng.random_range(-1e30..1e30_f64)),
            "#decimal" => format!("{}.{}", self.rng.random::<i16>(), self.rng.random::<u16>()),
            "#digits" => format!("'{}'", self.rng.random::<i32>()),
            "#text" => self.text(),
            "#bytes" => {
                let bytes: Vec<u8> =
                    (0..self.rng.random_range(0..40)).map(|_| self.rng.random()).collect();
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                (self.dialect.bytes)(&hex)
            }
            "#uuid" => {
                let n = self.rng.random::<u128>();
                let hex = format!("{n:032x}");
                let (a, b, c, d, e) =
                    (&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
                format!("'{a}-{b}-{c}-{d}-{e}'")
            }
            "#moment" => {
                let mut upto = |from: u32, to| self.rng.random_range(from..=to);
                let (year, month, day) = (upto(1971, 2037), upto(1, 12), upto(1, 28));
                // None that a daylight saving time leaves out.
                let (hour, minute, second) = (upto(4, 23), upto(0, 59), upto(0, 59));
                format!("'{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}'")
            }
            value => value.to_owned(),
        }
    }

    fn text(&mut self) -> String {
        let letters: Vec<char> =
            "aZ09 ,;'\"{}()\u{e9}\u{df}\u{20ac}\u{1f980}\t\n%_-".chars().collect();
        let text: String = (0..self.rng.random_range(0..12))
            .map(|_| *letters.choose(&mut self.rng).unwrap())
            .collect();
        format!("'{}'", text.replace('\'', "''"))
    }
}
