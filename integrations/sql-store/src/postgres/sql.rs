//! The texts of PostgreSQL: each is made once, and prepared once on each connection.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::listen::Channel;
use crate::backend::dialect::Table;
use crate::config::{Settings, Tables};

/// When the statement came, in milliseconds: for reads.
const CAME: &str = "(date_part('epoch', statement_timestamp()) * 1000)::int8";
/// This very moment: whoever has waited for a row decides by when he got it.
const NOW: &str = "(date_part('epoch', clock_timestamp()) * 1000)::int8";
/// Always true. A commit that must not be lost in a crash is waited for, whatever the server's setting;
/// with unlogged tables there is nothing to wait for.
const DURABLE: &str = "set_config('synchronous_commit', CASE current_setting('synchronous_commit') \
                       WHEN 'off' THEN 'local' ELSE current_setting('synchronous_commit') END, true) \
                       IS NOT NULL";

/// The statements on the tables of one store.
#[derive(Debug)]
pub(super) struct Sql {
    /// Keys, registers. Each row has a place: 0 for the server, from 1 on for keys, from -1 down for
    /// registers.
    pub(super) read: SqlStr,
    /// Names, highs, lows, life.
    pub(super) create: SqlStr,
    /// Names, highs, lows, life; where it is told, messages.
    pub(super) bump: SqlStr,
    /// Names.
    pub(super) look: SqlStr,
    /// Name, then the row.
    pub(super) insert: SqlStr,
    /// Name, the new row, the row as it was.
    pub(super) swap: SqlStr,
    /// The same two, with the message that tells of it.
    pub(super) insert_told: SqlStr,
    pub(super) swap_told: SqlStr,
    /// Names, bytes, lives; what to extend, the least life, the generous one.
    pub(super) store: SqlStr,
    /// The same, with leases and their owners behind the lives; where there is no lease, no fence.
    pub(super) store_fenced: SqlStr,
    /// Names.
    pub(super) remove: SqlStr,
    /// Name, owner, life.
    pub(super) acquire: SqlStr,
    /// Name, owner, life.
    pub(super) renew: SqlStr,
    /// Name, owner, the message that tells of it.
    pub(super) release: SqlStr,
    /// Nothing.
    pub(super) locate: SqlStr,
    /// Name, high, low.
    pub(super) token: SqlStr,
    /// The name behind which to look.
    pub(super) tokened: SqlStr,
    /// Name, so many.
    pub(super) fold: SqlStr,
    entry: Sweep,
    register: Sweep,
    lease: Sweep,
}

/// How one table is swept.
#[derive(Debug)]
pub(super) struct Sweep {
    /// How many blocks there are.
    pub(super) blocks: SqlStr,
    /// The first block, and the one behind the last.
    pub(super) part: SqlStr,
}

impl Sql {
    pub(super) fn new(tables: &Tables, channel: &Channel, settings: &Settings) -> Self {
        let told =
            |text: String, message: &str| format!("{text} RETURNING {}", channel.tell(message));
        Self {
            read: text(read(tables, settings.lineage)),
            create: text(create(tables)),
            bump: text(bump(tables, settings.push.then_some(channel))),
            look: text(look(tables)),
            insert: text(insert(tables)),
            swap: text(swap(tables)),
            insert_told: text(told(insert(tables), "$7::text")),
            swap_told: text(told(swap(tables), "$12::text")),
            store: text(store(tables, Guard::None)),
            store_fenced: text(store(tables, Guard::Lease)),
            remove: text(remove(tables)),
            acquire: text(acquire(tables)),
            renew: text(renew(tables)),
            release: text(told(release(tables), "$3::text")),
            locate: text(locate(tables)),
            token: text(token(tables)),
            tokened: text(tokened(tables)),
            fold: text(fold(tables)),
            entry: Sweep::new(&tables.entry, format!("r.ends <= {NOW}")),
            register: Sweep::new(&tables.register, format!("({}) IS NOT TRUE", alive(NOW))),
            lease: Sweep::new(&tables.lease, format!("r.ends <= {NOW}")),
        }
    }

