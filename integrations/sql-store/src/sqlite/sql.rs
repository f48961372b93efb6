//! The texts of SQLite.

use crate::backend::named::marks;
use crate::config::Tables;

/// Milliseconds; one moment for each statement.
const NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

/// Whether a register has a version, or writers. Nothing (`NULL`) where its row is not one of ours.
fn alive() -> String {
    format!(
        "(length(r.writers) % 24 = 0 AND (length(r.writers) > 0) = (r.tainted <> 0) \
         AND CASE WHEN r.tainted = 0 THEN r.ends ELSE r.tainted END > {NOW})"
    )
}

/// `?1` on, so many.
fn rows(count: usize, row: &str) -> String {
    vec![row; count].join(",")
}

/// Keys, then registers, then registers again; each row says what it is and its name. Both padded.
pub(super) fn read(tables: &Tables, keys: usize, registers: usize) -> String {
    let Tables { entry, register, token, .. } = tables;
    let mut parts = Vec::with_capacity(3);
    if keys > 0 {
        let keys = marks(keys);
        parts.push(format!(
            "SELECT 1, name, bytes, 0, 0, 0 FROM {entry} WHERE name IN ({keys}) AND ends > {NOW}"
        ));
    }
    if registers > 0 {
        let (registers, alive) = (marks(registers), alive());
        parts.push(format!(
            "SELECT 2, name, NULL, high, low, tainted <> 0 FROM {register} AS r \
             WHERE name IN ({registers}) AND {alive}"
        ));
        parts.push(format!(
            "SELECT 3, name, NULL, high, low, 0 FROM {token} WHERE name IN ({registers})"
        ));
    }
    parts.join(" UNION ALL ")
}

/// Name, high, low, life for each.
pub(super) fn create(tables: &Tables, registers: usize) -> String {
    let kept = |column: &str, new: &str| kept(column, new);
    stamp(tables, registers, &[kept("high", "excluded.high"), kept("low", "excluded.low")])
}

/// Name, high, low, life for each.
pub(super) fn bump(tables: &Tables, registers: usize) -> String {
    let set = ["high = excluded.high", "low = excluded.low"].map(str::to_owned);
    stamp(tables, registers, &set)
}

fn stamp(tables: &Tables, registers: usize, set: &[String]) -> String {
    let rows = rows(registers, &format!("(?,?,?,x'',{NOW} + ?,0)"));
    let longer = "max(r.ends, excluded.ends)";
    let ends = format!("ends = CASE WHEN {} THEN {longer} ELSE excluded.ends END", alive());
    format!(
        "INSERT INTO {} AS r (name, high, low, writers, ends, tainted) VALUES {rows} \
         ON CONFLICT (name) DO UPDATE SET {}, {}, {}, {ends}",
        tables.register,
        set.join(", "),
        kept("writers", "x''"),
        kept("tainted", "0")
    )
}

/// Sets a column of a register that is there to what it was, of one that is not to something new.
fn kept(column: &str, new: &str) -> String {
    format!("{column} = CASE WHEN {} THEN r.{column} ELSE {new} END", alive())
}

/// Names, padded. At least one row, for the time.
pub(super) fn look(tables: &Tables, registers: usize) -> String {
    let (register, registers) = (&tables.register, marks(registers));
    format!(
        "SELECT {NOW}, r.name, r.high, r.low, r.writers, r.ends, r.tainted \
         FROM (SELECT 1) LEFT JOIN {register} AS r ON r.name IN ({registers})"
    )
}

/// Name, then the row.
pub(super) fn insert(tables: &Tables) -> String {
    format!(
        "INSERT INTO {} AS r (name, high, low, writers, ends, tainted) VALUES (?,?,?,?,?,?) \
         ON CONFLICT (name) DO UPDATE SET high = excluded.high, low = excluded.low, \
         writers = excluded.writers, ends = excluded.ends, tainted = excluded.tainted \
         WHERE {} IS NOT TRUE",
        tables.register,
        alive()
    )
}

/// The new row, then the name, then the row as it was.
pub(super) fn swap(tables: &Tables) -> String {
    format!(
        "UPDATE {} SET high = ?, low = ?, writers = ?, ends = ?, tainted = ? WHERE name = ? \
         AND high = ? AND low = ? AND writers = ? AND ends = ? AND tainted = ?",
        tables.register
    )
}

