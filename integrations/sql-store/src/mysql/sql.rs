//! The texts of MySQL and MariaDB.

use crate::backend::named::marks;
use crate::config::Tables;

/// Milliseconds, whatever the time zone of the session. One moment for each statement.
const NOW: &str = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000";

/// Whether a register has a version, or writers. Nothing (`NULL`) where its row is not one of ours.
fn alive() -> String {
    format!(
        "(LENGTH(writers) % 24 = 0 AND (LENGTH(writers) > 0) = (tainted <> 0) \
         AND CASE WHEN tainted = 0 THEN ends ELSE tainted END > {NOW})"
    )
}

fn rows(count: usize, row: &str) -> String {
    vec![row; count].join(",")
}

/// Keys, then registers, then registers again; each row says what it is and its name. All padded. The
/// first row is the server: what tells it from others is known to MySQL and to MariaDB alike.
pub(super) fn read(tables: &Tables, lineage: bool, keys: usize, registers: usize) -> String {
    let Tables { entry, register, token, .. } = tables;
    let server = match lineage {
        true => {
            "CAST(CONCAT_WS('/', @@global.hostname, @@global.port, @@global.server_id) AS BINARY)"
        }
        false => "CAST('' AS BINARY)",
    };
    let mut parts = vec![format!(
        "SELECT 0 AS what, CAST('' AS BINARY) AS name, {server} AS bytes, \
         CAST(0 AS SIGNED) AS high, CAST(0 AS SIGNED) AS low, CAST(0 AS SIGNED) AS tainted"
    )];
    if keys > 0 {
        let keys = marks(keys);
        parts.push(format!(
            "SELECT 1, name, bytes, 0, 0, 0 FROM {entry} WHERE name IN ({keys}) AND ends > {NOW}"
        ));
    }
    if registers > 0 {
        let (registers, alive) = (marks(registers), alive());
        parts.push(format!(
            "SELECT 2, name, NULL, high, low, tainted <> 0 FROM {register} \
             WHERE name IN ({registers}) AND {alive}"
        ));
        parts.push(format!(
            "SELECT 3, name, NULL, CAST(BIT_XOR(high) AS SIGNED), CAST(BIT_XOR(low) AS SIGNED), 0 \
             FROM {token} WHERE name IN ({registers}) GROUP BY name"
        ));
    }
    parts.join(" UNION ALL ")
}

/// Name, high, low, life for each.
pub(super) fn create(tables: &Tables, registers: usize) -> String {
    stamp(
        tables,
        registers,
        &["high", "low"].map(|column| kept(column, &format!("VALUES({column})"))),
    )
}

/// Name, high, low, life for each.
pub(super) fn bump(tables: &Tables, registers: usize) -> String {
    stamp(tables, registers, &["high = VALUES(high)", "low = VALUES(low)"].map(str::to_owned))
}

/// Columns are set one after the other, and each sees those before it as they are by then. In this
/// order a register that was there is so to the end, and of one that was not each column is replaced.
fn stamp(tables: &Tables, registers: usize, set: &[String]) -> String {
    let rows = rows(registers, &format!("(?,?,?,'',{NOW} + ?,0)"));
    let alive = alive();
    format!(
        "INSERT INTO {} (name, high, low, writers, ends, tainted) VALUES {rows} \
         ON DUPLICATE KEY UPDATE {}, \
         ends = IF({alive}, GREATEST(ends, VALUES(ends)), VALUES(ends)), {}, {}",
        tables.register,
        set.join(", "),
        kept("writers", "''"),
        kept("tainted", "0")
    )
}

/// Sets a column of a register that is there to what it was, of one that is not to something new.
fn kept(column: &str, new: &str) -> String {
    format!("{column} = IF({}, {column}, {new})", alive())
}

/// Names, padded. At least one row, for the time.
pub(super) fn look(tables: &Tables, registers: usize) -> String {
    let (register, registers) = (&tables.register, marks(registers));
    format!(
        "SELECT {NOW}, r.name, r.high, r.low, r.writers, r.ends, r.tainted \
         FROM (SELECT 1) AS one LEFT JOIN {register} AS r ON r.name IN ({registers})"
    )
}

/// Name, then the row; nothing where there is one already.
pub(super) fn insert(tables: &Tables) -> String {
    format!(
        "INSERT IGNORE INTO {} (name, high, low, writers, ends, tainted) VALUES (?,?,?,?,?,?)",
        tables.register
    )
}

/// The row, then the name; nothing where there is a register that counts.
pub(super) fn replace(tables: &Tables) -> String {
    format!("{} AND {} IS NOT TRUE", write(tables), alive())
}

/// The new row, then the name, then the row as it was.
pub(super) fn swap(tables: &Tables) -> String {
    format!(
        "{} AND high = ? AND low = ? AND writers = ? AND ends = ? AND tainted = ?",
        write(tables)
    )
}

fn write(tables: &Tables) -> String {
    format!(
        "UPDATE {} SET high = ?, low = ?, writers = ?, ends = ?, tainted = ? WHERE name = ?",
        tables.register
    )
}

