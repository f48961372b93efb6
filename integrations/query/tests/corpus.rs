//! Every statement of `corpus/` is analysed as its expectation says, and hardly any read that could
//! be cached is not.
//!
//! A case is a line `--> kind tables | part | part` and the SQL below it, up to a blank line. Parts:
//! `reads tables`, `bypass reason`, `flush`, `schema`, and `deterministic` for a bypassed read that
//! the database would answer alike each time.

use dogpile_query::{Analysis, Analyzer, Dialect, Kind, TableName};

const FILES: &[(&str, &[Dialect])] = &[
    (include_str!("corpus/common.sql"), &[Dialect::Sqlite, Dialect::Postgres, Dialect::MySql]),
    (include_str!("corpus/sqlite.sql"), &[Dialect::Sqlite]),
    (include_str!("corpus/postgres.sql"), &[Dialect::Postgres]),
    (include_str!("corpus/mysql.sql"), &[Dialect::MySql]),
    (include_str!("corpus/tpch_sqlite.sql"), &[Dialect::Sqlite]),
    (include_str!("corpus/tpch_standard.sql"), &[Dialect::Postgres, Dialect::MySql]),
];

struct Case {
    dialect: Dialect,
    sql: String,
    expected: String,
    deterministic: bool,
}

fn cases() -> Vec<Case> {
    let blocks = FILES.iter().flat_map(|(text, dialects)| {
        text.split("\n\n")
            .filter(|block| block.contains("--> "))
            .map(move |block| (block, dialects))
    });
    blocks
        .flat_map(|(block, dialects)| {
            dialects.iter().map(move |dialect| case(block, *dialect, dialects.len() > 1))
        })
        .collect()
}

fn case(block: &str, dialect: Dialect, shared: bool) -> Case {
    let (head, sql) = block.split_once('\n').unwrap_or((block, ""));
    let head = head.strip_prefix("--> ").unwrap_or_else(|| panic!("no expectation: {block}"));
    let parts: Vec<_> = head.split(" | ").filter(|part| *part != "deterministic").collect();
    let cached = parts[0].starts_with("read") && !head.contains("bypass");
    let deterministic = cached || head.ends_with("deterministic");
    let sql = if shared && dialect == Dialect::Postgres { numbered(sql) } else { sql.to_owned() };
    let sql = sql.trim_end_matches('\n').to_owned();
    Case { dialect, sql, expected: parts.join(" | "), deterministic }
}

/// `?` is not a placeholder in PostgreSQL.
fn numbered(sql: &str) -> String {
    let mut parts = sql.split('?');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.enumerate().fold(first, |sql, (n, part)| format!("{sql}${}{part}", n + 1))
}

/// The analysis, in the notation of the corpus.
fn shown(analysis: &Analysis) -> String {
    let names =
        |tables: &[TableName]| tables.iter().map(|table| format!(" {table}")).collect::<String>();
    let mut parts = match analysis.kind() {
        Kind::Read => vec![format!("read{}", names(analysis.reads()))],
        Kind::Write => vec![format!("write{}", names(analysis.writes()))],
        Kind::Control => vec!["control".to_owned()],
        _ => vec!["unknown".to_owned()],
    };
    if analysis.kind() != Kind::Read && !analysis.reads().is_empty() {
        parts.push(format!("reads{}", names(analysis.reads())));
    }
    let flags = [("flush", analysis.flushes()), ("schema", analysis.changes_schema())];
    parts.extend(flags.into_iter().filter(|(_, set)| *set).map(|(name, _)| name.to_owned()));
    let reason = analysis.bypass().map(|bypass| bypass.reason().code());
    let telling = |reason: &&str| analysis.kind() == Kind::Read || *reason == "temporary_table";
    parts.extend(reason.filter(telling).map(|reason| format!("bypass {reason}")));
    parts.join(" | ")
}

/// Parts may be written in any order.
fn sorted(notation: &str) -> Vec<String> {
    let mut parts: Vec<String> = notation
        .split(" | ")
        .map(|part| {
            let mut words: Vec<_> = part.split(' ').collect();
            words[1..].sort_unstable();
            words.join(" ")
        })
        .collect();
    parts.sort_unstable();
    parts
}

#[test]
fn every_statement_is_analysed_as_expected() {
    let wrong: Vec<_> = cases()
        .iter()
        .filter_map(|case| {
            let analysis = Analyzer::new(case.dialect).analyze(&case.sql);
            let found = shown(&analysis);
            let detail = analysis.bypass().map(ToString::to_string).unwrap_or_default();
            (sorted(&found) != sorted(&case.expected)).then(|| {
                let Case { dialect, sql, expected, .. } = case;
                format!("{dialect:?}: {sql}\n  expected {expected}\n  found    {found} ({detail})")
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_not_a_cacheable_read_says_why() {
    for case in cases() {
        let analysis = Analyzer::new(case.dialect).analyze(&case.sql);
        assert!(analysis.kind() == Kind::Read || analysis.bypass().is_some(), "{}", case.sql);
        assert!(analysis.kind() != Kind::Unknown || analysis.flushes(), "{}", case.sql);
    }
}

#[test]
fn at_least_95_percent_of_deterministic_reads_are_cached() {
    let reads: Vec<_> = cases().into_iter().filter(|case| case.deterministic).collect();
    let mut cached = 0;
    for case in &reads {
        match Analyzer::new(case.dialect).analyze(&case.sql).bypass() {
            None => cached += 1,
            Some(bypass) => println!("not cached, {bypass}: {:?}: {}", case.dialect, case.sql),
        }
    }
    println!("{cached} of {} deterministic reads are cached", reads.len());
    assert!(reads.len() >= 300 && cached * 100 >= reads.len() * 95);
}

#[test]
fn a_carriage_return_ends_a_comment_in_postgres_alone() {
    let sql = "-- hidden\rDELETE FROM post";
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
        let analysis = Analyzer::new(dialect).analyze(sql);
        let runs = dialect == Dialect::Postgres;
        assert_eq!(analysis.flushes() || !analysis.writes().is_empty(), runs, "{dialect:?}");
    }
    let two = Analyzer::new(Dialect::Postgres).analyze("SELECT 1; -- hidden\rDELETE FROM post");
    assert!(two.flushes());
    let tail = Analyzer::new(Dialect::Postgres).analyze("SELECT * FROM a -- hidden\r, post");
    assert!(tail.reads().len() == 2 || tail.bypass().is_some());
}
