//! MariaDB, through the driver of MySQL.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;

use dogpile_tests::services::MariaDb;
use sqlx::mysql::types::MySqlTime;
use sqlx::mysql::{MySqlConnectOptions, MySqlRow};
use sqlx::types::chrono::{DateTime, Local, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sqlx::types::time::{Date, OffsetDateTime, PrimitiveDateTime, Time};
use sqlx::types::uuid::fmt::{Hyphenated, Simple};
use sqlx::types::{BigDecimal, Decimal, Json, JsonValue, Text, Uuid};
use sqlx::{AssertSqlSafe, MySql};

use crate::case::Tally;
use crate::generator::Dialect;
use crate::pools::Pools;
use crate::probes::probes;
use crate::read::{Reader, readers};
use crate::run::{Subject, run};

static DIALECT: Dialect = Dialect {
    types: &[
        ("TINYINT", &["#i8", "-128", "127"]),
        ("TINYINT UNSIGNED", &["#u8", "255"]),
        ("TINYINT(3) UNSIGNED ZEROFILL", &["7"]),
        ("TINYINT(1)", &["0", "1", "2"]),
        ("BOOL", &["TRUE", "FALSE"]),
        ("SMALLINT", &["#i16", "-32768"]),
        ("SMALLINT UNSIGNED", &["65535", "0"]),
        ("MEDIUMINT", &["-8388608", "8388607"]),
        ("MEDIUMINT UNSIGNED", &["16777215"]),
        ("INT", &["#i32", "-2147483648", "1"]),
        ("INT UNSIGNED", &["#u32", "4294967295"]),
        ("INT(8) ZEROFILL", &["42"]),
        ("BIGINT", &["#i64", "-9223372036854775808", "9223372036854775807"]),
        ("BIGINT UNSIGNED", &["#u64", "18446744073709551615"]),
        ("DECIMAL(20,6)", &["#decimal", "0", "-0.000001"]),
        ("DECIMAL(65,30)", &["99999999999999999999999999999999999.123456789012345678901234567891"]),
        ("DECIMAL(5,0) UNSIGNED ZEROFILL", &["12"]),
        ("FLOAT", &["-1.5", "0", "3.4e38"]),
        ("FLOAT UNSIGNED", &["1e-30"]),
        ("DOUBLE", &["#real", "1.7e308", "12345678"]),
        ("DOUBLE(10,3) UNSIGNED ZEROFILL", &["1.5"]),
        ("DATE", &["'2024-02-29'", "'0000-00-00'", "'2024-00-00'", "'9999-12-31'"]),
        ("TIME", &["'-838:59:59'", "'00:00:00'", "'12:34:56'", "'838:59:59'"]),
        ("TIME(3)", &["'12:34:56.789'", "'-00:00:00.001'"]),
        ("TIME(6)", &["'12:34:56.789012'", "'00:00:00.000001'"]),
        ("DATETIME", &["#moment", "'2024-02-29 00:00:00'", "'0000-00-00'"]),
        ("DATETIME(3)", &["'2024-02-29 12:34:56.789'", "'2024-02-29'"]),
        ("DATETIME(6)", &["'2024-02-29 12:34:56.789012'", "'9999-12-31 23:59:59.999999'"]),
        ("TIMESTAMP NULL", &["#moment", "'0000-00-00'", "'1970-01-01 00:00:01'"]),
        ("TIMESTAMP(6) NULL", &["'2024-02-29 12:34:56.789012'"]),
        ("YEAR", &["1901", "0000", "2155"]),
        ("CHAR(0)", &["''"]),
        ("CHAR(10)", &["''", "'1'", "'12345678'", "'tuesday'"]),
        ("CHAR(10) CHARACTER SET latin1", &["'caf\u{e9}'"]),
        ("CHAR(10) CHARACTER SET ascii COLLATE ascii_bin", &["'a'"]),
        ("VARCHAR(100)", &["#text", "#digits", "''", "'-5'"]),
        ("VARCHAR(10) CHARACTER SET utf8mb3", &["'\u{20ac}'"]),
        ("VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", &["#text"]),
        ("VARCHAR(10) CHARACTER SET utf16", &["'\u{1f980}'"]),
        ("VARCHAR(10) CHARACTER SET cp1251", &["'\u{436}'"]),
        ("BINARY(4)", &["x'00ff00ff'", "x'01'", "'1234'"]),
        ("VARBINARY(300)", &["#bytes", "''", "REPEAT('x', 251)"]),
        ("TINYBLOB", &["#bytes", "''"]),
        ("BLOB", &["x'00'", "REPEAT(x'ff', 300)"]),
        ("MEDIUMBLOB", &["x'fe'"]),
        ("LONGBLOB", &["x'fe'", "REPEAT('x', 70000)"]),
        ("TINYTEXT", &["#text"]),
        ("TEXT", &["#text", "'123'"]),
        ("MEDIUMTEXT", &["'m'"]),
        ("LONGTEXT COLLATE utf8mb4_bin", &["'l'"]),
        ("TEXT CHARACTER SET latin1", &["'\u{e9}'"]),
        ("ENUM('a','','b')", &["'a'", "''", "'b'"]),
        ("SET('a','b','c')", &["''", "'a,c'"]),
        ("JSON", &["'{\"a\": [1, null]}'", "'12'", "'null'"]),
        ("BIT(1)", &["b'0'", "b'1'"]),
        ("BIT(8)", &["b'10000001'", "48"]),
        ("BIT(13)", &["b'1111111111111'"]),
        ("BIT(64)", &["#u64", "0"]),
        ("GEOMETRY", &["ST_GeomFromText('POINT(1 2)')"]),
        ("POINT", &["ST_GeomFromText('POINT(1 2)', 4326)"]),
        ("POLYGON", &["ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))')"]),
        ("INET4", &["'127.0.0.1'"]),
        ("INET6", &["'::1'"]),
        ("UUID", &["#uuid"]),
    ],
    expressions: &[
        "CAST({} AS CHAR)",
        "CAST({} AS SIGNED)",
        "CAST({} AS UNSIGNED)",
        "CAST({} AS BINARY)",
        "CAST({} AS DECIMAL(10, 3))",
        "{} IS NULL",
        "COALESCE({}, {})",
        "IF(x.id > 1, {}, NULL)",
        "IFNULL({}, 'none')",
        "CONCAT({}, '!')",
        "{} + 0",
        "HEX({})",
        "LENGTH({})",
        "CASE WHEN x.id > 1 THEN {} END",
        "NULLIF(x.id, 1)",
        "x.id * 1.5",
        "x.id / 3",
        "JSON_OBJECT('a', {})",
        "COUNT({}) OVER ()",
    ],
    aggregates: &[
        "COUNT(*)",
        "COUNT({})",
        "MAX({})",
        "MIN({})",
        "GROUP_CONCAT({})",
        "SUM(x.id)",
        "AVG(x.id)",
        "SUM({} IS NULL)",
        "STD(x.id)",
        "BIT_OR(x.id)",
    ],
    constants: &[
        "NULL",
        "1",
        "-1",
        "1.50",
        "1e10",
        "'text'",
        "x'00ff'",
        "TRUE",
        "b'101'",
        "18446744073709551615",
        "DATE '2000-01-01' + INTERVAL x.id DAY",
        "TIME '12:34:56.7'",
        "TIMESTAMP '2000-01-01 12:34:56'",
        "CAST(NULL AS CHAR)",
        "1 / (x.id - 2)",
    ],
    quote: '`',
    bytes: |hex| format!("x'{hex}'"),
};

#[derive(Debug, sqlx::Type)]
#[sqlx(rename_all = "lowercase")]
enum Letter {
    A,
    B,
}

/// What one column is read as.
type Scalar = Letter;

const READERS: &[Reader<MySqlRow>] = readers![
    MySqlRow;
    any: [
        bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, String, Vec<u8>, &str, &[u8],
        JsonValue, Decimal, Uuid, NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc>, Date, Time,
        PrimitiveDateTime, OffsetDateTime, MySqlTime, Letter,
    ];
    own: [
        BigDecimal, Json<Vec<i32>>, DateTime<Local>, Hyphenated, Simple, Text<i32>, IpAddr, Ipv4Addr,
        Ipv6Addr,
    ];
];

probes!(MySql, MySqlRow);

struct Server {
    pools: Pools<MySql>,
    _server: MariaDb,
}

impl Subject for Server {
    type Database = MySql;

    const DIALECT: &'static Dialect = &DIALECT;

    async fn run(&self, sql: String) {
        // Dates that are none, and JSON that is any text, are values that a server may have.
        let mut connection = self.pools.plain.acquire().await.unwrap();
        sqlx::raw_sql("SET sql_mode = ''").execute(&mut *connection).await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut *connection).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
        // The next one to read has the settings of all others.
        connection.close_on_drop();
    }

    async fn probe(&self, sql: String, tally: &Mutex<Tally>) {
        probe(&self.pools, sql, tally).await;
    }
}

#[tokio::test]
async fn i13_random_queries_of_every_type_are_the_same_from_a_hit_on_mariadb() {
    let server = MariaDb::start_with(&["--max-allowed-packet=256M"]).await.unwrap();
    let url = server.create_database().await.unwrap();
    let options: MySqlConnectOptions = url.parse().unwrap();
    run(Server { pools: Pools::open(options).await, _server: server }).await;
}
