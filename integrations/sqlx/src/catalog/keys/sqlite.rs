//! SQLite's, by its pragmas and the text of the table.

use dogpile_query::{KeyColumn, KeyKind, TableKey, TableName};
use sqlx::{AssertSqlSafe, Error, SqliteConnection};

const TABLES: &str = "/* dogpile: catalog */ SELECT schema, name, type FROM pragma_table_list \
    WHERE name = ?1 COLLATE NOCASE AND (?2 IS NULL OR schema = ?2 COLLATE NOCASE)";

const COLUMNS: &str = "/* dogpile: catalog */ SELECT name, type FROM pragma_table_xinfo(?1, ?2) \
    WHERE pk > 0 ORDER BY pk";

const REACHED: &str = "/* dogpile: catalog */ \
    SELECT on_update, on_delete FROM pragma_foreign_key_list(?1, ?2)";

/// The key of a table.
pub(crate) async fn key_of(
    connection: &mut SqliteConnection,
    table: &TableName,
) -> Result<Option<TableKey>, Error> {
    let tables: Vec<(String, String, String)> = sqlx::query_as(TABLES)
        .bind(table.name())
        .bind(table.schema())
        .fetch_all(&mut *connection)
        .await?;
    let [(schema, name, kind)] = tables.as_slice() else { return Ok(None) };
    if kind != "table" {
        return Ok(None);
    }
    let (text, triggers) = text(connection, schema, name).await?;
    let reached: Vec<(String, String)> =
        sqlx::query_as(REACHED).bind(name).bind(schema).fetch_all(&mut *connection).await?;
    let is_reached = reached.iter().any(|(update, delete)| acts(update) || acts(delete));
    // `ON CONFLICT REPLACE` of a column lets a plain write remove other rows.
    if triggers > 0 || is_reached || text.contains("CONFLICT") {
        return Ok(None);
    }
    let (updates, deletes) = reaches(connection, schema, name).await?;
    let columns: Vec<(String, String)> =
        sqlx::query_as(COLUMNS).bind(name).bind(schema).fetch_all(connection).await?;
    let exact = !text.contains("COLLATE");
    let columns: Option<Vec<_>> =
        columns.iter().map(|(name, kind)| column(name, kind, exact)).collect();
    let key = |columns: Vec<_>| TableKey::new(columns).reaching(updates, deletes);
    Ok(columns.filter(|columns| !columns.is_empty()).map(key))
}

/// The text that made the table, in capitals, and how many triggers there are on it.
async fn text(
    connection: &mut SqliteConnection,
    schema: &str,
    name: &str,
) -> Result<(String, i64), Error> {
    let schema = quoted(schema);
    let sql = format!(
        "/* dogpile: catalog */ SELECT \
         (SELECT sql FROM {schema}.sqlite_master WHERE type = 'table' AND name = ?1), \
         (SELECT count(*) FROM {schema}.sqlite_master \
             WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE) \
         + (SELECT count(*) FROM sqlite_temp_master \
             WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE)"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(name);
    let (text, triggers): (String, i64) = query.fetch_one(connection).await?;
    Ok((text.to_ascii_uppercase(), triggers))
}

/// Whether an update, or a delete, is followed by other tables.
async fn reaches(
    connection: &mut SqliteConnection,
    schema: &str,
    name: &str,
) -> Result<(bool, bool), Error> {
    let sql = format!(
        "/* dogpile: catalog */ SELECT f.on_update, f.on_delete \
         FROM {}.sqlite_master m, pragma_foreign_key_list(m.name, ?2) f \
         WHERE m.type = 'table' AND f.\"table\" = ?1 COLLATE NOCASE",
        quoted(schema)
    );
    let rules: Vec<(String, String)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(name).bind(schema).fetch_all(connection).await?;
    let updates = rules.iter().any(|(update, _)| acts(update));
    Ok((updates, rules.iter().any(|(_, delete)| acts(delete))))
}

fn acts(rule: &str) -> bool {
    !matches!(rule, "NO ACTION" | "RESTRICT")
}

pub(in crate::catalog) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `exact` where no column of the table is compared in a way of its own.
fn column(name: &str, declared: &str, exact: bool) -> Option<KeyColumn> {
    let declared = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    // The rules of affinity, in their order.
    let kind = if has(&["INT"]) {
        KeyKind::INTEGER
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        exact.then_some(KeyKind::Text { most: usize::MAX })?
    } else if has(&["BLOB"]) {
        KeyKind::Bytes { least: 0, most: usize::MAX }
    } else {
        return None;
    };
    Some(KeyColumn::new(name.to_ascii_lowercase(), kind))
}

#[cfg(test)]
mod tests {
    use super::column;

    #[test]
    fn columns_are_of_their_affinity() {
        let kind =
            |declared, exact| column("ID", declared, exact).map(|column| format!("{column:?}"));
        assert!(kind("integer", false).is_some_and(|kind| kind.contains("Integer")));
        assert!(kind("CHARINT", true).is_some_and(|kind| kind.contains("Integer")));
        assert!(kind("varchar(9)", true).is_some_and(|kind| kind.contains("Text")));
        assert!(kind("BLOB", true).is_some_and(|kind| kind.contains("Bytes")));
        assert_eq!(kind("TEXT", false), None);
        for inexact in ["REAL", "NUMERIC", "", "UUID"] {
            assert_eq!(kind(inexact, true), None, "{inexact}");
        }
    }
}
