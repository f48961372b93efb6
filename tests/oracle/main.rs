//! The analysis of statements, compared with the databases' own account of them.
//!
//! What a statement of `corpus/` touches is asked of the database: of PostgreSQL's plan, of what
//! its catalog says that a function with this body depends on, and of the locks that a run of it
//! takes; of SQLite's authorizer. None of that may be missing from the analysis, unless it bypasses
//! or flushes. And nearly every `SELECT` that always returns the same rows is cacheable: the others
//! are listed in `uncached.txt`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "what is not cached is part of the result")]

mod account;
mod corpus;
mod floor;
mod postgres;
mod sqlite;
mod verdict;

use std::collections::BTreeSet;

use dogpile_query::{Analyzer, Dialect};

use corpus::{COMMON, POSTGRES, SQLITE, Statement, TPCH, TPCH_SQLITE};
use verdict::Judged;

#[tokio::test]
async fn postgres_touches_no_table_that_the_analysis_misses() {
    let mut judged = postgres::judge(POSTGRES_SCHEMA, &corpus::of(&[COMMON, POSTGRES])).await;
    judged.extend(postgres::judge(TPCH_SCHEMA, &corpus::queries(TPCH)).await);
    verdict::assert_nothing_is_missed(&judged);
    floor::assert_cached("postgres", &judged);
}

#[test]
fn sqlite_touches_no_table_that_the_analysis_misses() {
    let mut judged = sqlite::judge(SQLITE_SCHEMA, &corpus::of(&[COMMON, SQLITE]));
    judged.extend(sqlite::judge(TPCH_SCHEMA, &corpus::queries(TPCH_SQLITE)));
    verdict::assert_nothing_is_missed(&judged);
    floor::assert_cached("sqlite", &judged);
}

const POSTGRES_SCHEMA: &str = include_str!("corpus/postgres_schema.sql");
const SQLITE_SCHEMA: &str = include_str!("corpus/sqlite_schema.sql");
const TPCH_SCHEMA: &str = include_str!("corpus/tpch_schema.sql");

#[test]
fn the_databases_are_asked_about_500_statements_and_the_22_of_tpc_h() {
    let own: BTreeSet<_> = corpus::of(&[COMMON, POSTGRES, SQLITE])
        .into_iter()
        .map(|statement| statement.sql)
        .collect();
    assert!(own.len() >= 500, "{}", own.len());
    assert_eq!(corpus::queries(TPCH).len(), 22);
    assert_eq!(corpus::queries(TPCH_SQLITE).len(), 22);
}

/// The account of one statement held against the analysis of another: every difference shows.
#[test]
fn a_table_that_an_analysis_lacks_is_noticed() {
    let judge = |sql: &str, analysed: &str| {
        let statement = Statement::new("Planted", sql);
        let account = sqlite::Oracle::new(SQLITE_SCHEMA).account(sql);
        let analysis = Analyzer::new(Dialect::Sqlite).analyze(analysed);
        Judged::new(statement, account.unwrap(), &analysis).missed
    };
    for (sql, analysed) in [
        ("SELECT 1 FROM post, tag", "SELECT 1 FROM post"),
        ("SELECT 1 FROM post WHERE id IN (SELECT id FROM tag)", "SELECT 1 FROM post"),
        ("SELECT 1 FROM live_post", "SELECT 1 FROM author"),
        ("SELECT 1 FROM live_post, post", "SELECT 1 FROM live_post"),
        ("SELECT 1 FROM arch.post", "SELECT 1 FROM post"),
        (
            "WITH tag AS (SELECT 1) SELECT 1 FROM main.tag",
            "WITH tag AS (SELECT 1) SELECT 1 FROM tag",
        ),
        ("INSERT INTO audit SELECT id, name FROM tag", "INSERT INTO post SELECT id, name FROM tag"),
        ("INSERT INTO audit SELECT id, name FROM tag", "SELECT id, name FROM tag, audit"),
        ("DELETE FROM audit", "SELECT * FROM audit"),
        ("SELECT * FROM sqlite_master", "SELECT 1 FROM post"),
    ] {
        assert_eq!(judge(sql, sql), Vec::<String>::new(), "{sql}");
        assert!(!judge(sql, analysed).is_empty(), "{sql} taken for {analysed}");
    }
}
