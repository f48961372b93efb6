//! Every type of MariaDB, with every value that is special to it.

use dogpile_replay::Unfit;
use sqlx::Row;

use crate::support::{Live, assert_same, capture};

const NUMBERS: [(&str, &[&str]); 22] = [
    ("TINYINT", &["-128", "0", "127"]),
    ("TINYINT UNSIGNED", &["255"]),
    ("TINYINT(3) UNSIGNED ZEROFILL", &["7"]),
    ("TINYINT(1)", &["0", "1", "2"]),
    ("BOOL", &["TRUE"]),
    ("SMALLINT", &["-32768", "32767"]),
    ("SMALLINT UNSIGNED", &["65535"]),
    ("MEDIUMINT", &["-8388608", "8388607"]),
    ("MEDIUMINT UNSIGNED", &["16777215"]),
    ("INT", &["-2147483648", "2147483647", "12345"]),
    ("INT UNSIGNED", &["4294967295"]),
    ("INT(8) ZEROFILL", &["42"]),
    ("BIGINT", &["-9223372036854775808", "9223372036854775807", "12345678"]),
    ("BIGINT UNSIGNED", &["18446744073709551615"]),
    ("BIGINT(20) ZEROFILL", &["1"]),
    ("DECIMAL(10,2)", &["-12345678.90", "0", "0.01"]),
    ("DECIMAL(65,30)", &["99999999999999999999999999999999999.123456789012345678901234567891"]),
    ("DECIMAL(5,0) UNSIGNED ZEROFILL", &["12"]),
    ("FLOAT", &["-1.5", "0", "3.4e38"]),
    ("FLOAT UNSIGNED", &["1e-30"]),
    ("DOUBLE", &["-1.5", "1.7e308", "12345678"]),
    ("DOUBLE(10,3) UNSIGNED ZEROFILL", &["1.5"]),
];

const DATES: [(&str, &[&str]); 12] = [
    ("DATE", &["'2024-02-29'", "'0000-00-00'", "'2024-00-00'", "'9999-12-31'"]),
    ("TIME", &["'-838:59:59'", "'00:00:00'", "'12:34:56'", "'838:59:59'"]),
    ("TIME(3)", &["'12:34:56.789'", "'-00:00:00.001'"]),
    ("TIME(6)", &["'12:34:56.789012'", "'00:00:00.000001'"]),
    ("DATETIME", &["'2024-02-29 12:34:56'", "'2024-02-29 00:00:00'", "'0000-00-00'"]),
    ("DATETIME(3)", &["'2024-02-29 12:34:56.789'", "'2024-02-29'"]),
    ("DATETIME(6)", &["'2024-02-29 12:34:56.789012'", "'9999-12-31 23:59:59.999999'"]),
    ("TIMESTAMP NULL", &["'2024-02-29 12:34:56'", "'0000-00-00'", "'1970-01-01 00:00:01'"]),
    ("TIMESTAMP(6) NULL", &["'2024-02-29 12:34:56.789012'"]),
    ("TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP", &["'2024-02-29'"]),
    ("YEAR", &["1901", "0000", "2155"]),
    ("YEAR(4)", &["2024"]),
];

