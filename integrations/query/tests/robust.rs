//! Whatever the text: no panic, no overflow, no unbounded work, and a safe answer.

use std::sync::Arc;

use dogpile_query::{Analyzer, BypassReason, Dialect, Kind};
use proptest::prelude::*;

const DIALECTS: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql];

/// Tokens that make and break statements.
const PIECES: &[&str] = &[
    "SELECT",
    "*",
    "FROM",
    "post",
    "WHERE",
    "id",
    "=",
    "?",
    "$1",
    "(",
    ")",
    ",",
    ";",
    "'",
    "\"",
    "`",
    "[",
    "]",
    "--",
    "/*",
    "*/",
    "#",
    "\n",
    "WITH",
    "RECURSIVE",
    "AS",
    "INSERT",
    "INTO",
    "VALUES",
    "UPDATE",
    "SET",
    "DELETE",
    "USING",
    "MERGE",
    "UNION",
    "ALL",
    "ONLY",
    "TABLE",
    "IN",
    "IS",
    "NOT",
    "NULL",
    "ISNULL",
    "INDEXED",
    "BY",
    "FOR",
    "LOCK",
    "now",
    "()",
    "f(",
    "'now'",
    "::",
    "date",
    "CASE",
    "WHEN",
    "END",
    "$$",
    "$a$",
    "E'",
    "\\",
    "@x",
    "@@y",
    ":n",
    ".",
    "1",
    "1.5",
    "-",
    "+",
    "||",
    "EXPLAIN",
    "ANALYZE",
    "COPY",
    "TO",
    "STDIN",
    "DROP",
    "ALTER",
    "CREATE",
    "TRUNCATE",
    "CASCADE",
    "é",
    "\u{0}",
    "\u{1f600}",
    "LIMIT",
    "ORDER",
    "JOIN",
    "ON",
    "LATERAL",
    "REPLACE",
    "LOAD",
    "DATA",
    "REFRESH",
    "MATERIALIZED",
    "VIEW",
    "MOD",
    "BEGIN",
    "COMMIT",
    "/*!",
    "OVER",
    "BETWEEN",
    "AND",
];

fn check(sql: &str) {
    for dialect in DIALECTS {
        let analysis = Analyzer::new(dialect).analyze(sql);
        let cached = analysis.bypass().is_none();
        assert!(!cached || analysis.kind() == Kind::Read, "{dialect:?}: {sql}");
        assert!(
            !cached || (!analysis.flushes() && analysis.writes().is_empty()),
            "{dialect:?}: {sql}"
        );
        assert!(analysis.kind() != Kind::Unknown || analysis.flushes(), "{dialect:?}: {sql}");
        assert!(analysis.reads().is_sorted() && analysis.writes().is_sorted());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_is_answered(sql in any::<String>()) {
        check(&sql);
    }

    #[test]
    fn any_tokens_are_answered(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        check(&pieces.join(" "));
        check(&pieces.concat());
    }

    #[test]
    fn a_write_with_any_tail_is_never_cached_in_silence(
        head in prop::sample::select(vec!["INSERT INTO post", "UPDATE post SET a = 1", "DELETE FROM post"]),
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..20),
    ) {
        let sql = format!("{head} {}", pieces.join(" "));
        for dialect in DIALECTS {
            let analysis = Analyzer::new(dialect).analyze(&sql);
            // A tail of `. id` makes `post` the schema of the table.
            let known = analysis.writes().iter().any(|table| table.to_string().starts_with("post"));
            prop_assert!(analysis.flushes() || known, "{:?}: {}", dialect, sql);
        }
    }
}

/// The shapes that make recursive parsers overflow or take exponential time.
#[test]
fn deep_and_long_statements_end() {
    // Less stack than any runtime gives a task: what is needed must be made, not found.
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    small.spawn(deep_and_long).unwrap().join().unwrap();
}

fn deep_and_long() {
    for size in [10, 33, 64, 100, 2_000] {
        for (open, close) in NESTINGS {
            check(&format!("SELECT {}1{}", open.repeat(size), close.repeat(size)));
            check(&format!("SELECT * FROM {}a{}", open.repeat(size), close.repeat(size)));
            check(&format!("{}SELECT 1{}", open.repeat(size), close.repeat(size)));
            check(&open.repeat(size));
        }
        for link in CHAINS {
            check(&format!("SELECT 1{}", link.repeat(size)));
            check(&format!(
                "SELECT * FROM a{} WHERE b = 1{}",
                link.repeat(size),
                link.repeat(size)
            ));
        }
    }
}

