//! MySQL's and MariaDB's, by `information_schema`, which shows what the user has rights to.

use std::collections::BTreeSet;
use std::sync::Once;

use dogpile_query::{
    Analyzer, Body, Changes, RelationKind, Relations, RelationsBuilder, TableName, Volatility,
};
use sqlx::{Error, MySqlConnection};

use super::{MOST, actions};

const RELATIONS: &str = "/* dogpile: catalog */ \
    SELECT CAST(t.TABLE_SCHEMA AS CHAR), CAST(t.TABLE_NAME AS CHAR), CAST(t.TABLE_TYPE AS CHAR), \
        CAST(COALESCE(t.ENGINE, '') AS CHAR) \
    FROM information_schema.TABLES t \
    WHERE t.TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys') \
    ORDER BY t.TABLE_SCHEMA = DATABASE() DESC LIMIT ?";

const VIEWS: &str = "/* dogpile: catalog */ \
    SELECT CAST(TABLE_SCHEMA AS CHAR), CAST(TABLE_NAME AS CHAR), CAST(VIEW_DEFINITION AS CHAR) \
    FROM information_schema.VIEWS WHERE TABLE_SCHEMA <> 'sys'";

const REFERENCES: &str = "/* dogpile: catalog */ \
    SELECT CAST(CONSTRAINT_SCHEMA AS CHAR), CAST(TABLE_NAME AS CHAR), \
        CAST(UNIQUE_CONSTRAINT_SCHEMA AS CHAR), CAST(REFERENCED_TABLE_NAME AS CHAR), \
        CAST(UPDATE_RULE AS CHAR), CAST(DELETE_RULE AS CHAR) \
    FROM information_schema.REFERENTIAL_CONSTRAINTS";

const TRIGGERS: &str = "/* dogpile: catalog */ \
    SELECT CAST(EVENT_OBJECT_SCHEMA AS CHAR), CAST(EVENT_OBJECT_TABLE AS CHAR), \
        CAST(EVENT_MANIPULATION AS CHAR), CAST(ACTION_STATEMENT AS CHAR) \
    FROM information_schema.TRIGGERS";

/// The schemas, and the tables of others, of which the user would be shown the triggers.
const TRIGGERS_SHOWN: &str = "/* dogpile: catalog */ \
    SELECT CAST(s.SCHEMA_NAME AS CHAR), CAST('' AS CHAR) FROM information_schema.SCHEMATA s \
    WHERE EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES \
            WHERE PRIVILEGE_TYPE = 'TRIGGER' AND GRANTEE = @dogpile_me) \
        OR EXISTS (SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES p \
            WHERE p.PRIVILEGE_TYPE = 'TRIGGER' AND p.GRANTEE = @dogpile_me \
                AND s.SCHEMA_NAME LIKE p.TABLE_SCHEMA) \
    UNION ALL SELECT CAST(TABLE_SCHEMA AS CHAR), CAST(TABLE_NAME AS CHAR) \
    FROM information_schema.TABLE_PRIVILEGES \
    WHERE PRIVILEGE_TYPE = 'TRIGGER' AND GRANTEE = @dogpile_me";

const ROUTINES: &str = "/* dogpile: catalog */ \
    SELECT CAST(ROUTINE_SCHEMA AS CHAR), CAST(ROUTINE_NAME AS CHAR), \
        CAST(IS_DETERMINISTIC AS CHAR), CAST(ROUTINE_DEFINITION AS CHAR) \
    FROM information_schema.ROUTINES \
    WHERE ROUTINE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema') LIMIT ?";

/// All relations.
pub(crate) async fn relations_of(
    connection: &mut MySqlConnection,
    analyzer: &Analyzer,
) -> Result<Relations, Error> {
    let mut all = Relations::builder(analyzer.clone());
    let tables = relations(connection, &mut all).await?;
    let references: Vec<(String, String, String, String, String, String)> =
        sqlx::query_as(REFERENCES).fetch_all(&mut *connection).await?;
    for (schema, from, to_schema, to, updated, deleted) in references {
        let actions = actions(&updated, &deleted);
        all.reference(&name(&schema, &from), &name(&to_schema, &to), actions);
    }
    triggers(connection, &tables, &mut all).await?;
    routines(connection, &mut all).await?;
    Ok(all.build())
}

