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
//! Whatever depends on a table also depends on `table:*`, which a write moves whose tables nobody
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
    let mut tags = Tags::new();
    for table in tables {
        tags.insert(Tag::table(table));
        if table.schema().is_some() {
            tags.insert(any_schema(table));
        }
    }
    tags
}

/// What a write to `tables` moves.
pub fn written(tables: &[TableName]) -> Tags {
    let mut tags = Tags::new();
    for table in tables {
        tags.insert(Tag::table(table));
        match table.schema() {
            Some(_) => tags.insert(Tag::table(table.name())),
            None => tags.insert(any_schema(table)),
        }
    }
    tags
}

/// A table of this name in some schema that was written out.
fn any_schema(table: &TableName) -> Tag {
    Tag::table(format_args!("*.{}", table.name()))
}

#[cfg(test)]
mod tests {
    use super::{read, written};
    use crate::TableName;

    /// Whether a write to `written_name` reaches a read of `read_name`.
    fn reaches(written_name: &str, read_name: &str) -> bool {
        let name = |text: &str| match text.split_once('.') {
            Some((schema, name)) => TableName::new(Some(schema), name),
            None => TableName::new(None, text),
        };
        let moved = written(&[name(written_name)]);
        read(&[name(read_name)]).iter().any(|tag| moved.contains(tag))
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
