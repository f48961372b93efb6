//! The statements of a relay.
//!
//! What is written into them are numbers, validated names, and the names of the migrations.

use std::time::Duration;

use dogpile::Owner;
use dogpile_migrations::{Dialect, Error, Migrations};

/// Rows that are moved or read at once.
pub(super) const BATCH: usize = 1_000;

/// The statements over one set of tables, for one mark.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    pub(super) log: String,
    pub(super) feed: String,
    pub(super) mark: String,
    pub(super) now: &'static str,
    dialect: Dialect,
    name: String,
    holder: String,
    lease: u128,
    retention: u128,
}

impl Texts {
    pub(super) fn new(
        dialect: Dialect,
        migrations: &Migrations,
        name: &str,
        lease: Duration,
        retention: Duration,
    ) -> Result<Self, Error> {
        let table = |name| migrations.table_name(dialect, name);
        Ok(Self {
            log: table("log")?,
            feed: table("feed")?,
            mark: table("mark")?,
            now: dialect.now(),
            dialect,
            name: name.into(),
            holder: format!("{:032x}", Owner::random().0),
            lease: lease.as_millis(),
            retention: retention.as_millis(),
        })
    }

    /// The last number of the feed, and whether the log has rows.
    pub(super) fn look(&self) -> String {
        let (mark, log) = (&self.mark, &self.log);
        let exists = format!("case when exists (select 1 from {log}) then 1 else 0 end");
        format!(
            "select (select seq from {mark} where name = ''), '', '', {}",
            self.integer(&exists)
        )
    }

    /// The feed after a number: each number, its table or tag, and its age in milliseconds.
    pub(super) fn read(&self, after: i64) -> String {
        let (feed, now) = (&self.feed, self.now);
        format!(
            "select seq, schema_name, table_name, {now} - at from {feed} where seq > {after} \
             order by seq limit {BATCH}"
        )
    }

    /// Creates the mark, at no number, where it is not there.
    pub(super) fn create_mark(&self) -> String {
        let (mark, name) = (&self.mark, &self.name);
        let (ignore, conflict) = match self.dialect {
            Dialect::MySql => ("ignore ", ""),
            Dialect::Postgres | Dialect::Sqlite => ("", " on conflict do nothing"),
        };
        format!("insert {ignore}into {mark} (name, seq) values ('{name}', -1){conflict}")
    }

    /// Takes or renews the lease on the mark: one row, or none where another holds it.
    pub(super) fn claim(&self) -> String {
        let Self { mark, name, holder, now, lease, .. } = self;
        format!(
            "update {mark} set holder = '{holder}', until = {now} + {lease} \
             where name = '{name}' and (holder = '{holder}' or until < {now})"
        )
    }

    /// Gives the lease back.
    pub(super) fn release(&self) -> String {
        let Self { mark, name, holder, .. } = self;
        format!(
            "update {mark} set holder = '', until = 0 where name = '{name}' and holder = '{holder}'"
        )
    }

    /// The number that is marked.
    pub(super) fn marked(&self) -> String {
        format!(
            "select seq, '', '', {} from {} where name = '{}'",
            self.integer("0"),
            self.mark,
            self.name
        )
    }

    /// Marks a number, while the lease is held: one row, or none.
    pub(super) fn advance(&self, seq: i64) -> String {
        let Self { mark, name, holder, .. } = self;
        format!("update {mark} set seq = {seq} where name = '{name}' and holder = '{holder}'")
    }

    /// Forgets old numbers of the feed.
    pub(super) fn sweep(&self) -> String {
        format!("delete from {} where fed < {} - {}", self.feed, self.now, self.retention)
    }

    fn integer(&self, text: &str) -> String {
        match self.dialect {
            Dialect::Postgres => format!("({text})::int8"),
            Dialect::MySql => format!("cast({text} as signed)"),
            Dialect::Sqlite => text.into(),
        }
    }
}
