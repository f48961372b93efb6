//! MariaDB's catalog.

use dogpile_sqlx::{CachedPool, QueryCacheExt};
use dogpile_tests::services::MariaDb;
use sqlx::{AssertSqlSafe, MySql, MySqlPool};

use super::{cached, depends, hits};

const TABLES: &str = "
    CREATE TABLE plain (id INT AUTO_INCREMENT PRIMARY KEY, v BIGINT);
    CREATE TABLE tiny (id TINYINT UNSIGNED PRIMARY KEY, v BIGINT);
    CREATE TABLE both_of (a BIGINT, b VARBINARY(4), v BIGINT, PRIMARY KEY (a, b));
    CREATE TABLE word (id VARCHAR(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, v BIGINT);
    CREATE TABLE folded (id VARCHAR(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY,
        v BIGINT);
    CREATE TABLE keyless (id INT, v BIGINT);
    CREATE TABLE exact_one (id DECIMAL(9, 2) PRIMARY KEY, v BIGINT);
    CREATE TABLE parent (id INT PRIMARY KEY, v BIGINT);
    CREATE TABLE child (id INT PRIMARY KEY, v BIGINT, parent INT,
        FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE SET NULL);
    CREATE TABLE leaf (id INT PRIMARY KEY, v BIGINT, parent INT,
        FOREIGN KEY (parent) REFERENCES parent (id));
    CREATE TABLE watched (id INT PRIMARY KEY, v BIGINT);
    CREATE TRIGGER g BEFORE UPDATE ON watched FOR EACH ROW SET new.v = 1;
    CREATE VIEW seen AS SELECT * FROM plain;
    INSERT INTO plain VALUES (1, 10), (2, 20);
    INSERT INTO parent VALUES (1, 10), (2, 20), (3, 30);";

async fn database(server: &MariaDb) -> CachedPool<MySql> {
    let pool = MySqlPool::connect(&server.create_database().await.unwrap()).await.unwrap();
    sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
    cached(pool)
}

#[tokio::test]
async fn a_row_is_known_by_every_exact_type() {
    let server = MariaDb::start().await.unwrap();
    let db = &database(&server).await;
    let plain = "SELECT v FROM plain WHERE id = ?";
    for shown in [
        depends!(db, plain, 1_i8),
        depends!(db, plain, 1_u16),
        depends!(db, plain, 1_i32),
        depends!(db, plain, 1_u64),
        depends!(db, plain, true),
        depends!(db, "SELECT v FROM Plain WHERE `ID` = 1"),
    ] {
        assert_eq!(shown, "rows:plain, row:plain:1");
    }
    assert_eq!(depends!(db, "SELECT v FROM tiny WHERE id = 255"), "rows:tiny, row:tiny:255");
    assert_eq!(depends!(db, "SELECT v FROM tiny WHERE id = 256"), "table:tiny");
    let both = "SELECT v FROM both_of WHERE b = ? AND a = ?";
    let shown = depends!(db, both, vec![1_u8], -3_i64);
    assert!(shown.starts_with("rows:both_of, row:both_of:-3,~"), "{shown}");
    assert_eq!(depends!(db, both, "a", -3_i64), "table:both_of");
    let word = "SELECT v FROM word WHERE id = ?";
    let shown = depends!(db, word, "abc");
    assert!(shown.starts_with("rows:word, row:word:~"), "{shown}");
    assert_eq!(shown, depends!(db, "SELECT v FROM word WHERE id = 'abc'"));
    assert_eq!(depends!(db, word, "abc "), "table:word");
    assert_eq!(depends!(db, word, 7), "table:word");
}

#[tokio::test]
async fn what_may_be_more_than_one_row_is_its_table() {
    let server = MariaDb::start().await.unwrap();
    let db = &database(&server).await;
    for table in ["keyless", "exact_one", "child", "watched"] {
        let sql = format!("SELECT v FROM {table} WHERE id = 1");
        assert_eq!(depends!(db, sql), format!("table:{table}"));
    }
    assert_eq!(depends!(db, "SELECT v FROM seen WHERE id = 1"), "table:plain, table:seen");
    assert_eq!(depends!(db, "SELECT v FROM folded WHERE id = 'a'"), "table:folded");
    assert_eq!(depends!(db, "SELECT v FROM plain WHERE id = '1'"), "table:plain");
    for table in ["parent", "leaf"] {
        let sql = format!("SELECT v FROM {table} WHERE id = 1");
        assert_eq!(depends!(db, sql), format!("rows:{table}, row:{table}:1"));
    }
}

#[tokio::test]
async fn a_write_of_one_row_keeps_the_others() {
    let server = MariaDb::start().await.unwrap();
    let db = &database(&server).await;
    let read = "SELECT v FROM plain WHERE id = ?";
    for (write, keeps) in [
        ("UPDATE plain SET v = v + 1 WHERE id = 1", true),
        ("UPDATE plain SET v = v + 1 WHERE id = '01'", false),
        ("INSERT INTO plain (id, v) VALUES (7, 1)", true),
        ("INSERT INTO plain (id, v) VALUES (7, 2) ON DUPLICATE KEY UPDATE v = 2", false),
        ("INSERT IGNORE INTO plain (id, v) VALUES (7, 2)", false),
        ("REPLACE INTO plain (id, v) VALUES (7, 3)", false),
        ("INSERT INTO plain (id, v) VALUES (0, 1)", false),
        ("INSERT INTO plain (v) VALUES (1)", false),
        ("DELETE FROM plain WHERE id = 7", true),
        ("UPDATE plain SET id = 11 WHERE id = 1", false),
    ] {
        let _ = (hits!(db, read, 1_i64), hits!(db, read, 2_i32), hits!(db, read, 7_u8));
        let _ = (hits!(db, read, 8_i64), hits!(db, read, 9_i64), hits!(db, read, 11_i64));
        sqlx::query(AssertSqlSafe(write)).execute(db).await.unwrap();
        assert_eq!(hits!(db, read, 2_i32) == 1, keeps, "{write}");
        let _ = (hits!(db, read, 1_i64), hits!(db, read, 7_u8), hits!(db, read, 8_i64));
        let _ = (hits!(db, read, 9_i64), hits!(db, read, 11_i64));
    }
}

/// Where numbers that do not fit are cut, the row is another one than was asked for.
#[tokio::test]
async fn a_number_that_is_cut_is_a_row_that_nobody_knows() {
    let server = MariaDb::start().await.unwrap();
    let db = &database(&server).await;
    let read = "SELECT v FROM tiny WHERE id = ?";
    assert_eq!(hits!(db, read, 255_i64), 0);
    let mut connection = db.acquire().await.unwrap();
    sqlx::query("SET SESSION sql_mode = ''").execute(&mut connection).await.unwrap();
    sqlx::query("INSERT INTO tiny (id, v) VALUES (300, 1)").execute(&mut connection).await.unwrap();
    drop(connection);
    assert_eq!(hits!(db, read, 255_i64), 0);
}

#[tokio::test]
async fn a_delete_that_other_tables_follow_is_of_any_row() {
    let server = MariaDb::start().await.unwrap();
    let db = &database(&server).await;
    let read = "SELECT v FROM parent WHERE id = 2";
    let _ = hits!(db, read);
    sqlx::query("UPDATE parent SET v = 9 WHERE id = 1").execute(db).await.unwrap();
    assert_eq!(hits!(db, read), 1);
    sqlx::query("DELETE FROM parent WHERE id = 1").execute(db).await.unwrap();
    assert_eq!(hits!(db, read), 0);
}

/// Nobody is shown the triggers of a table who has no right to make them.
#[tokio::test]
async fn who_is_not_shown_triggers_goes_by_tables() {
    let server = MariaDb::start().await.unwrap();
    let url = server.create_database().await.unwrap();
    let pool = MySqlPool::connect(&url).await.unwrap();
    sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
    let name: String = sqlx::query_scalar("SELECT DATABASE()").fetch_one(&pool).await.unwrap();
    for (user, rights) in [("few", "SELECT, UPDATE"), ("more", "SELECT, UPDATE, TRIGGER")] {
        let make = format!(
            "CREATE USER {user}@'%' IDENTIFIED BY 'x'; GRANT {rights} ON {name}.plain TO {user}@'%'"
        );
        sqlx::raw_sql(AssertSqlSafe(make)).execute(&pool).await.unwrap();
    }
    let options = |user: &str| {
        let options = pool.connect_options().as_ref().clone();
        MySqlPool::connect_lazy_with(options.username(user).password("x"))
    };
    let read = "SELECT v FROM plain WHERE id = 1";
    assert_eq!(depends!(&cached(options("few")), read), "table:plain");
    assert_eq!(depends!(&cached(options("more")), read), "rows:plain, row:plain:1");
}