    pub(super) const fn sweep(&self, table: Table) -> &Sweep {
        match table {
            Table::Entry => &self.entry,
            Table::Register => &self.register,
            Table::Lease => &self.lease,
        }
    }
}

impl Sweep {
    /// Rows that somebody is changing are left to the next one: nobody is waited for. A range of `ctid`
    /// needs no index, which each store would have to keep.
    fn new(table: &str, ended: String) -> Self {
        Self {
            blocks: text(format!(
                "SELECT pg_relation_size('{table}') / current_setting('block_size')::int8"
            )),
            part: text(format!(
                "DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT r.ctid FROM {table} AS r \
                 WHERE r.ctid >= $1::text::tid AND r.ctid < $2::text::tid AND {ended} \
                 FOR UPDATE SKIP LOCKED))"
            )),
        }
    }
}

/// Of names that were checked.
pub(super) fn text(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}

/// Whether a register has a version, or writers. Nothing (`NULL`) where its row is not one of ours.
fn alive(now: &str) -> String {
    format!(
        "octet_length(r.writers) % 24 = 0 AND (octet_length(r.writers) > 0) = (r.tainted <> 0) \
         AND CASE WHEN r.tainted = 0 THEN r.ends ELSE r.tainted END > {now}"
    )
}

/// Every name is looked up by the index of its table, whatever the planner thinks of their number:
/// `OFFSET 0` keeps it from reading whole tables. And it is not to think of their number, here as
/// elsewhere: an array behind a `SELECT` is as long as any other to it, so that it soon makes one plan
/// for all calls. Planning takes longer than the work.
/// The server is known by its timeline, which each
/// promotion changes at once, and by the table itself. Asking for it fails on a replica.
fn read(tables: &Tables, lineage: bool) -> String {
    let Tables { entry, register, token, .. } = tables;
    let alive = alive(CAME);
    let server = match lineage {
        true => format!(
            "convert_to(left(pg_walfile_name(pg_current_wal_lsn()), 8) || '/' \
             || '{register}'::regclass::oid::text, 'UTF8')"
        ),
        false => String::from("''::bytea"),
    };
    format!(
        "SELECT 0::int8 AS place, {server} AS bytes, 0::int8 AS high, 0::int8 AS low, false AS tainted \
         UNION ALL \
         SELECT k.place, e.bytes, 0, 0, false FROM unnest((SELECT $1::bytea[])) WITH ORDINALITY AS k(name, place) \
         CROSS JOIN LATERAL \
         (SELECT r.bytes FROM {entry} AS r WHERE r.name = k.name AND r.ends > {CAME} OFFSET 0) AS e \
         UNION ALL \
         SELECT -k.place, NULL, s.high # t.high, s.low # t.low, s.tainted \
         FROM unnest((SELECT $2::bytea[])) WITH ORDINALITY AS k(name, place) CROSS JOIN LATERAL \
         (SELECT r.high, r.low, r.tainted <> 0 AS tainted FROM {register} AS r \
          WHERE r.name = k.name AND {alive} OFFSET 0) AS s CROSS JOIN LATERAL \
         (SELECT coalesce(bit_xor(o.high), 0) AS high, coalesce(bit_xor(o.low), 0) AS low \
          FROM {token} AS o WHERE o.name = k.name) AS t"
    )
}

/// The registers that are written. One order for all calls: none then waits for another in a circle.
fn stamped(tables: &Tables, condition: &str) -> String {
    format!(
        "INSERT INTO {} AS r (name, high, low, writers, ends, tainted) \
         SELECT k.name, k.high, k.low, ''::bytea, {NOW} + $4::int8, 0 \
         FROM unnest((SELECT $1::bytea[]), (SELECT $2::int8[]), (SELECT $3::int8[])) AS k(name, high, low) {condition} \
         ON CONFLICT (name) DO UPDATE SET ",
        tables.register
    )
}

fn create(tables: &Tables) -> String {
    let kept = [("high", "excluded.high"), ("low", "excluded.low")].map(kept).join(", ");
    format!("{}{kept}, {}", stamped(tables, ""), lasting())
}