const TEXTS: [(&str, &[&str]); 32] = [
    ("CHAR(0)", &["''"]),
    ("CHAR(10)", &["''", "'1'", "'12345678'", "'tuesday'"]),
    ("CHAR(10) CHARACTER SET latin1", &["'caf\u{e9}'"]),
    ("CHAR(10) CHARACTER SET ascii COLLATE ascii_bin", &["'a'"]),
    ("VARCHAR(100)", &["''", "'12'", "'123456789'", "'-5'", "'\u{1f980}'"]),
    ("VARCHAR(10) CHARACTER SET utf8mb3", &["'\u{20ac}'"]),
    ("VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", &["'A'"]),
    ("VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci", &["'A'"]),
    ("VARCHAR(10) CHARACTER SET utf16", &["'\u{1f980}'"]),
    ("VARCHAR(10) CHARACTER SET ucs2", &["'\u{20ac}'"]),
    ("VARCHAR(10) CHARACTER SET cp1251", &["'\u{436}'"]),
    ("BINARY(4)", &["x'00ff00ff'", "x'01'", "'1234'"]),
    ("VARBINARY(300)", &["''", "x'00'", "x'fbfcfdfeff'", "REPEAT('x', 251)"]),
    ("TINYBLOB", &["''", "x'ff'"]),
    ("BLOB", &["x'00'", "REPEAT(x'ff', 300)"]),
    ("MEDIUMBLOB", &["x'fe'"]),
    ("LONGBLOB", &["x'fe'", "REPEAT('x', 70000)"]),
    ("TINYTEXT", &["'t'"]),
    ("TEXT", &["'t'", "'123'"]),
    ("MEDIUMTEXT", &["'m'"]),
    ("LONGTEXT COLLATE utf8mb4_bin", &["'l'"]),
    ("TEXT CHARACTER SET latin1", &["'\u{e9}'"]),
    ("ENUM('a','','b')", &["'a'", "''", "'b'"]),
    ("SET('a','b','c')", &["''", "'a,c'"]),
    ("JSON", &["'{\"a\": [1, null]}'", "'12'"]),
    ("GEOMETRY", &["ST_GeomFromText('POINT(1 2)')"]),
    ("POINT", &["ST_GeomFromText('POINT(1 2)', 4326)"]),
    ("LINESTRING", &["ST_GeomFromText('LINESTRING(0 0, 1 1)')"]),
    ("POLYGON", &["ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))')"]),
    ("INET4", &["'127.0.0.1'"]),
    ("INET6", &["'::1'"]),
    ("UUID", &["'123e4567-e89b-12d3-a456-426655440000'"]),
];

