//! PostgreSQL's, by the tables of `pg_catalog` that everybody may read.

use std::collections::BTreeMap;

use dogpile_query::{KeyColumn, KeyKind, TableKey, TableName};
use sqlx::{Error, PgConnection};

/// A row for each column of the primary key of each table of the name, and one for a table without.
///
/// Plain is a table that no statement writes but those that name it, and whose rows are seen or not
/// whatever other rows there are.
const COLUMNS: &str = "/* dogpile: catalog */ SELECT c.oid::int8, \
    c.relkind = 'r' AND NOT c.relispartition AND NOT c.relhasrules AND NOT c.relrowsecurity \
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits \
            WHERE inhrelid = c.oid OR inhparent = c.oid) \
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger \
            WHERE tgrelid = c.oid AND NOT tgisinternal) \
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint \
            WHERE contype = 'f' AND conrelid = c.oid \
                AND (confupdtype IN ('c', 'n', 'd') OR confdeltype IN ('c', 'n', 'd'))), \
    EXISTS (SELECT FROM pg_catalog.pg_constraint \
        WHERE contype = 'f' AND confrelid = c.oid AND confupdtype IN ('c', 'n', 'd')), \
    EXISTS (SELECT FROM pg_catalog.pg_constraint \
        WHERE contype = 'f' AND confrelid = c.oid AND confdeltype IN ('c', 'n', 'd')), \
    a.attname::text, \
    CASE WHEN a.attgenerated <> '' THEN 0 ELSE a.atttypid::int8 END, \
    a.atttypmod, \
    coalesce(l.collisdeterministic, false) \
    FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary \
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) \
    LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation \
    WHERE c.relname = $1 AND ($2::text IS NULL OR n.nspname = $2) \
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f') \
        AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' \
        AND n.nspname NOT LIKE 'pg\\_temp%' AND n.nspname NOT LIKE 'pg\\_toast%' \
    ORDER BY c.oid, a.attnum LIMIT 1000";

type Row = (i64, bool, bool, bool, Option<String>, Option<i64>, Option<i32>, bool);

/// The key of a table.
pub(crate) async fn key_of(
    connection: &mut PgConnection,
    table: &TableName,
) -> Result<Option<TableKey>, Error> {
    let query = sqlx::query_as(COLUMNS).bind(table.name()).bind(table.schema());
    let rows: Vec<Row> = query.fetch_all(connection).await?;
    let mut tables: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
    rows.into_iter().for_each(|row| tables.entry(row.0).or_default().push(row));
    Ok(super::common(tables.into_values().map(|rows| key(&rows))))
}

fn key(rows: &[Row]) -> Option<TableKey> {
    let (_, is_plain, updates, deletes, ..) = rows.first()?;
    let columns: Option<Vec<_>> = rows.iter().map(column).collect();
    Some(TableKey::new(columns.filter(|_| *is_plain)?).reaching(*updates, *deletes))
}

fn column((.., name, kind, modifier, deterministic): &Row) -> Option<KeyColumn> {
    /// The length that is a part of a type's modifier counts itself.
    const HEADER: i32 = 4;
    let most = usize::try_from((*modifier)?.saturating_sub(HEADER)).unwrap_or(usize::MAX);
    let kind = match (*kind)? {
        20 | 21 | 23 => KeyKind::INTEGER,
        2950 => KeyKind::Uuid,
        25 | 1043 if *deterministic => KeyKind::Text { most },
        17 => KeyKind::Bytes { least: 0, most: usize::MAX },
        _ => return None,
    };
    Some(KeyColumn::new(name.as_deref()?, kind))
}