fn bump(tables: &Tables, told: Option<&Channel>) -> String {
    let told = told.map(telling).unwrap_or_default();
    let stamped = stamped(tables, &format!("WHERE {DURABLE}{told}"));
    format!("{stamped}high = excluded.high, low = excluded.low, {}", lasting())
}

/// Always true, and tells each of the messages once.
fn telling(channel: &Channel) -> String {
    format!(
        " AND (SELECT count({}) FROM unnest((SELECT $5::text[])) AS k(message)) >= 0",
        channel.tell("k.message")
    )
}

/// Writers stay, and the longest life that was asked for.
fn lasting() -> String {
    let kept = [("writers", "''::bytea"), ("tainted", "0")].map(kept).join(", ");
    let longer = "greatest(r.ends, excluded.ends)";
    format!("{kept}, ends = CASE WHEN {} THEN {longer} ELSE excluded.ends END", alive(NOW))
}

/// Sets a column of a register that is there to what it was, of one that is not to something new.
fn kept((column, new): (&str, &str)) -> String {
    format!("{column} = CASE WHEN {} THEN r.{column} ELSE {new} END", alive(NOW))
}

fn look(tables: &Tables) -> String {
    format!(
        "SELECT {NOW}, r.high, r.low, r.writers, r.ends, r.tainted \
         FROM unnest((SELECT $1::bytea[])) WITH ORDINALITY AS k(name, place) LEFT JOIN LATERAL \
         (SELECT s.* FROM {} AS s WHERE s.name = k.name OFFSET 0) AS r ON true ORDER BY k.place",
        tables.register
    )
}

fn insert(tables: &Tables) -> String {
    format!(
        "INSERT INTO {} AS r (name, high, low, writers, ends, tainted) \
         SELECT $1::bytea, $2::int8, $3::int8, $4::bytea, $5::int8, $6::int8 WHERE {DURABLE} \
         ON CONFLICT (name) DO UPDATE SET high = excluded.high, low = excluded.low, \
         writers = excluded.writers, ends = excluded.ends, tainted = excluded.tainted \
         WHERE ({}) IS NOT TRUE",
        tables.register,
        alive(NOW)
    )
}

fn swap(tables: &Tables) -> String {
    format!(
        "UPDATE {} SET high = $2::int8, low = $3::int8, writers = $4::bytea, ends = $5::int8, \
         tainted = $6::int8 WHERE name = $1::bytea AND high = $7::int8 AND low = $8::int8 \
         AND writers = $9::bytea AND ends = $10::int8 AND tainted = $11::int8 AND {DURABLE}",
        tables.register
    )
}

/// What protects a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    None,
    /// Rows of leases.
    Lease,
    /// The session that has the locks: another one stores nothing.
    Session,
}

/// A lease that protects a store is locked until the store is done: whoever takes it next stores later.
pub(super) fn store(tables: &Tables, guard: Guard) -> String {
    let Tables { entry, register, lease, .. } = tables;
    let (held, columns, condition, extend) = match guard {
        Guard::None => (String::new(), "", "", 4),
        Guard::Session => (String::new(), "", "WHERE pg_backend_pid() = $4", 5),
        Guard::Lease => (
            format!(
                "held AS (SELECT l.name, l.owner FROM {lease} AS l WHERE l.name = ANY ((SELECT $4::bytea[])::bytea[]) \
                 AND l.ends > {NOW} ORDER BY l.name FOR SHARE), "
            ),
            ", lease, owner",
            "WHERE k.lease IS NULL OR (k.lease, k.owner) IN (SELECT h.name, h.owner FROM held AS h)",
            6,
        ),
    };
    let is_leased = guard == Guard::Lease;
    let arrays = if is_leased { ", (SELECT $4::bytea[]), (SELECT $5::bytea[])" } else { "" };
    let (least, generous) = (extend + 1, extend + 2);
    let alive = alive(NOW);
    format!(
        "WITH {held}ending AS (SELECT r.name FROM {register} AS r WHERE r.name = ANY ((SELECT ${extend}::bytea[])::bytea[]) \
         AND {alive} AND r.tainted = 0 AND r.ends < {NOW} + ${least}::int8 \
         ORDER BY r.name FOR NO KEY UPDATE), \
         extended AS (UPDATE {register} AS r SET ends = {NOW} + ${generous}::int8 FROM ending \
         WHERE r.name = ending.name AND r.tainted = 0) \
         INSERT INTO {entry} AS e (name, bytes, ends) SELECT k.name, k.bytes, {NOW} + k.life \
         FROM unnest((SELECT $1::bytea[]), (SELECT $2::bytea[]), (SELECT $3::int8[]){arrays}) AS k(name, bytes, life{columns}) \
         {condition} ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes, ends = excluded.ends \
         RETURNING e.name"
    )
}

