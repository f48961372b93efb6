//! The tags of the tables that a statement names.
//!
//! A name without a schema may stand for a table of any schema, as long as nobody asked the
//! database; a name with one stands for itself. So that a write reaches every read that may mean
//! the same table, and no more:
//!
//! | | a read depends on | a write moves |
//! |---|---|---|
//! | `orders` | `table:orders` | `table:orders`, `table:*.orders` |
//! | `shop.orders` | `table:shop.orders`, `table:*.orders` | `table:shop.orders`, `table:orders` |
//!
//! A read that is limited to one row by its [key](crate::TableKey) depends on less, and a write that
//! is known to touch certain rows moves less. The names are the same, in three registers:
//!
//! | | depends on | moves |
//! |---|---|---|
//! | any other read | `table:` | |
//! | a read by key | `rows:`, `row:` and the key | |
//! | a write of certain rows | | `table:`, `row:` and the keys |
//! | any other write | | `table:`, `rows:` |
//!
//! Whatever depends on a table or on rows of it also depends on `table:*`, which a write moves whose tables nobody
//! can tell.

use std::sync::OnceLock;

use dogpile::{Tag, Tags};

use crate::{Analysis, Kind, TableName};

/// The tags of one analysis, worked out when they are first asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct TagMemo {
    read: OnceLock<Tags>,
    written: OnceLock<Tags>,
}

impl Analysis {
    /// What the statement's result depends on.
    pub fn read_tags(&self) -> &Tags {
        self.tags.read.get_or_init(|| read(self.reads()).prepared())
    }

    /// What the statement invalidates; empty if it cannot write.
    pub fn write_tags(&self) -> &Tags {
        self.tags.written.get_or_init(|| {
            let mut tags = written(self.writes());
            if self.flushes() {
                tags.insert(Tag::all_tables());
            }
            tags.prepared()
        })
    }

    /// Whether it may change what later statements of its transaction read.
    pub fn may_write(&self) -> bool {
        self.kind() != Kind::Read || self.flushes()
    }
}

/// What a read of `tables` depends on.
pub fn read(tables: &[TableName]) -> Tags {
    tables.iter().flat_map(names_read).map(Tag::table).collect()
}

/// What a read of the one row `key` of a table depends on.
pub fn read_row(table: &TableName, key: &str) -> Tags {
    let rows = names_read(table).map(Tag::rows);
    rows.chain(names_read(table).map(|name| Tag::row(name, key))).collect()
}

/// What a write to `tables` moves that may touch any row of them.
pub fn written(tables: &[TableName]) -> Tags {
    let both = |name: String| [Tag::table(&name), Tag::rows(&name)];
    tables.iter().flat_map(names_written).flat_map(both).collect()
}

/// What a write moves that touches the rows `keys` of a table and no other.
pub fn written_rows(table: &TableName, keys: &[String]) -> Tags {
    let rows = |name: String| {
        let rows: Vec<_> = keys.iter().map(|key| Tag::row(&name, key)).collect();
        [Tag::table(&name)].into_iter().chain(rows)
    };
    names_written(table).flat_map(rows).collect()
}

/// The names under which a read looks for writes that may mean its table.
fn names_read(table: &TableName) -> impl Iterator<Item = String> {
    let other = table.schema().map(|_| any_schema(table));
    [table.to_string()].into_iter().chain(other)
}

/// The names under which a write tells reads that may mean its table.
fn names_written(table: &TableName) -> impl Iterator<Item = String> {
    let other = match table.schema() {
        Some(_) => table.name().to_owned(),
        None => any_schema(table),
    };
    [table.to_string(), other].into_iter()
}

/// A table of this name in some schema that was written out.
fn any_schema(table: &TableName) -> String {
    format!("*.{}", table.name())
}

#[cfg(test)]
mod tests {
    use dogpile::Tags;

    use super::{read, read_row, written, written_rows};
    use crate::TableName;

    fn name(text: &str) -> TableName {
        match text.split_once('.') {
            Some((schema, name)) => TableName::new(Some(schema), name),
            None => TableName::new(None, text),
        }
    }

    fn meet(moved: &Tags, read: &Tags) -> bool {
        read.iter().any(|tag| moved.contains(tag))
    }

    /// Whether a write to `written_name` reaches a read of `read_name`, however much is known of
    /// their rows.
    fn reaches(written_name: &str, read_name: &str) -> bool {
        let (to, from) = (name(written_name), name(read_name));
        let (any, one) =
            (written(std::slice::from_ref(&to)), written_rows(&to, &["6".into(), "7".into()]));
        let (table, row) = (read(std::slice::from_ref(&from)), read_row(&from, "7"));
        let all = [meet(&any, &table), meet(&any, &row), meet(&one, &table), meet(&one, &row)];
        assert!(all.iter().all(|meets| *meets == all[0]), "{written_name}, {read_name}: {all:?}");
        assert!(!meet(&written_rows(&to, &["8".into()]), &row));
        all[0]
    }

    #[test]
    fn a_write_reaches_every_read_that_may_mean_the_same_table() {
        assert!(reaches("orders", "orders"));
        assert!(reaches("orders", "shop.orders"));
        assert!(reaches("shop.orders", "orders"));
        assert!(reaches("shop.orders", "shop.orders"));
        assert!(!reaches("shop.orders", "old.orders"));
        assert!(!reaches("orders", "items"));
        assert!(!reaches("shop.items", "shop.orders"));
    }
}
