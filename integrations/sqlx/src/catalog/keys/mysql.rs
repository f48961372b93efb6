//! MySQL's and MariaDB's, by `information_schema`, which shows what the user has rights to.

use dogpile_query::{KeyColumn, KeyKind, TableKey, TableName};
use sqlx::{Error, MySqlConnection};

/// The tables of a name.
const TABLES: &str = "/* dogpile: catalog */ \
    SELECT CAST(TABLE_SCHEMA AS CHAR), CAST(TABLE_NAME AS CHAR), CAST(TABLE_TYPE AS CHAR) \
    FROM information_schema.TABLES WHERE TABLE_NAME = ? AND (? IS NULL OR TABLE_SCHEMA = ?) \
        AND TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys') \
    LIMIT 16";

/// The columns of the primary key of a table.
const COLUMNS: &str = "/* dogpile: catalog */ \
    SELECT CAST(COLUMN_NAME AS CHAR), CAST(DATA_TYPE AS CHAR), CAST(COLUMN_TYPE AS CHAR), \
        CAST(COLLATION_NAME AS CHAR), CAST(CHARACTER_MAXIMUM_LENGTH AS SIGNED), \
        CAST(COALESCE(GENERATION_EXPRESSION, '') AS CHAR) \
    FROM information_schema.COLUMNS \
    WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND COLUMN_KEY = 'PRI' ORDER BY ORDINAL_POSITION";

/// The foreign keys with an action, from a table and to it: whether the table is the one that acts,
/// and on what.
const ACTIONS: &str = "/* dogpile: catalog */ \
    SELECT CAST(CONSTRAINT_SCHEMA = ? AND TABLE_NAME = ? AS SIGNED), \
        CAST(UPDATE_RULE AS CHAR), CAST(DELETE_RULE AS CHAR) \
    FROM information_schema.REFERENTIAL_CONSTRAINTS \
    WHERE (CONSTRAINT_SCHEMA = ? AND TABLE_NAME = ?) \
        OR (UNIQUE_CONSTRAINT_SCHEMA = ? AND REFERENCED_TABLE_NAME = ?)";

/// Whether the user would be shown a trigger of a table, and how many there are.
const TRIGGERS: &str = "/* dogpile: catalog */ \
    SELECT CAST((SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES \
            WHERE PRIVILEGE_TYPE = 'TRIGGER' AND GRANTEE = me.name) \
        + (SELECT COUNT(*) FROM information_schema.SCHEMA_PRIVILEGES \
            WHERE PRIVILEGE_TYPE = 'TRIGGER' AND GRANTEE = me.name AND ? LIKE TABLE_SCHEMA) \
        + (SELECT COUNT(*) FROM information_schema.TABLE_PRIVILEGES \
            WHERE PRIVILEGE_TYPE = 'TRIGGER' AND GRANTEE = me.name \
                AND TABLE_SCHEMA = ? AND TABLE_NAME = ?) AS SIGNED), \
        CAST((SELECT COUNT(*) FROM information_schema.TRIGGERS \
            WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ?) AS SIGNED) \
    FROM (SELECT CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''') AS name) AS me";

type Column = (String, String, String, Option<String>, Option<i64>, String);

/// The key of a table.
pub(crate) async fn key_of(
    connection: &mut MySqlConnection,
    table: &TableName,
) -> Result<Option<TableKey>, Error> {
    let tables: Vec<(String, String, String)> = sqlx::query_as(TABLES)
        .bind(table.name())
        .bind(table.schema())
        .bind(table.schema())
        .fetch_all(&mut *connection)
        .await?;
    let mut keys = Vec::with_capacity(tables.len());
    for (schema, name, kind) in tables {
        keys.push(match kind.as_str() {
            "BASE TABLE" => key(connection, &schema, &name).await?,
            _ => None,
        });
    }
    Ok(super::common(keys))
}

async fn key(
    connection: &mut MySqlConnection,
    schema: &str,
    name: &str,
) -> Result<Option<TableKey>, Error> {
    let (may_see, triggers): (i64, i64) = sqlx::query_as(TRIGGERS)
        .bind(schema)
        .bind(schema)
        .bind(name)
        .bind(schema)
        .bind(name)
        .fetch_one(&mut *connection)
        .await?;
    let mut actions = sqlx::query_as::<_, (i64, String, String)>(ACTIONS);
    for _ in 0..3 {
        actions = actions.bind(schema).bind(name);
    }
    let actions = actions.fetch_all(&mut *connection).await?;
    let acts = |rule: &str| !matches!(rule, "RESTRICT" | "NO ACTION");
    let is_reached = actions.iter().any(|(own, up, del)| *own != 0 && (acts(up) || acts(del)));
    if may_see == 0 || triggers > 0 || is_reached {
        return Ok(None);
    }
    let columns: Vec<Column> =
        sqlx::query_as(COLUMNS).bind(schema).bind(name).fetch_all(connection).await?;
    let columns: Option<Vec<_>> = columns.iter().map(column).collect();
    let (updates, deletes) = (
        actions.iter().any(|(_, update, _)| acts(update)),
        actions.iter().any(|(_, _, delete)| acts(delete)),
    );
    let key = |columns: Vec<_>| TableKey::new(columns).reaching(updates, deletes);
    Ok(columns.filter(|columns| !columns.is_empty()).map(key))
}

fn column((name, kind, whole, collation, length, generated): &Column) -> Option<KeyColumn> {
    /// Those that compare by bytes, whatever stands behind in spaces.
    const EXACT: [&str; 3] = ["utf8mb4_bin", "utf8mb4_nopad_bin", "utf8mb4_0900_bin"];
    let integer = |bits: u32| {
        let (half, whole_range) = (1_i128 << (bits - 1), 1_i128 << bits);
        match whole.contains("unsigned") {
            true => KeyKind::Integer { least: 0, most: whole_range - 1 },
            false => KeyKind::Integer { least: -half, most: half - 1 },
        }
    };
    let most = length.and_then(|length| usize::try_from(length).ok());
    let kind = match kind.as_str() {
        _ if !generated.is_empty() => return None,
        "tinyint" => integer(8),
        "smallint" => integer(16),
        "mediumint" => integer(24),
        "int" => integer(32),
        "bigint" => integer(64),
        "binary" => KeyKind::Bytes { least: most?, most: most? },
        "varbinary" => KeyKind::Bytes { least: 0, most: most? },
        "char" | "varchar" if collation.as_deref().is_some_and(|own| EXACT.contains(&own)) => {
            KeyKind::Text { most: most? }
        }
        _ => return None,
    };
    Some(KeyColumn::new(name.to_lowercase(), kind))
}