fn remove(tables: &Tables) -> String {
    let entry = &tables.entry;
    format!(
        "WITH named AS (SELECT e.name FROM {entry} AS e WHERE e.name = ANY ((SELECT $1::bytea[])::bytea[]) \
         ORDER BY e.name FOR UPDATE) DELETE FROM {entry} AS e USING named WHERE e.name = named.name"
    )
}

fn acquire(tables: &Tables) -> String {
    format!(
        "INSERT INTO {} AS l (name, owner, ends) VALUES ($1::bytea, $2::bytea, {NOW} + $3::int8) \
         ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, ends = {NOW} + $3::int8 \
         WHERE l.ends <= {NOW}",
        tables.lease
    )
}

fn renew(tables: &Tables) -> String {
    format!(
        "UPDATE {} SET ends = {NOW} + $3::int8 \
         WHERE name = $1::bytea AND owner = $2::bytea AND ends > {NOW}",
        tables.lease
    )
}

/// A lease that comes back in a crash ends by itself: nobody waits for the disk, least of all those who
/// have something else to tell.
fn release(tables: &Tables) -> String {
    format!(
        "DELETE FROM {} WHERE name = $1::bytea AND owner = $2::bytea \
         AND set_config('synchronous_commit', 'off', true) IS NOT NULL",
        tables.lease
    )
}

fn locate(tables: &Tables) -> String {
    format!(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c \
         JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = '{}'::regclass",
        tables.token
    )
}

fn token(tables: &Tables) -> String {
    format!("INSERT INTO {} (name, high, low) VALUES ($1::bytea, $2::int8, $3::int8)", tables.token)
}

/// From each name to the next one by the index, however many tokens it has.
fn tokened(tables: &Tables) -> String {
    let token = &tables.token;
    let behind = |name: &str| {
        format!("(SELECT o.name FROM {token} AS o WHERE o.name > {name} ORDER BY o.name LIMIT 1)")
    };
    let (first, next) = (behind("$1::bytea"), behind("n.name"));
    format!(
        "WITH RECURSIVE n(name) AS (SELECT {first} UNION ALL SELECT {next} FROM n \
         WHERE n.name IS NOT NULL) SELECT n.name FROM n WHERE n.name IS NOT NULL LIMIT 64"
    )
}

/// All in one statement: nobody sees the tokens gone and the register as it was. Who bumps the
/// register at the same time is waited for, and what he wrote is what is turned.
fn fold(tables: &Tables) -> String {
    let Tables { token, register, .. } = tables;
    format!(
        "WITH taken AS (DELETE FROM {token} AS o WHERE o.ctid = ANY (ARRAY(SELECT s.ctid FROM {token} AS s \
         WHERE s.name = $1::bytea LIMIT $2::int8 FOR UPDATE SKIP LOCKED)) RETURNING o.high, o.low), \
         folded AS (SELECT bit_xor(t.high) AS high, bit_xor(t.low) AS low, count(*) AS tokens FROM taken AS t), \
         turned AS (UPDATE {register} AS r SET high = r.high # f.high, low = r.low # f.low FROM folded AS f \
         WHERE r.name = $1::bytea AND f.tokens > 0) SELECT f.tokens FROM folded AS f"
    )
}
