//! PostgreSQL's, by the tables of `pg_catalog` that everybody may read.

use dogpile_query::{
    Analyzer, Body, Changes, OnReferenced, RelationKind, Relations, RelationsBuilder, TableName,
    Volatility,
};
use sqlx::{Error, PgConnection};

use super::MOST;

const RELATIONS: &str = "/* dogpile: catalog */ \
    SELECT n.nspname::text, c.relname::text, c.relkind::text || c.relpersistence::text, \
        CASE WHEN c.relkind = 'v' THEN pg_catalog.pg_get_viewdef(c.oid) END \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' \
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') \
    ORDER BY pg_catalog.pg_table_is_visible(c.oid) DESC, c.oid LIMIT $1";

const PARTS: &str = "/* dogpile: catalog */ \
    SELECT np.nspname::text, p.relname::text, nw.nspname::text, w.relname::text \
    FROM pg_catalog.pg_inherits i \
    JOIN pg_catalog.pg_class p ON p.oid = i.inhrelid \
    JOIN pg_catalog.pg_namespace np ON np.oid = p.relnamespace \
    JOIN pg_catalog.pg_class w ON w.oid = i.inhparent \
    JOIN pg_catalog.pg_namespace nw ON nw.oid = w.relnamespace \
    WHERE p.relkind IN ('r', 'p', 'f')";

const REFERENCES: &str = "/* dogpile: catalog */ \
    SELECT nf.nspname::text, f.relname::text, nt.nspname::text, t.relname::text, \
        k.confupdtype::text, k.confdeltype::text \
    FROM pg_catalog.pg_constraint k \
    JOIN pg_catalog.pg_class f ON f.oid = k.conrelid \
    JOIN pg_catalog.pg_namespace nf ON nf.oid = f.relnamespace \
    JOIN pg_catalog.pg_class t ON t.oid = k.confrelid \
    JOIN pg_catalog.pg_namespace nt ON nt.oid = t.relnamespace \
    WHERE k.contype = 'f' AND (k.confupdtype NOT IN ('a', 'r') OR k.confdeltype NOT IN ('a', 'r'))";

/// Triggers by their function, and rules by their text. The second number is that of `pg_trigger`: 4 for
/// inserts, 8 for deletes, 16 for updates, 32 for `TRUNCATE`.
const TRIGGERS: &str = "/* dogpile: catalog */ \
    SELECT n.nspname::text, c.relname::text, t.tgtype::int4, pg_catalog.quote_ident(p.proname) \
    FROM pg_catalog.pg_trigger t \
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid \
    WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' \
    UNION ALL \
    SELECT n.nspname::text, c.relname::text, \
        CASE r.ev_type WHEN '2' THEN 16 WHEN '3' THEN 4 WHEN '4' THEN 8 ELSE 60 END, \
        pg_catalog.pg_get_ruledef(r.oid) \
    FROM pg_catalog.pg_rewrite r \
    JOIN pg_catalog.pg_class c ON c.oid = r.ev_class \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE r.rulename <> '_RETURN' AND n.nspname <> 'pg_catalog'";

const POLICIES: &str = "/* dogpile: catalog */ \
    SELECT n.nspname::text, c.relname::text, pg_catalog.pg_get_expr(p.polqual, p.polrelid) \
    FROM pg_catalog.pg_policy p \
    JOIN pg_catalog.pg_class c ON c.oid = p.polrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relrowsecurity AND p.polcmd IN ('r', '*') AND p.polqual IS NOT NULL";

/// Only of those that may write is the text needed.
const ROUTINES: &str = "/* dogpile: catalog */ \
    SELECT n.nspname::text, p.proname::text, p.provolatile::text, \
        CASE WHEN p.provolatile = 'v' AND l.lanname IN ('sql', 'plpgsql') \
            THEN pg_catalog.pg_get_functiondef(p.oid) END \
    FROM pg_catalog.pg_proc p \
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang \
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prokind IN ('f', 'p') \
    ORDER BY pg_catalog.pg_function_is_visible(p.oid) DESC, p.oid LIMIT $1";

