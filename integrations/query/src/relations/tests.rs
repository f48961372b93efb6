//! Reads and writes of small catalogs.

use dogpile::Tag;

use super::{Body, OnReferenced, RelationKind, Relations, RelationsBuilder, Volatility};
use crate::{Analyzer, BypassReason, Changes, Dialect, TableName};

fn name(text: &str) -> TableName {
    let (schema, name) = text.split_once('.').unwrap_or(("public", text));
    TableName::new(Some(schema), name)
}

/// The tables `post`, `author` and `audit`, and what `more` there is.
fn shop(more: impl FnOnce(&mut RelationsBuilder)) -> Relations {
    let mut relations = Relations::builder(Analyzer::new(Dialect::Postgres));
    for table in ["post", "author", "audit"] {
        relations.relation(name(table), RelationKind::Table);
    }
    more(&mut relations);
    relations.build()
}

fn view(relations: &mut RelationsBuilder, view: &str, query: &str) {
    relations.relation(name(view), RelationKind::View(query.into()));
}

/// Whether `write` reaches the read, which may be cached.
fn reaches(relations: &Relations, write: &str, read: &str) -> bool {
    let (read, write) = (relations.analyzer.analyze(read), relations.analyzer.analyze(write));
    let depends = relations.read(&read).expect("a read that may be cached");
    // Every read of a table depends on this one too.
    let all = Tag::all_tables();
    relations.written(&write).iter().any(|tag| *tag == all || depends.contains(tag))
}

fn refused(relations: &Relations, read: &str) -> Option<BypassReason> {
    let read = relations.analyzer.analyze(read);
    relations.read(&read).err().map(|bypass| bypass.reason())
}

const UPDATE_POST: &str = "UPDATE post SET title = 'new'";
const DELETE_AUTHOR: &str = "DELETE FROM author WHERE id = 1";
const READ_POST: &str = "SELECT title FROM post";
const READ_AUDIT: &str = "SELECT * FROM audit";

#[test]
fn plain_tables_have_the_tags_of_the_text() {
    let relations = shop(|_| {});
    let (read, write) =
        (relations.analyzer.analyze(READ_POST), relations.analyzer.analyze(UPDATE_POST));
    let depends = relations.read(&read).expect("a read that may be cached");
    assert!(depends.iter().eq(read.read_tags().iter()));
    assert!(relations.written(&write).iter().eq(write.write_tags().iter()));
}

#[test]
fn views_are_their_tables() {
    let relations = shop(|all| {
        view(all, "visible", "SELECT * FROM public.post WHERE visible");
        view(all, "titles", "SELECT title FROM visible");
    });
    for read in ["SELECT * FROM visible", "SELECT * FROM titles", "SELECT 1 FROM public.titles"] {
        assert!(reaches(&relations, UPDATE_POST, read), "{read}");
        assert!(reaches(&relations, "UPDATE public.post SET title = ''", read), "{read}");
        assert!(!reaches(&relations, DELETE_AUTHOR, read), "{read}");
    }
    assert!(reaches(&relations, "DELETE FROM titles", READ_POST));
    assert!(reaches(
        &relations,
        "CREATE OR REPLACE VIEW titles AS SELECT 1",
        "SELECT * FROM titles"
    ));
}

#[test]
fn what_stands_in_the_way_in_a_view_stands_in_the_way_of_its_readers() {
    let relations = shop(|all| {
        view(all, "recent", "SELECT * FROM post WHERE at > now()");
        view(all, "unreadable", "");
        view(all, "lost", "SELECT * FROM gone");
        all.relation(name("elsewhere"), RelationKind::Foreign);
        all.relation(name("quick"), RelationKind::Unlogged);
        all.relation(name("numbers"), RelationKind::Sequence);
        view(all, "over_it", "SELECT * FROM elsewhere");
    });
    let expected = [
        ("recent", BypassReason::Volatile),
        ("unreadable", BypassReason::NotARead),
        ("lost", BypassReason::UnknownRelation),
        ("nobody_knows", BypassReason::UnknownRelation),
        ("elsewhere", BypassReason::ForeignTable),
        ("quick", BypassReason::UnloggedTable),
        ("numbers", BypassReason::Sequence),
        ("over_it", BypassReason::ForeignTable),
    ];
    for (table, reason) in expected {
        assert_eq!(refused(&relations, &format!("SELECT * FROM {table}")), Some(reason), "{table}");
    }
    let read = relations.analyzer.analyze("SELECT * FROM recent");
    let told = relations.read(&read).map(drop).map_err(|bypass| bypass.to_string());
    assert_eq!(told, Err("volatile function now() in view recent".into()));
}