/// Name, bytes, life for each.
pub(super) fn put(tables: &Tables, entries: usize) -> String {
    let rows = rows(entries, &format!("(?,?,{NOW} + ?)"));
    format!(
        "INSERT INTO {} (name, bytes, ends) VALUES {rows} \
         ON DUPLICATE KEY UPDATE bytes = VALUES(bytes), ends = VALUES(ends)",
        tables.entry
    )
}

/// Name, bytes, life, and the lease with its owner. The lease is locked until the store is done:
/// whoever takes it next stores later.
pub(super) fn put_fenced(tables: &Tables) -> String {
    let Tables { entry, lease, .. } = tables;
    format!(
        "INSERT INTO {entry} (name, bytes, ends) SELECT CAST(? AS BINARY), CAST(? AS BINARY), {NOW} + ? FROM {lease} AS l \
         WHERE l.name = ? AND l.owner = ? AND l.ends > {NOW} LOCK IN SHARE MODE \
         ON DUPLICATE KEY UPDATE bytes = VALUES(bytes), ends = VALUES(ends)"
    )
}

/// The least life, names padded; those that are to be extended.
pub(super) fn ending(tables: &Tables, registers: usize) -> String {
    let (register, registers, alive) = (&tables.register, marks(registers), alive());
    format!(
        "SELECT name FROM {register} WHERE ends < {NOW} + ? AND name IN ({registers}) AND {alive} \
         AND tainted = 0"
    )
}

/// The generous life, the name, the least life.
pub(super) fn extend(tables: &Tables) -> String {
    format!(
        "UPDATE {} SET ends = {NOW} + ? WHERE name = ? AND {} AND tainted = 0 AND ends < {NOW} + ?",
        tables.register,
        alive()
    )
}

/// Names, padded.
pub(super) fn remove(tables: &Tables, keys: usize) -> String {
    format!("DELETE FROM {} WHERE name IN ({})", tables.entry, marks(keys))
}

/// Name, owner, life; nothing where there is a lease already.
pub(super) fn acquire(tables: &Tables) -> String {
    format!("INSERT IGNORE INTO {} (name, owner, ends) VALUES (?, ?, {NOW} + ?)", tables.lease)
}

/// Owner, life, name; nothing where it is held.
pub(super) fn take_over(tables: &Tables) -> String {
    format!(
        "UPDATE {} SET owner = ?, ends = {NOW} + ? WHERE name = ? AND ends <= {NOW}",
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

/// What has ended in a table.
fn ended(is_register: bool) -> String {
    if is_register { format!("{} IS NOT TRUE", alive()) } else { format!("ends <= {NOW}") }
}

/// Names from the one given on, that one included at the `begin` of the table, and whether they have
/// ended; so many.
pub(super) fn part(table: &str, is_register: bool, begin: bool) -> String {
    let (ended, from) = (ended(is_register), if begin { ">=" } else { ">" });
    format!("SELECT name, {ended} FROM {table} WHERE name {from} ? ORDER BY name LIMIT ?")
}

/// A name.
pub(super) fn delete(table: &str, is_register: bool, names: usize) -> String {
    format!("DELETE FROM {table} WHERE name IN ({}) AND {}", marks(names), ended(is_register))
}

/// Name, high, low.
pub(super) fn token(tables: &Tables) -> String {
    format!("INSERT INTO {} (name, high, low) VALUES (?, ?, ?)", tables.token)
}

/// The name behind which to look.
pub(super) fn tokened(tables: &Tables) -> String {
    format!("SELECT DISTINCT name FROM {} WHERE name > ? ORDER BY name LIMIT 64", tables.token)
}

/// A name. What others are about to insert is passed over.
pub(super) fn take(tables: &Tables, tokens: usize) -> String {
    format!(
        "SELECT high, low FROM {} WHERE name = ? LIMIT {tokens} FOR UPDATE SKIP LOCKED",
        tables.token
    )
}

/// High and low for each, then the name. Each row is found by its whole key: what others are about to
/// insert is not looked at, as it would be in a range of keys, and nobody's lock is met.
pub(super) fn untoken(tables: &Tables, tokens: usize) -> String {
    let row = "SELECT CAST(? AS SIGNED) AS high, CAST(? AS SIGNED) AS low";
    let rows = vec![row; tokens].join(" UNION ALL ");
    format!(
        "DELETE t FROM ({rows}) AS s STRAIGHT_JOIN {} AS t FORCE INDEX (PRIMARY) \
         ON t.name = ? AND t.high = s.high AND t.low = s.low",
        tables.token
    )
}

/// High, low, name.
pub(super) fn turn(tables: &Tables) -> String {
    let turned = |half: &str| format!("{half} = CAST({half} ^ CAST(? AS SIGNED) AS SIGNED)");
    let (high, low) = (turned("high"), turned("low"));
    format!("UPDATE {} SET {high}, {low} WHERE name = ?", tables.register)
}
