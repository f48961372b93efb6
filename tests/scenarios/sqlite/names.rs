//! Names of tables, however they are written, and what only looks like one.

use crate::fixture::Db;

/// A table, a way to read it, and another way to write it.
const TABLES: [[&str; 3]; 9] = [
    [
        r#"CREATE TABLE "order" (id INTEGER)"#,
        "SELECT * FROM [order]",
        "INSERT INTO `order` VALUES (1)",
    ],
    [
        r#"CREATE TABLE "a.b" (id INTEGER)"#,
        r#"SELECT * FROM "a.b""#,
        "INSERT INTO [a.b] VALUES (1)",
    ],
    [
        "CREATE TABLE [two words] (id INTEGER)",
        "SELECT * FROM `two words`",
        r#"INSERT INTO "two words" VALUES (1)"#,
    ],
    [
        r#"CREATE TABLE "qu""ote" (id INTEGER)"#,
        r#"SELECT * FROM "qu""ote""#,
        r#"INSERT INTO main."qu""ote" VALUES (1)"#,
    ],
    [
        "CREATE TABLE `ba``ck` (id INTEGER)",
        "SELECT * FROM `ba``ck`",
        r#"INSERT INTO "ba`ck" VALUES (1)"#,
    ],
    [
        "CREATE TABLE straße (id INTEGER)",
        r#"SELECT * FROM "straße""#,
        "INSERT INTO straße VALUES (1)",
    ],
    [
        r#"CREATE TABLE "таблица 表" (id INTEGER)"#,
        r#"SELECT * FROM "таблица 表""#,
        "INSERT INTO [таблица 表] VALUES (1)",
    ],
    [
        r#"CREATE TABLE "MixedCase" (id INTEGER)"#,
        "SELECT * FROM mixedcase",
        r#"INSERT INTO main."MIXEDCASE" VALUES (1)"#,
    ],
    [
        r#"CREATE TABLE "select" (id INTEGER)"#,
        r#"SELECT * FROM main . "select""#,
        "INSERT INTO [Select] VALUES (1)",
    ],
];

#[tokio::test]
async fn s050_quoted_names() {
    let db = Db::new().await;
    for [create, ..] in TABLES {
        db.execute(create).await;
    }
    for [_, read, write] in TABLES {
        db.invalidates(write, &[read]).await;
        let others = TABLES.map(|[_, other, _]| other);
        let others: Vec<_> = others.into_iter().filter(|other| *other != read).collect();
        db.keeps(write, &others).await;
    }
}

/// SQLite takes text for a name where only a name can be meant.
#[tokio::test]
async fn s050_names_in_single_quotes() {
    let db = Db::new().await;
    let reads =
        ["SELECT * FROM 'tag'", "SELECT name FROM main.'tag'", "SELECT * FROM tag AS 'post'"];
    for write in [
        "UPDATE 'tag' SET name = 'new' WHERE id = 1",
        "INSERT INTO 'tag' VALUES (9, 'newer')",
        "DELETE FROM main.'tag' WHERE id = 9",
        "REPLACE INTO 'main'.'tag' VALUES (1, 'newest')",
        "UPDATE tag SET name = 'plain' WHERE id = 1",
    ] {
        for read in ["SELECT * FROM tag", reads[0], reads[1], reads[2]] {
            db.read(read).await;
        }
        db.execute(write).await;
        for read in ["SELECT * FROM tag", reads[0], reads[1], reads[2]] {
            db.read(read).await;
        }
    }
}