#[test]
fn a_materialized_view_changes_when_it_is_refreshed() {
    let relations = shop(|all| all.relation(name("top"), RelationKind::MaterializedView));
    assert!(!reaches(&relations, UPDATE_POST, "SELECT * FROM top"));
    assert!(reaches(&relations, "REFRESH MATERIALIZED VIEW top", "SELECT * FROM top"));
}

#[test]
fn parts_and_wholes_reach_each_other() {
    let relations = shop(|all| {
        for table in ["log", "log_1", "log_2", "log_2_a"] {
            all.relation(name(table), RelationKind::Table);
        }
        for (part, whole) in [("log_1", "log"), ("log_2", "log"), ("log_2_a", "log_2")] {
            all.part(&name(part), &name(whole));
        }
        all.trigger(&name("log_2_a"), Changes::INSERT, Body::Text("audit".into()));
    });
    let insert = |table: &str| format!("INSERT INTO {table} VALUES (1)");
    for (write, read, does) in [
        ("log_1", "log", true),
        ("log_2_a", "log", true),
        ("log_2_a", "log_2", true),
        ("log", "log_1", true),
        ("log", "log_2_a", true),
        ("log_1", "post", false),
        ("log", "audit", true),
        ("log_1", "audit", false),
    ] {
        let read = format!("SELECT * FROM {read}");
        assert_eq!(reaches(&relations, &insert(write), &read), does, "{write} {read}");
    }
    for whole in ["SELECT * FROM log", "SELECT * FROM log_2"] {
        assert!(reaches(&relations, "DROP TABLE log_2_a", whole), "{whole}");
    }
}

#[test]
fn what_is_never_cached_by_itself_is_not_cached_as_a_part() {
    let relations = shop(|all| {
        for table in ["log", "log_1", "log_2", "log_2_a", "log_2_b", "place", "city"] {
            let kind = match table {
                "log_2_b" => RelationKind::Foreign,
                "city" => RelationKind::Unlogged,
                _ => RelationKind::Table,
            };
            all.relation(name(table), kind);
        }
        for (part, whole) in [
            ("log_1", "log"),
            ("log_2", "log"),
            ("log_2_a", "log_2"),
            ("log_2_b", "log_2"),
            ("city", "place"),
        ] {
            all.part(&name(part), &name(whole));
        }
        view(all, "logged", "SELECT * FROM log");
    });
    for (table, reason) in [
        ("log", Some(BypassReason::ForeignTable)),
        ("log_2", Some(BypassReason::ForeignTable)),
        ("logged", Some(BypassReason::ForeignTable)),
        ("place", Some(BypassReason::UnloggedTable)),
        ("log_1", None),
        ("log_2_a", None),
    ] {
        assert_eq!(refused(&relations, &format!("SELECT * FROM {table}")), reason, "{table}");
    }
    let read = relations.analyzer.analyze("SELECT * FROM logged");
    let told = relations.read(&read).map(drop).map_err(|bypass| bypass.to_string());
    assert_eq!(told, Err("foreign table log_2_b in the parts of log".into()));
}