/// All relations.
pub(crate) async fn relations_of(
    connection: &mut PgConnection,
    analyzer: &Analyzer,
) -> Result<Relations, Error> {
    let mut all = Relations::builder(analyzer.clone());
    relations(connection, &mut all).await?;
    links(connection, &mut all).await?;
    triggers(connection, &mut all).await?;
    routines(connection, &mut all).await?;
    Ok(all.build())
}

fn name(schema: &str, name: &str) -> TableName {
    TableName::new(Some(schema), name)
}

async fn relations(connection: &mut PgConnection, all: &mut RelationsBuilder) -> Result<(), Error> {
    let query = sqlx::query_as(RELATIONS).bind(MOST);
    let rows: Vec<(String, String, String, Option<String>)> = query.fetch_all(connection).await?;
    for (schema, relation, kind, query) in rows {
        let kind = match kind.as_str() {
            "vp" | "vu" => RelationKind::View(query.unwrap_or_default().into()),
            "mp" | "mu" => RelationKind::MaterializedView,
            "fp" | "fu" => RelationKind::Foreign,
            "Sp" | "Su" => RelationKind::Sequence,
            unlogged if unlogged.ends_with('u') => RelationKind::Unlogged,
            _ => RelationKind::Table,
        };
        all.relation(name(&schema, &relation), kind);
    }
    Ok(())
}

/// What is a part of what, and what refers to what.
async fn links(connection: &mut PgConnection, all: &mut RelationsBuilder) -> Result<(), Error> {
    let parts: Vec<(String, String, String, String)> =
        sqlx::query_as(PARTS).fetch_all(&mut *connection).await?;
    for (schema, part, whole_schema, whole) in parts {
        all.part(&name(&schema, &part), &name(&whole_schema, &whole));
    }
    let references: Vec<(String, String, String, String, String, String)> =
        sqlx::query_as(REFERENCES).fetch_all(connection).await?;
    for (schema, from, to_schema, to, updated, deleted) in references {
        let actions = OnReferenced {
            updated: follows(&updated, Changes::UPDATE),
            deleted: follows(&deleted, Changes::DELETE),
        };
        all.reference(&name(&schema, &from), &name(&to_schema, &to), actions);
    }
    Ok(())
}

fn follows(rule: &str, cascade: Changes) -> Changes {
    match rule {
        "c" => cascade,
        "a" | "r" => Changes::NONE,
        _ => Changes::UPDATE,
    }
}

async fn triggers(connection: &mut PgConnection, all: &mut RelationsBuilder) -> Result<(), Error> {
    let triggers: Vec<(String, String, i32, String)> =
        sqlx::query_as(TRIGGERS).fetch_all(&mut *connection).await?;
    for (schema, table, events, text) in triggers {
        all.trigger(&name(&schema, &table), changes(events), Body::Text(text.into()));
    }
    let policies: Vec<(String, String, String)> =
        sqlx::query_as(POLICIES).fetch_all(connection).await?;
    for (schema, table, expression) in policies {
        all.policy(&name(&schema, &table), &expression);
    }
    Ok(())
}

fn changes(events: i32) -> Changes {
    let all = [
        (4, Changes::INSERT),
        (8, Changes::DELETE),
        (16, Changes::UPDATE),
        (32, Changes::TRUNCATE),
    ];
    let set = all.into_iter().filter(|(bit, _)| events & bit != 0);
    set.fold(Changes::NONE, |all, (_, one)| all | one)
}

async fn routines(connection: &mut PgConnection, all: &mut RelationsBuilder) -> Result<(), Error> {
    let query = sqlx::query_as(ROUTINES).bind(MOST);
    let rows: Vec<(String, String, String, Option<String>)> = query.fetch_all(connection).await?;
    for (schema, routine, volatility, text) in rows {
        let volatility = match volatility.as_str() {
            "i" => Volatility::Immutable,
            "s" => Volatility::Stable,
            _ => Volatility::Volatile,
        };
        let body = text.map_or(Body::Opaque, |text| Body::Text(text.into()));
        all.routine(&name(&schema, &routine), volatility, body);
    }
    Ok(())
}