/// Name, bytes, life for each.
pub(super) fn put(tables: &Tables, entries: usize) -> String {
    let rows = rows(entries, &format!("(?,?,{NOW} + ?)"));
    format!(
        "INSERT INTO {} (name, bytes, ends) VALUES {rows} \
         ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes, ends = excluded.ends",
        tables.entry
    )
}

/// Name, bytes, life, and the lease with its owner.
pub(super) fn put_fenced(tables: &Tables) -> String {
    let Tables { entry, lease, .. } = tables;
    format!(
        "INSERT INTO {entry} (name, bytes, ends) SELECT ?, ?, {NOW} + ? \
         WHERE EXISTS (SELECT 1 FROM {lease} WHERE name = ? AND owner = ? AND ends > {NOW}) \
         ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes, ends = excluded.ends"
    )
}

/// The generous life, names padded, the least life.
pub(super) fn extend(tables: &Tables, registers: usize) -> String {
    let (register, registers, alive) = (&tables.register, marks(registers), alive());
    format!(
        "UPDATE {register} AS r SET ends = {NOW} + ? WHERE name IN ({registers}) AND {alive} \
         AND tainted = 0 AND ends < {NOW} + ?"
    )
}

/// Names, padded.
pub(super) fn remove(tables: &Tables, keys: usize) -> String {
    format!("DELETE FROM {} WHERE name IN ({})", tables.entry, marks(keys))
}

/// Name, owner, life.
pub(super) fn acquire(tables: &Tables) -> String {
    format!(
        "INSERT INTO {} AS l (name, owner, ends) VALUES (?, ?, {NOW} + ?) ON CONFLICT (name) \
         DO UPDATE SET owner = excluded.owner, ends = excluded.ends WHERE l.ends <= {NOW}",
        tables.lease
    )
}

/// Life, name, owner.
pub(super) fn renew(tables: &Tables) -> String {
    format!(
        "UPDATE {} SET ends = {NOW} + ? WHERE name = ? AND owner = ? AND ends > {NOW}",
        tables.lease
    )
}

/// Name, owner.
pub(super) fn release(tables: &Tables) -> String {
    format!("DELETE FROM {} WHERE name = ? AND owner = ?", tables.lease)
}

/// What has ended in a table whose rows are called `r`.
fn ended(is_register: bool) -> String {
    if is_register { format!("{} IS NOT TRUE", alive()) } else { format!("r.ends <= {NOW}") }
}

/// Names from the one given on, that one included at the `begin` of the table, and whether they have
/// ended; so many.
pub(super) fn part(table: &str, is_register: bool, begin: bool) -> String {
    let (ended, from) = (ended(is_register), if begin { ">=" } else { ">" });
    format!(
        "SELECT r.name, {ended} FROM {table} AS r WHERE r.name {from} ? ORDER BY r.name LIMIT ?"
    )
}

/// Names, padded.
pub(super) fn delete(table: &str, is_register: bool, names: usize) -> String {
    let (ended, names) = (ended(is_register), marks(names));
    format!("DELETE FROM {table} AS r WHERE r.name IN ({names}) AND {ended}")
}

/// Name, high, low.
pub(super) fn token(tables: &Tables) -> String {
    format!("INSERT INTO {} (name, high, low) VALUES (?, ?, ?)", tables.token)
}

/// The name behind which to look.
pub(super) fn tokened(tables: &Tables) -> String {
    format!("SELECT DISTINCT name FROM {} WHERE name > ? ORDER BY name LIMIT 64", tables.token)
}

/// A name.
pub(super) fn take(tables: &Tables, tokens: usize) -> String {
    format!("SELECT high, low FROM {} WHERE name = ? LIMIT {tokens}", tables.token)
}

/// Name, high, low.
pub(super) fn untoken(tables: &Tables) -> String {
    format!("DELETE FROM {} WHERE name = ? AND high = ? AND low = ?", tables.token)
}

/// High, low, name.
pub(super) fn turn(tables: &Tables) -> String {
    let turned = |half: &str, by: &str| format!("{half} = ({half} | {by}) & ~({half} & {by})");
    let (high, low) = (turned("high", "?1"), turned("low", "?2"));
    format!("UPDATE {} SET {high}, {low} WHERE name = ?3", tables.register)
}