#[test]
fn foreign_keys_follow_by_what_is_done() {
    let deletes = OnReferenced { deleted: Changes::DELETE, updated: Changes::NONE };
    let relations = shop(|all| {
        all.reference(&name("post"), &name("author"), deletes);
        all.relation(name("post_tag"), RelationKind::Table);
        all.reference(&name("post_tag"), &name("post"), deletes);
        all.trigger(&name("post_tag"), Changes::DELETE, Body::Text("INSERT INTO audit".into()));
    });
    for read in [READ_POST, "SELECT * FROM post_tag", READ_AUDIT] {
        assert!(reaches(&relations, DELETE_AUTHOR, read), "{read}");
        assert!(!reaches(&relations, "INSERT INTO author VALUES (1)", read), "{read}");
        assert!(!reaches(&relations, "UPDATE author SET id = 2", read), "{read}");
        assert!(reaches(&relations, "TRUNCATE author CASCADE", read), "{read}");
    }
}

#[test]
fn foreign_keys_follow_a_table_that_is_dropped() {
    let relations = shop(|all| {
        let deletes = OnReferenced { deleted: Changes::DELETE, updated: Changes::UPDATE };
        let nulls = OnReferenced { deleted: Changes::UPDATE, updated: Changes::NONE };
        all.reference(&name("post"), &name("author"), deletes);
        all.reference(&name("audit"), &name("post"), nulls);
    });
    for read in [READ_POST, READ_AUDIT] {
        assert!(reaches(&relations, "DROP TABLE author", read), "{read}");
        for keeps in [
            "ALTER TABLE author ADD COLUMN name TEXT",
            "CREATE INDEX author_id ON author (id)",
            "CREATE TABLE IF NOT EXISTS author (id INTEGER)",
        ] {
            assert!(!reaches(&relations, keeps, read), "{keeps}: {read}");
        }
    }
    assert!(!reaches(&relations, "DROP TABLE post", "SELECT * FROM author"));
    // It makes a table, and its rows are those that it removes.
    let gone = "WITH d AS (DELETE FROM author RETURNING id) SELECT id INTO gone FROM d";
    assert!(reaches(&relations, gone, READ_POST));
}

#[test]
fn triggers_write_what_their_text_names_and_what_the_functions_in_it_do() {
    let relations = shop(|all| {
        all.trigger(&name("post"), Changes::UPDATE, Body::Text("\"note\"".into()));
        all.routine(&name("note"), Volatility::Volatile, Body::Text("PERFORM deeper(1);".into()));
        let deeper = "BEGIN INSERT INTO AUDIT VALUES (1); PERFORM note(); END";
        all.routine(&name("deeper"), Volatility::Volatile, Body::Text(deeper.into()));
        let runs = Body::Text("BEGIN EXECUTE 'DELETE FROM ' || t; END".into());
        all.trigger(&name("author"), Changes::DELETE, runs);
        all.trigger(&name("author"), Changes::UPDATE, Body::Opaque);
    });
    assert!(reaches(&relations, UPDATE_POST, READ_AUDIT));
    assert!(!reaches(&relations, UPDATE_POST, "SELECT * FROM author"));
    assert!(!reaches(&relations, "DELETE FROM post", READ_AUDIT));
    for anything in [DELETE_AUTHOR, "UPDATE author SET name = ''"] {
        assert!(reaches(&relations, anything, READ_AUDIT), "{anything}");
    }
    assert!(!reaches(&relations, "INSERT INTO author VALUES (1)", READ_AUDIT));
}

#[test]
fn functions_are_what_the_database_says_of_them() {
    let relations = shop(|all| {
        let body = || Body::Text("INSERT INTO audit VALUES (1)".into());
        all.routine(&name("slug"), Volatility::Immutable, Body::Opaque);
        all.routine(&name("rank_of"), Volatility::Stable, Body::Opaque);
        all.routine(&name("noted"), Volatility::Volatile, body());
    });
    assert!(reaches(&relations, UPDATE_POST, "SELECT slug(title) FROM post"));
    assert!(!reaches(&relations, "UPDATE post SET title = slug(title)", READ_AUDIT));
    let refused_for = |call: &str| refused(&relations, &format!("SELECT {call} FROM post"));
    assert_eq!(refused_for("slug(title), now()"), Some(BypassReason::Volatile));
    for call in ["rank_of(id)", "noted(id)", "nobody(id)", "slug(nobody(id))"] {
        assert_eq!(refused_for(call), Some(BypassReason::UnknownFunction), "{call}");
    }
    let moves = |call: &str| reaches(&relations, &format!("SELECT {call} FROM post"), READ_AUDIT);
    assert_eq!((moves("slug(title)"), moves("rank_of(id)")), (false, false));
    assert_eq!((moves("noted(id)"), moves("nobody(id)")), (true, true));
    assert!(!reaches(&relations, "SELECT noted(id) FROM post", READ_POST));
}

