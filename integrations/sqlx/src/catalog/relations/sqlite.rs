//! SQLite's, by its pragmas and the texts that made its tables, views and triggers.

use dogpile_query::{
    Analyzer, Body, Changes, RelationKind, Relations, RelationsBuilder, TableName,
};
use sqlx::{AssertSqlSafe, Error, SqliteConnection};

use super::{MOST, actions};
use crate::catalog::keys::sqlite::quoted;

/// Those of the connection alone are told by its session.
const SCHEMAS: &str = "/* dogpile: catalog */ SELECT name FROM pragma_database_list WHERE name <> 'temp' ORDER BY seq";

/// All relations.
pub(crate) async fn relations_of(
    connection: &mut SqliteConnection,
    analyzer: &Analyzer,
) -> Result<Relations, Error> {
    let mut all = Relations::builder(analyzer.clone());
    let schemas: Vec<(String,)> = sqlx::query_as(SCHEMAS).fetch_all(&mut *connection).await?;
    for (schema,) in &schemas {
        relations(connection, schema, &mut all).await?;
    }
    for (schema,) in &schemas {
        references(connection, schema, &mut all).await?;
        triggers(connection, schema, &mut all).await?;
    }
    Ok(all.build())
}

fn name(schema: &str, name: &str) -> TableName {
    TableName::new(Some(schema), name)
}

async fn relations(
    connection: &mut SqliteConnection,
    schema: &str,
    all: &mut RelationsBuilder,
) -> Result<(), Error> {
    let sql = format!(
        "/* dogpile: catalog */ SELECT l.name, l.type, m.sql FROM pragma_table_list l \
         JOIN {}.sqlite_master m ON m.name = l.name AND m.type IN ('table', 'view') \
         WHERE l.schema = ?1 AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT ?2",
        quoted(schema)
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(schema).bind(MOST);
    let rows: Vec<(String, String, Option<String>)> = query.fetch_all(connection).await?;
    for (relation, kind, text) in rows {
        let (name, text) = (name(schema, &relation), text.unwrap_or_default());
        match kind.as_str() {
            "view" => all.relation(name, RelationKind::View(query_of_view(&text).into())),
            "virtual" => all.virtual_table(name, &text),
            // With its shadow, and without.
            _ => all.relation(name, RelationKind::Table),
        }
    }
    Ok(())
}

async fn references(
    connection: &mut SqliteConnection,
    schema: &str,
    all: &mut RelationsBuilder,
) -> Result<(), Error> {
    let sql = format!(
        "/* dogpile: catalog */ SELECT m.name, f.\"table\", f.on_update, f.on_delete \
         FROM {}.sqlite_master m, pragma_foreign_key_list(m.name, ?1) f \
         WHERE m.type = 'table' AND m.rootpage > 0",
        quoted(schema)
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(schema);
    let rows: Vec<(String, String, String, String)> = query.fetch_all(connection).await?;
    for (from, to, updated, deleted) in rows {
        all.reference(&name(schema, &from), &name(schema, &to), actions(&updated, &deleted));
    }
    Ok(())
}

async fn triggers(
    connection: &mut SqliteConnection,
    schema: &str,
    all: &mut RelationsBuilder,
) -> Result<(), Error> {
    let sql = format!(
        "/* dogpile: catalog */ SELECT tbl_name, sql FROM {}.sqlite_master WHERE type = 'trigger' \
         UNION ALL SELECT tbl_name, sql FROM sqlite_temp_master WHERE type = 'trigger'",
        quoted(schema)
    );
    let rows: Vec<(String, String)> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(connection).await?;
    for (table, text) in rows {
        all.trigger(&name(schema, &table), events(&text), Body::Text(text.into()));
    }
    Ok(())
}

/// What a trigger fires for: the words before its statements say so, and its name may say more. They
/// begin at the last `BEGIN` or before: a name may have that word in it.
fn events(text: &str) -> Changes {
    let text = text.to_ascii_uppercase();
    let head = text.rsplit_once("BEGIN").map_or(text.as_str(), |(head, _)| head);
    let words =
        [("INSERT", Changes::INSERT), ("UPDATE", Changes::UPDATE), ("DELETE", Changes::DELETE)];
    let named = words.into_iter().filter(|(word, _)| head.contains(word));
    named.fold(Changes::NONE, |all, (_, one)| all | one)
}

/// The query in the text that made a view: what comes after the first `AS` outside of names and brackets.
fn query_of_view(text: &str) -> &str {
    let mut closes = None;
    let (mut depth, mut word) = (0_usize, None);
    for (at, c) in text.char_indices() {
        match (closes, c) {
            (Some(close), c) if c == close => closes = None,
            (Some(_), _) => {}
            (None, '"' | '`' | '\'') => closes = Some(c),
            (None, '[') => closes = Some(']'),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        let in_word = closes.is_none() && (c.is_alphanumeric() || c == '_' || c == '$');
        match (word, in_word) {
            (None, true) => word = Some(at),
            (Some(start), false) => {
                if depth == 0 && text[start..at].eq_ignore_ascii_case("as") {
                    return &text[at..];
                }
                word = None;
            }
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use dogpile_query::Changes;

    use super::{events, query_of_view};

    #[test]
    fn the_query_of_a_view_is_what_comes_after_its_name() {
        let query = |text| query_of_view(text).trim();
        assert_eq!(query("CREATE VIEW v AS SELECT a AS b FROM t"), "SELECT a AS b FROM t");
        assert_eq!(
            query("CREATE TEMP VIEW \"as\" (as1, \"as\") AS\nWITH x AS (SELECT 1) SELECT 2"),
            "WITH x AS (SELECT 1) SELECT 2"
        );
        assert_eq!(query("create view [x as y](a)as select 1"), "select 1");
        assert_eq!(query("CREATE VIEW v"), "");
    }

    #[test]
    fn triggers_fire_for_what_comes_before_their_statements() {
        let one = "CREATE TRIGGER t AFTER INSERT ON post BEGIN DELETE FROM audit; END";
        assert_eq!(events(one), Changes::INSERT);
        let two =
            "create trigger t after update of title on post begin insert into a values(1); end";
        assert_eq!(events(two), Changes::UPDATE);
        let begins = "CREATE TRIGGER begin_it AFTER DELETE ON a BEGIN SELECT 1; END";
        assert_eq!(events(begins), Changes::DELETE);
        let more = "CREATE TRIGGER insert_begins AFTER DELETE ON a BEGIN SELECT 1; END";
        assert_eq!(events(more), Changes::INSERT | Changes::DELETE);
        let last = "CREATE TRIGGER t AFTER UPDATE ON a BEGIN DELETE FROM b WHERE begins; END";
        assert!(events(last).meets(Changes::UPDATE));
    }
}
