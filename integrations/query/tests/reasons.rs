//! What a bypass tells, and what the user can do about it.

use std::collections::HashSet;

use dogpile_query::{Analyzer, BypassReason, Dialect, Kind, TableName, Touches};

fn told(dialect: Dialect, sql: &str) -> (String, Option<String>) {
    let analysis = Analyzer::new(dialect).analyze(sql);
    let bypass = analysis.bypass().unwrap_or_else(|| panic!("cached: {sql}"));
    (bypass.to_string(), bypass.how_to_mend().map(str::to_owned))
}

#[test]
fn the_reason_names_the_culprit() {
    let (text, mend) = told(Dialect::Postgres, "SELECT * FROM post WHERE created_at > now()");
    assert_eq!(text, "volatile function now()");
    assert!(mend.unwrap().contains("parameter"));
    let (text, mend) = told(Dialect::Postgres, "SELECT my_fn(1)");
    assert_eq!(text, "unknown function my_fn()");
    assert!(mend.unwrap().contains("deterministic_function"));
    assert_eq!(told(Dialect::Sqlite, "SELECT date('now')").0, "volatile function date('now')");
    assert_eq!(told(Dialect::MySql, "SELECT @x").0, "session state @x");
    assert_eq!(told(Dialect::Postgres, "SELECT * FROM a FOR UPDATE").0, "locking read FOR UPDATE");
    assert_eq!(told(Dialect::Sqlite, "DELETE FROM a").0, "not a read");
}

#[test]
fn a_declared_function_is_cached_in_any_schema() {
    let analyzer = Analyzer::builder(Dialect::Postgres).deterministic_function("Slugify").build();
    for sql in ["SELECT slugify(a) FROM b", "SELECT app.SLUGIFY(a) FROM b"] {
        assert!(analyzer.analyze(sql).bypass().is_none(), "{sql}");
    }
    assert!(analyzer.analyze("SELECT slug(a) FROM b").bypass().is_some());
    assert!(analyzer.analyze("SELECT * FROM slugify('a')").bypass().is_none());
}

#[test]
fn a_function_declared_with_its_schema_is_that_one_alone() {
    let analyzer =
        Analyzer::builder(Dialect::Postgres).deterministic_function("app.slugify").build();
    assert!(analyzer.analyze("SELECT app.slugify(a) FROM b").bypass().is_none());
    assert!(analyzer.analyze("SELECT other.slugify(a) FROM b").bypass().is_some());
    assert!(analyzer.analyze("SELECT slugify(a) FROM b").bypass().is_some());
}

#[test]
fn an_unknown_function_may_write_where_functions_can() {
    for (dialect, flushes) in
        [(Dialect::Sqlite, false), (Dialect::Postgres, true), (Dialect::MySql, true)]
    {
        let analysis = Analyzer::new(dialect).analyze("SELECT writes_fn()");
        assert_eq!(analysis.flushes(), flushes, "{dialect:?}");
    }
}

#[test]
fn codes_are_distinct_and_snake_case() {
    use BypassReason as R;
    let all = [
        R::Volatile,
        R::Session,
        R::UnknownFunction,
        R::TableFunction,
        R::Locking,
        R::MultipleStatements,
        R::SystemCatalog,
        R::TemporaryTable,
        R::NotARead,
        R::Unparsed,
        R::Sample,
        R::TooLarge,
        R::Hint,
    ];
    let codes: HashSet<_> = all.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes.len(), all.len());
    assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
}

/// Of a function or procedure that somebody answers for, with what it touches.
#[test]
fn declared_functions_and_procedures_touch_what_is_said() {
    let stock = Touches::nothing().reading("stock").writing("shop.log");
    let analyzer = Analyzer::builder(Dialect::Postgres)
        .function("take", stock)
        .function("newest", Touches::nothing().reading("post"))
        .build();
    let shown = |tables: &[TableName]| tables.iter().map(ToString::to_string).collect::<Vec<_>>();
    for write in ["CALL take(7)", "SELECT Take(7)", "SELECT * FROM take(7)"] {
        let analysis = analyzer.analyze(write);
        assert_eq!((analysis.kind(), analysis.flushes()), (Kind::Write, false), "{write}");
        assert_eq!(shown(analysis.reads()), ["stock"], "{write}");
        assert_eq!(shown(analysis.writes()), ["shop.log"], "{write}");
    }
    for read in ["SELECT newest()", "SELECT * FROM newest()", "SELECT 1 WHERE newest() = 1"] {
        let analysis = analyzer.analyze(read);
        assert!(analysis.bypass().is_none(), "{read}");
        assert_eq!(shown(analysis.reads()), ["post"], "{read}");
    }
    assert!(analyzer.analyze("CALL other(7)").flushes());
}