#[test]
fn a_function_that_is_said_to_be_deterministic_may_read_tables_in_mysql() {
    let mut relations = Relations::builder(Analyzer::new(Dialect::MySql));
    relations.relation(name("post"), RelationKind::Table);
    let body = |text: &str| Body::Text(text.into());
    relations.routine(&name("twice"), Volatility::Immutable, body("RETURN a * 2"));
    relations.routine(&name("newest"), Volatility::Immutable, body("SELECT max(id) FROM post"));
    let relations = relations.build();
    assert_eq!(refused(&relations, "SELECT twice(id) FROM post"), None);
    let reason = Some(BypassReason::UnknownFunction);
    assert_eq!(refused(&relations, "SELECT newest() FROM post"), reason);
}

#[test]
fn policies_are_read_with_their_table() {
    let relations = shop(|all| {
        all.policy(
            &name("post"),
            "(author_id IN (SELECT id FROM author WHERE name = CURRENT_USER))",
        );
        all.policy(&name("audit"), "at > now()");
    });
    assert!(reaches(&relations, DELETE_AUTHOR, READ_POST));
    assert_eq!(refused(&relations, READ_AUDIT), Some(BypassReason::Volatile));
}

#[test]
fn schemas_are_told_apart_until_there_are_too_many() {
    let relations = shop(|all| all.relation(name("old.post"), RelationKind::Table));
    let update = |table: &str| format!("UPDATE {table} SET title = ''");
    assert!(!reaches(&relations, &update("old.post"), "SELECT 1 FROM public.post"));
    assert!(reaches(&relations, &update("old.post"), READ_POST));
    assert!(reaches(&relations, &update("post"), "SELECT 1 FROM old.post"));
    let many = shop(|all| {
        for tenant in 0..100 {
            let of = |table: &str| name(&format!("t{tenant}.{table}"));
            all.relation(of("item"), RelationKind::Table);
            let query = format!("SELECT * FROM t{tenant}.item");
            all.relation(of("items"), RelationKind::View(query.into()));
        }
    });
    let read = many.analyzer.analyze("SELECT * FROM items");
    assert!(many.read(&read).is_ok_and(|tags| tags.len() < 8));
    assert!(reaches(&many, "DELETE FROM t7.item", "SELECT * FROM items"));
    assert!(!reaches(&many, "DELETE FROM t7.item", "SELECT * FROM t8.items"));
}

#[test]
fn virtual_tables_are_what_they_name() {
    let mut relations = Relations::builder(Analyzer::new(Dialect::Sqlite));
    relations
        .virtual_table(name("main.notes"), "CREATE VIRTUAL TABLE notes USING fts5(content='Post')");
    relations.relation(name("main.post"), RelationKind::Table);
    let relations = relations.build();
    assert!(reaches(&relations, UPDATE_POST, "SELECT * FROM notes"));
    assert!(reaches(&relations, "SELECT 1; DELETE FROM main.post", "SELECT * FROM main.notes"));
}

#[test]
fn what_is_not_known_moves_everything() {
    let relations = shop(|_| {});
    assert!(reaches(&relations, "DELETE FROM nobody_knows", READ_POST));
    let somehow = relations.written_somehow(&[name("post")]);
    let depends = relations.analyzer.analyze(READ_POST);
    assert!(somehow.iter().any(|tag| depends.read_tags().contains(tag)));
}