/// All types, and the literals of values.
fn all() -> Vec<(String, Vec<String>)> {
    let given = NUMBERS.iter().chain(&DATES).chain(&TEXTS).map(|(of, values)| {
        ((*of).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
    });
    let bits = (1..=64).map(|bits| {
        let values = vec!["b'0'".to_owned(), format!("b'{}'", "1".repeat(bits))];
        (format!("BIT({bits})"), values)
    });
    given.chain(bits).collect()
}

/// A table with a column of each type: a row of NULLs, a row for each value, and one with a value
/// in every column.
async fn table() -> Live {
    let mut live = Live::start().await;
    live.run("SET sql_mode = ''").await;
    let all = all();
    let columns: Vec<_> = all.iter().enumerate().map(|(n, (of, _))| format!("c{n} {of}")).collect();
    let keys = "id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, needed INT NOT NULL DEFAULT 1, \
                alone INT NULL UNIQUE, KEY several (c0, c1)";
    live.run(&format!("CREATE TABLE t ({}, {keys}) ENGINE=MyISAM", columns.join(", "))).await;
    live.run("INSERT INTO t () VALUES ()").await;
    let mut first = Vec::new();
    for (n, (_, values)) in all.iter().enumerate() {
        for value in values {
            live.run(&format!("INSERT INTO t (c{n}) VALUES ({value})")).await;
        }
        first.push(values[0].clone());
    }
    let names: Vec<_> = (0..all.len()).map(|n| format!("c{n}")).collect();
    live.run(&format!("INSERT INTO t ({}) VALUES ({})", names.join(", "), first.join(", "))).await;
    live
}

#[tokio::test]
async fn every_type_comes_back_as_it_was() {
    let mut live = table().await;
    let captured = live.round_trip("SELECT * FROM t ORDER BY id").await;
    let values: usize = all().iter().map(|(_, values)| values.len()).sum();
    assert_eq!(captured.len(), values + 2);
    live.round_trip("SELECT * FROM t ORDER BY id DESC LIMIT 1").await;
}

#[tokio::test]
async fn every_type_as_text_is_refused() {
    let mut live = table().await;
    for (n, (of, _)) in all().iter().enumerate() {
        for row in live.text_rows(&format!("SELECT c{n} FROM t WHERE c{n} IS NOT NULL")).await {
            assert_eq!(capture(&[row]).unwrap_err(), Unfit::NotPrepared, "{of}");
        }
        for row in live.rows(&format!("SELECT c{n} FROM t")).await {
            assert!(capture(&[row]).is_ok(), "{of}");
        }
    }
}

#[tokio::test]
async fn columns_keep_their_names_and_origins() {
    let mut live = Live::start().await;
    live.run("CREATE TABLE a (id INT PRIMARY KEY, `odd.na``me \u{20ac}` TEXT)").await;
    live.run("CREATE VIEW v AS SELECT id AS other FROM a").await;
    live.run("INSERT INTO a VALUES (1, 'one'), (2, NULL)").await;
    for sql in [
        "SELECT * FROM a",
        "SELECT id AS other, `odd.na``me \u{20ac}` AS `` FROM a",
        "SELECT x.id, y.id, x.* FROM a x JOIN a y ON x.id = y.id",
        "SELECT * FROM v",
        "SELECT d.n + 1, d.n FROM (SELECT COUNT(*) AS n FROM a) d",
        "SELECT 1 AS a, 2 AS a, 3 AS b, 4 AS a",
        "SELECT NULL, 1, -1, 1.5, 1e5, 'x', x'00', TRUE, NOW(6), CURDATE(), CURTIME(3)",
        "SELECT 1 AS ``, 2 AS ' '",
        "SELECT 18446744073709551615, b'1', JSON_OBJECT('a', 1), UUID(), USER(), INET6_ATON('::1')",
        "SELECT id FROM a UNION SELECT NULL",
        "SELECT GROUP_CONCAT(id), AVG(id), SUM(id), MAX(id) FROM a",
        "EXPLAIN SELECT * FROM a",
        "SHOW VARIABLES LIKE 'version%'",
    ] {
        live.round_trip(sql).await;
    }
}

#[tokio::test]
async fn parameters_and_the_results_of_writes_are_rows_like_others() {
    let mut live = Live::start().await;
    live.run("CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, x DOUBLE)").await;
    live.round_trip("INSERT INTO a (x) VALUES (1.5), (NULL) RETURNING *").await;
    let query = sqlx::query("SELECT ?, ?, ?").bind(5_u64).bind("five").bind(None::<i8>);
    let rows = query.fetch_all(&mut live.connection).await.unwrap();
    let captured = capture(&rows).unwrap();
    assert_same(&rows, &dogpile_replay::replay(&captured).await.unwrap());
}

#[tokio::test]
async fn rows_of_results_with_other_columns_are_refused() {
    let mut live = Live::start().await;
    for (one, other) in [
        ("1 AS a", "1 AS b"),
        ("1 AS a", "1 AS a, 2 AS b"),
        ("1 AS a, 2 AS b", "1 AS a"),
        ("1 AS a", "CAST(1 AS UNSIGNED) AS a"),
        ("'a' AS a", "NULLIF('a', 'b') AS a"),
        ("'a' AS a", "CAST('a' AS BINARY) AS a"),
        ("'a' AS a", "'a' COLLATE utf8mb4_bin AS a"),
        ("1 AS a", "1.0 AS a"),
    ] {
        live.run("DROP PROCEDURE IF EXISTS p").await;
        live.run(&format!("CREATE PROCEDURE p() BEGIN SELECT {one}; SELECT {other}; END")).await;
        let rows = live.rows("CALL p()").await;
        assert_eq!(rows.len(), 2);
        assert_eq!(capture(&rows).unwrap_err(), Unfit::Columns, "{one}; {other}");
        for row in &rows {
            assert_ne!(row.len(), 0);
            assert!(capture(std::slice::from_ref(row)).is_ok());
        }
    }
    live.run("CREATE TABLE t (a INT); CREATE TABLE u (a INT)").await;
    live.run("INSERT INTO t VALUES (1); INSERT INTO u VALUES (1)").await;
    live.run("CREATE PROCEDURE q() BEGIN SELECT a FROM t; SELECT a FROM u; END").await;
    assert_eq!(capture(&live.rows("CALL q()").await).unwrap_err(), Unfit::Columns);
}
