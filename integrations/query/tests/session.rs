//! What statements do to the settings of their session: many spellings, and none is lost.

use dogpile_query::{Analyzer, Dialect, Kind, SessionChange, SettingValue};
use proptest::prelude::*;

const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql];

/// `name=value`, `local name=value`, `-name`, or a word; `=$` is an argument, `=?` is not known.
fn shown(dialect: Dialect, sql: &str) -> String {
    let analysis = Analyzer::new(dialect).analyze(sql);
    let all = analysis.session().iter().map(|change| match change {
        SessionChange::Set { setting, value, local } => {
            let value = match value {
                SettingValue::Literal(text) => text,
                SettingValue::Argument => "$",
                _ => "?",
            };
            format!("{}{setting}={value}", if *local { "local " } else { "" })
        }
        SessionChange::Reset(setting) => format!("-{setting}"),
        SessionChange::ResetSettings => "settings".to_owned(),
        SessionChange::ResetAll => "all".to_owned(),
        SessionChange::Reverts => "reverts".to_owned(),
        SessionChange::Harmless => "harmless".to_owned(),
        SessionChange::Opaque => "opaque".to_owned(),
        _ => "unknown".to_owned(),
    });
    all.collect::<Vec<_>>().join(" & ")
}

fn check(dialect: Dialect, cases: &[(&str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .filter(|(sql, expected)| shown(dialect, sql) != *expected)
        .map(|(sql, expected)| format!("{sql}\n  {} not {expected}", shown(dialect, sql)))
        .collect();
    assert!(wrong.is_empty(), "{dialect:?}\n{}", wrong.join("\n"));
}

#[test]
fn postgres_settings() {
    check(
        Dialect::Postgres,
        &[
            ("SET search_path TO app, public", "search_path=app , public"),
            ("set Search_Path = 'App', public", "search_path='App' , public"),
            ("SET search_path TO 'a'', ''b'", "search_path='a'', ''b'"),
            ("SET search_path TO 'a', 'b'", "search_path='a' , 'b'"),
            ("SET SESSION search_path TO app", "search_path=app"),
            ("SET LOCAL search_path TO app", "local search_path=app"),
            ("SET \"search_path\" TO app", "search_path=app"),
            ("SET SCHEMA 'app'", "search_path='app'"),
            ("SET search_path TO DEFAULT", "-search_path"),
            ("SET LOCAL search_path TO DEFAULT", "local search_path=DEFAULT"),
            ("SET search_path TO 'default'", "search_path='default'"),
            ("SET TIME ZONE 'UTC'", "timezone='UTC'"),
            ("SET LOCAL TIME ZONE 'UTC'", "local timezone='UTC'"),
            ("SET SESSION TIME ZONE -7", "timezone=- 7"),
            (
                "SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE",
                "timezone=INTERVAL '-08:00' HOUR TO MINUTE",
            ),
            ("SET TIME ZONE LOCAL", "-timezone"),
            ("SET TIME ZONE DEFAULT", "-timezone"),
            ("SET TimeZone = 'UTC'", "timezone='UTC'"),
            ("SET ROLE bob", "role=bob"),
            ("SET LOCAL ROLE 'bob'", "local role='bob'"),
            ("SET SESSION ROLE bob", "role=bob"),
            ("SET role = bob", "role=bob"),
            ("SET role TO bob", "role=bob"),
            ("SET ROLE NONE", "role=NONE"),
            ("SET SESSION AUTHORIZATION bob", "session_authorization=bob"),
            ("SET LOCAL SESSION AUTHORIZATION bob", "local session_authorization=bob"),
            ("SET SESSION AUTHORIZATION DEFAULT", "-session_authorization"),
            ("SET NAMES 'UTF8'", "client_encoding='UTF8'"),
            ("SET NAMES", "-client_encoding"),
            ("SET app.tenant = 'a'", "app.tenant='a'"),
            ("SET app.tenant TO 7", "app.tenant=7"),
            ("/* who */ SET app.tenant TO 'a' -- why\n;", "app.tenant='a'"),
            ("SET XML OPTION DOCUMENT", "xmloption=DOCUMENT"),
            ("SET row_security = off", "row_security=off"),
            ("SET standard_conforming_strings = off", "unknown"),
            ("SET standard_conforming_strings = on", "harmless"),
            ("RESET ALL", "settings"),
            ("RESET search_path", "-search_path"),
            ("RESET ROLE", "-role"),
            ("RESET SESSION AUTHORIZATION", "-session_authorization"),
            ("RESET TIME ZONE", "-timezone"),
            ("RESET app.tenant", "-app.tenant"),
            ("RESET work_mem", "harmless"),
            ("DISCARD ALL", "all"),
            ("DISCARD PLANS", "harmless"),
            ("LOAD 'auto_explain'", "unknown"),
        ],
    );
}

#[test]
fn postgres_settings_by_function() {
    check(
        Dialect::Postgres,
        &[
            ("SELECT set_config('app.tenant', 'a', false)", "app.tenant='a'"),
            ("SELECT set_config('app.tenant', $1, true)", "local app.tenant=$"),
            (
                "SELECT pg_catalog.set_config('App.Tenant', $1::text, TRUE) AS x",
                "local app.tenant=$",
            ),
            (
                "SELECT set_config('a.b', 'c', false), set_config('d.e', $1, true)",
                "a.b='c' & local d.e=$",
            ),
            ("SELECT set_config('a.b', current_user, true)", "local a.b=?"),
            ("SELECT set_config('work_mem', '1MB', false)", "harmless"),
            ("SELECT set_config($1, 'a', false)", "unknown"),
            ("SELECT set_config('a.b', 'c', $1)", "unknown"),
            ("SELECT set_config('a.b', c, false) FROM d", "unknown"),
            ("SELECT set_config('a.b', 'c', false) FROM d", "unknown"),
            ("SELECT \"set_config\"('a.b', 'c', false) FROM d WHERE e = 1", "unknown"),
            ("INSERT INTO a SELECT set_config('a.b', 'c', false)", "unknown"),
            ("WITH x AS (SELECT set_config('a.b', 'c', false)) SELECT * FROM x", "unknown"),
            ("EXPLAIN ANALYZE SELECT set_config('a.b', 'c', false)", "unknown"),
            ("SELECT set_tenant('a')", "opaque"),
            ("INSERT INTO a VALUES (set_tenant('a'))", "opaque"),
            ("EXPLAIN ANALYZE EXECUTE p", "opaque"),
            ("CALL p()", "opaque"),
            ("DO $$ BEGIN END $$", "opaque"),
            ("EXECUTE p(1)", "opaque"),
        ],
    );
}

#[test]
fn what_postgres_rows_never_depend_on() {
    let harmless = [
        "SET statement_timeout = '1s'",
        "SET LOCAL lock_timeout TO 100",
        "SET application_name = 'a'",
        "SET work_mem TO DEFAULT",
        "SET synchronous_commit = off",
        "SET client_min_messages TO warning",
        "SET enable_seqscan = off",
        "SET jit = off",
        "SET jit_above_cost = 1",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "SET CONSTRAINTS ALL DEFERRED",
        "SET SEED TO 0.5",
        "SHOW search_path",
        "EXPLAIN SELECT * FROM a",
        "LISTEN x",
        "BEGIN",
        "SAVEPOINT a",
        "",
    ];
    for sql in harmless {
        assert_eq!(shown(Dialect::Postgres, sql), "harmless", "{sql}");
    }
}

#[test]
fn mysql_settings() {
    check(
        Dialect::MySql,
        &[
            ("SET time_zone = '+00:00'", "time_zone='+00:00'"),
            ("SET @@session.time_zone = '+00:00'", "time_zone='+00:00'"),
            ("SET @@local.time_zone := '+00:00'", "time_zone='+00:00'"),
            ("SET @@time_zone = SYSTEM", "time_zone=SYSTEM"),
            ("SET SESSION time_zone = DEFAULT", "time_zone=DEFAULT"),
            ("SET LOCAL time_zone = 'UTC'", "time_zone='UTC'"),
            ("SET `time_zone` = \"UTC\"", "time_zone=\"UTC\""),
            (
                "SET time_zone = 'UTC', lc_time_names = 'de_DE'",
                "time_zone='UTC' & lc_time_names='de_DE'",
            ),
            ("SET time_zone = 'UTC', foreign_key_checks = 0", "time_zone='UTC'"),
            ("SET foreign_key_checks = 0, unique_checks = 0", "harmless"),
            ("SET time_zone = 'UTC', @x = 1", "time_zone='UTC' & unknown"),
            ("SET NAMES utf8mb4 COLLATE utf8mb4_bin", "names=utf8mb4 COLLATE utf8mb4_bin"),
            ("SET NAMES utf8mb4, time_zone = 'UTC'", "names=utf8mb4 & time_zone='UTC'"),
            ("SET CHARACTER SET utf8mb4", "unknown"),
            ("SET character_set_results = NULL", "unknown"),
            ("SET collation_connection = 'utf8mb4_bin'", "unknown"),
            ("SET sql_mode = ''", "sql_mode=''"),
            ("SET sql_mode = 'STRICT_ALL_TABLES'", "sql_mode='STRICT_ALL_TABLES'"),
            ("SET sql_mode = 'ANSI'", "unknown"),
            ("SET sql_mode = 'NO_BACKSLASH_ESCAPES'", "unknown"),
            ("SET sql_mode = 4", "unknown"),
            ("SET sql_mode = CONCAT(@@sql_mode, ',ANSI')", "unknown"),
            ("SET time_zone = @old", "time_zone=?"),
            ("SET time_zone = ?", "time_zone=$"),
            ("SET @x = 1", "unknown"),
            ("SET @old = @@time_zone", "unknown"),
            ("SELECT @x := 1", "unknown"),
            ("SELECT 1 INTO @x", "unknown"),
            ("SET GLOBAL time_zone = 'UTC'", "harmless"),
            ("SET @@global.time_zone = 'UTC'", "harmless"),
            ("SET PERSIST time_zone = 'UTC'", "harmless"),
            ("SET autocommit = 0", "unknown"),
            ("SET autocommit = 1", "harmless"),
            ("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "harmless"),
            ("SET SESSION TRANSACTION READ ONLY, ISOLATION LEVEL SERIALIZABLE", "harmless"),
            ("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED", "unknown"),
            ("SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED", "unknown"),
            ("SET tx_isolation = 'READ-UNCOMMITTED'", "unknown"),
            ("SET transaction_isolation = 'REPEATABLE-READ'", "harmless"),
            ("SET ROLE app, other", "role=app , other"),
            ("USE shop", "database=shop"),
            ("USE `my shop`", "database=\"my shop\""),
            ("SET lock_wait_timeout = 1", "harmless"),
            ("SET STATEMENT time_zone = 'UTC' FOR SELECT 1", "unknown"),
            ("EXECUTE p", "unknown"),
            ("LOCK TABLES a WRITE", "unknown"),
            ("/*!40101 SET time_zone = 'UTC' */", "unknown"),
            ("SELECT a FROM b", ""),
        ],
    );
}

#[test]
fn sqlite_settings() {
    check(
        Dialect::Sqlite,
        &[
            ("PRAGMA journal_mode = WAL", "harmless"),
            ("PRAGMA main.journal_mode(WAL)", "harmless"),
            ("PRAGMA foreign_keys = ON", "harmless"),
            ("PRAGMA busy_timeout = 5000", "harmless"),
            ("PRAGMA wal_checkpoint(TRUNCATE)", "harmless"),
            ("PRAGMA table_info(post)", "harmless"),
            ("PRAGMA optimize", "harmless"),
            ("PRAGMA case_sensitive_like = ON", "case_sensitive_like=ON"),
            ("pragma Case_Sensitive_Like(1)", "case_sensitive_like=1"),
            ("PRAGMA case_sensitive_like", "harmless"),
            ("PRAGMA reverse_unordered_selects = 1", "reverse_unordered_selects=1"),
            ("PRAGMA read_uncommitted = 1", "unknown"),
            ("PRAGMA writable_schema = 1", "unknown"),
            ("PRAGMA key = 'x'", "unknown"),
            ("ATTACH 'b.db' AS b", "unknown"),
            ("ATTACH DATABASE ? AS b", "unknown"),
            ("DETACH b", "unknown"),
            ("SELECT load_extension('x')", "unknown"),
            ("SELECT my_fn(a) FROM b", ""),
        ],
    );
}

#[test]
fn temporary_tables_are_a_setting() {
    for dialect in ALL {
        check(
            dialect,
            &[
                ("CREATE TEMPORARY TABLE item (id INT)", "table item=?"),
                ("CREATE TEMPORARY TABLE IF NOT EXISTS Item AS SELECT 1", "table item=?"),
                ("DROP TABLE item", "-table item"),
                ("DROP TABLE IF EXISTS item, post", "-table item & -table post"),
                ("DROP TABLE shop.item", ""),
                ("CREATE TABLE item (id INT)", ""),
                ("DELETE FROM item", ""),
            ],
        );
    }
    check(
        Dialect::Postgres,
        &[
            ("CREATE TEMP TABLE item (id INT) ON COMMIT DROP", "local table item=?"),
            ("CREATE TABLE pg_temp.item (id INT)", "table item=?"),
            ("SELECT * INTO TEMP item FROM post", "table item=?"),
            ("CREATE TEMP VIEW item AS SELECT 1", "table item=?"),
        ],
    );
    check(Dialect::Sqlite, &[("CREATE TABLE temp.item (id INT)", "table item=?")]);
}

#[test]
fn several_statements_in_one_string() {
    check(
        Dialect::Postgres,
        &[
            ("SET a.b = 1; SET LOCAL c.d = 2;", "a.b=1 & local c.d=2"),
            ("SET a.b = 1; SELECT * FROM a", "a.b=1 & opaque"),
            ("BEGIN; SET a.b = 1; COMMIT", "unknown"),
            ("BEGIN; INSERT INTO a VALUES (1); COMMIT", "reverts"),
            ("CREATE TABLE a (b INT); INSERT INTO a VALUES (1)", ""),
            ("ROLLBACK TO SAVEPOINT a", "reverts"),
        ],
    );
}

#[test]
fn a_command_that_nobody_knows_is_unknown() {
    for dialect in ALL {
        for sql in ["FROB x", "XA START 'x'", "HANDLER a OPEN", "SET", "SELECT 1; FROB x"] {
            assert!(shown(dialect, sql).contains("unknown"), "{dialect:?}: {sql}");
        }
    }
}

/// Ways of writing a blank.
fn blank() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![" ", "\n", "\t ", " /* x */ ", " -- x\n "])
}

fn cased(word: String) -> impl Strategy<Value = String> {
    prop::collection::vec(any::<bool>(), word.len()).prop_map(move |upper| {
        let chars = word.chars().zip(upper);
        chars.map(|(c, up)| if up { c.to_ascii_uppercase() } else { c }).collect()
    })
}

proptest! {
    #[test]
    fn no_command_is_without_an_answer(
        words in prop::collection::vec(prop::sample::select(vec![
            "SET", "RESET", "SESSION", "LOCAL", "GLOBAL", "ROLE", "TIME", "ZONE", "NAMES", "ALL",
            "PRAGMA", "USE", "x", "a.b", "=", "TO", ":=", "'v'", "1", ",", "(", ")", "@x", "@@y",
            "$1", "?", "DEFAULT", "DISCARD", "BEGIN", "ATTACH", "SHOW", "LOCK", "EXPLAIN", "SELECT",
            "AUTHORIZATION", "TRANSACTION", "DECLARE", "PREPARE", "ANALYZE", ";", "TABLE", "TEMP",
        ]), 0..8),
    ) {
        let sql = words.join(" ");
        for dialect in ALL {
            let analysis = Analyzer::new(dialect).analyze(&sql);
            let silent = analysis.kind() == Kind::Control && analysis.session().is_empty();
            prop_assert!(!silent, "{dialect:?}: {sql}");
        }
    }

    #[test]
    fn a_setting_that_nobody_knows_is_never_harmless(
        verb in cased("set".to_owned()),
        scope in prop::sample::select(vec!["", "session ", "local "]),
        name in "zz[a-z]{0,4}_[a-z]{1,4}",
        blanks in (blank(), blank(), blank()),
        equals in prop::sample::select(vec!["=", "to"]),
        value in "'[a-z]{0,5}'|[0-9]{1,4}|[a-z]{1,4}x",
    ) {
        let (a, b, c) = blanks;
        let sql = format!("{verb}{a}{scope}{name}{b}{equals}{c}{value}");
        let local = scope == "local ";
        let expected = format!("{}{name}={value}", if local { "local " } else { "" });
        prop_assert_eq!(shown(Dialect::Postgres, &sql), expected);
        if equals == "=" {
            prop_assert_eq!(shown(Dialect::MySql, &sql), format!("{name}={value}"));
        }
    }
}