fn name(schema: &str, name: &str) -> TableName {
    TableName::new(Some(schema), name)
}

/// Returns the names of the tables.
async fn relations(
    connection: &mut MySqlConnection,
    all: &mut RelationsBuilder,
) -> Result<Vec<TableName>, Error> {
    let query = sqlx::query_as(RELATIONS).bind(MOST);
    let rows: Vec<(String, String, String, String)> = query.fetch_all(&mut *connection).await?;
    let mut tables = Vec::new();
    for (schema, relation, kind, engine) in rows {
        let kind = match (kind.as_str(), engine.as_str()) {
            ("VIEW", _) => continue,
            ("SEQUENCE", _) => RelationKind::Sequence,
            ("TEMPORARY", _) => RelationKind::Temporary,
            (_, "FEDERATED" | "SPIDER" | "CONNECT" | "MRG_MyISAM") => RelationKind::Foreign,
            (_, "MEMORY") => RelationKind::Unlogged,
            _ => RelationKind::Table,
        };
        tables.push(name(&schema, &relation));
        all.relation(name(&schema, &relation), kind);
    }
    let views: Vec<(String, String, Option<String>)> =
        sqlx::query_as(VIEWS).fetch_all(connection).await?;
    for (schema, view, query) in views {
        let query = query.unwrap_or_default().into();
        all.relation(name(&schema, &view), RelationKind::View(query));
    }
    Ok(tables)
}

async fn triggers(
    connection: &mut MySqlConnection,
    tables: &[TableName],
    all: &mut RelationsBuilder,
) -> Result<(), Error> {
    let triggers: Vec<(String, String, String, Option<String>)> =
        sqlx::query_as(TRIGGERS).fetch_all(&mut *connection).await?;
    for (schema, table, event, text) in triggers {
        let changes = match event.as_str() {
            "INSERT" => Changes::INSERT,
            "UPDATE" => Changes::UPDATE,
            "DELETE" => Changes::DELETE,
            _ => Changes::ALL,
        };
        let body = text.map_or(Body::Opaque, |text| Body::Text(text.into()));
        all.trigger(&name(&schema, &table), changes, body);
    }
    hidden_triggers(connection, tables, all).await
}

/// A table whose triggers the user is not shown may have any.
async fn hidden_triggers(
    connection: &mut MySqlConnection,
    tables: &[TableName],
    all: &mut RelationsBuilder,
) -> Result<(), Error> {
    const ME: &str = "CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')";
    let sql = TRIGGERS_SHOWN.replace("@dogpile_me", ME);
    let shown: Vec<(String, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(connection).await?;
    let shown: BTreeSet<(String, String)> = shown.into_iter().collect();
    let is_shown = |schema: &str, table: &str| shown.contains(&(schema.into(), table.into()));
    let hidden = tables.iter().filter(|table| {
        let schema = table.schema().unwrap_or_default();
        !is_shown(schema, "") && !is_shown(schema, table.name())
    });
    for table in hidden {
        complain(table);
        all.trigger(table, Changes::ALL, Body::Opaque);
    }
    Ok(())
}

/// Once in a process.
fn complain(table: &TableName) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        tracing::warn!(
            target: "dogpile", table = %table,
            "the user may not see the triggers of this table, and maybe of others: every write to them \
             invalidates everything. GRANT TRIGGER mends that, or `without_catalog`, where there are none",
        );
    });
}

async fn routines(
    connection: &mut MySqlConnection,
    all: &mut RelationsBuilder,
) -> Result<(), Error> {
    let query = sqlx::query_as(ROUTINES).bind(MOST);
    let rows: Vec<(String, String, String, Option<String>)> = query.fetch_all(connection).await?;
    for (schema, routine, deterministic, text) in rows {
        let volatility = match deterministic.as_str() {
            "YES" => Volatility::Immutable,
            _ => Volatility::Volatile,
        };
        let body = text.map_or(Body::Opaque, |text| Body::Text(text.into()));
        all.routine(&name(&schema, &routine), volatility, body);
    }
    Ok(())
}