const NESTINGS: &[(&str, &str)] = &[
    ("(", ")"),
    ("[", "]"),
    ("(SELECT ", ")"),
    ("(SELECT * FROM ", ")"),
    ("f(", ")"),
    ("CAST(", " AS int)"),
    ("CASE WHEN ", " THEN 1 END"),
    ("NOT ", ""),
    ("- ", ""),
    ("-", ""),
    ("~", ""),
    ("EXISTS (SELECT ", ")"),
    ("ARRAY[", "]"),
    ("INTERVAL ", ""),
    ("WITH a AS (", ") SELECT 1"),
    ("EXPLAIN ", ""),
    ("PRIOR ", ""),
    ("1 IN (", ")"),
    ("x -> ", ""),
    ("a BETWEEN ", " AND 1"),
    ("{", "}"),
    ("((", "))"),
    ("LATERAL (", ")"),
    ("EXTRACT(day FROM ", ")"),
    ("ROW(", ")"),
    ("(VALUES (", "))"),
    ("ARRAY<", ">"),
    ("a LIKE ", ""),
];

const CHAINS: &[&str] = &[
    "+1",
    " OR 1",
    " AND a = 1",
    " UNION SELECT 1",
    "::int",
    "[1]",
    ".a",
    " IS NULL",
    " COLLATE x",
    " JOIN a",
    ", a",
    " MATCH 1",
    " DIV 1",
    "->'a'",
    " AT TIME ZONE 'x'",
    "; SELECT 1",
    " NOT NULL",
    " || 'a'",
    " 'a'",
    "(1)",
    " = ANY(a)",
    " ISNULL",
    " IN (1)",
    " BETWEEN 1 AND 2",
    "::int[]",
    "[]",
];

#[test]
fn a_chain_of_operators_within_the_bounds_is_parsed() {
    let sql = format!("SELECT * FROM a WHERE b = 1{}", " OR b = 1".repeat(1_500));
    let analysis = Analyzer::new(Dialect::Postgres).analyze(&sql);
    assert!(analysis.bypass().is_none(), "{:?}", analysis.bypass());
}

#[test]
fn a_long_list_is_cached() {
    let sql = format!("SELECT * FROM a WHERE b IN ({}?)", "?, ".repeat(20_000));
    let analysis = Analyzer::new(Dialect::Sqlite).analyze(&sql);
    assert!(analysis.bypass().is_none(), "{:?}", analysis.bypass());
}

#[test]
fn a_statement_beyond_the_limit_is_not_parsed() {
    let analyzer = Analyzer::builder(Dialect::Postgres).max_sql_bytes(100).build();
    let long = "x".repeat(100);
    let read = analyzer.analyze(&format!("SELECT * FROM post WHERE a = '{long}'"));
    assert_eq!(read.bypass().map(|bypass| bypass.reason()), Some(BypassReason::TooLarge));
    assert!(!read.flushes());
    let write = analyzer.analyze(&format!("UPDATE post SET a = '{long}'"));
    assert_eq!((write.kind(), write.flushes()), (Kind::Unknown, true));
}

#[test]
fn a_bulk_insert_beyond_the_limit_still_names_its_table() {
    let rows = vec!["($1, 'SELECT', $2)"; 10_000].join(", ");
    for dialect in DIALECTS {
        let analysis = Analyzer::new(dialect).analyze(&format!(
            "INSERT INTO \"app\".post (a, b, c) VALUES {rows} ON CONFLICT (a) DO NOTHING"
        ));
        if dialect == Dialect::MySql {
            assert!(analysis.flushes(), "double quotes are a string in MySQL");
            continue;
        }
        assert_eq!((analysis.kind(), analysis.flushes()), (Kind::Write, false));
        assert_eq!(analysis.writes()[0].to_string(), "app.post");
    }
    for tail in ["my_fn(1)", "(SELECT 1)"] {
        let sql = format!("INSERT INTO post (a) VALUES {rows}, ({tail})");
        assert!(Analyzer::new(Dialect::Postgres).analyze(&sql).flushes(), "{tail}");
    }
}

#[test]
fn a_text_is_analysed_once() {
    let analyzer = Analyzer::new(Dialect::Sqlite);
    let other = analyzer.clone();
    let first = analyzer.analyze("SELECT * FROM post");
    let again = other.analyze("SELECT * FROM post");
    assert!(Arc::ptr_eq(&first, &again));
    assert!(!Arc::ptr_eq(&first, &analyzer.analyze("SELECT * FROM  post")));
}

#[test]
fn the_memo_is_bounded() {
    let analyzer = Analyzer::builder(Dialect::Sqlite).capacity(64).build();
    for n in 0..1_000 {
        analyzer.analyze(&format!("SELECT {n}"));
    }
    let shown = format!("{analyzer:?}");
    let kept: usize =
        shown.split("memoised: ").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    assert!((1..=64).contains(&kept), "{shown}");
    let none = Analyzer::builder(Dialect::Sqlite).capacity(0).build();
    none.analyze("SELECT 1");
    assert!(format!("{none:?}").contains("memoised: 0"));
}
