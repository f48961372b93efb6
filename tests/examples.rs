//! The examples about servers, as somebody runs them who has read about them.
//!
//! `tests/run examples` builds them, and says in `DOGPILE_EXAMPLES` in which folder they are.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Output};

use dogpile_tests::services::{Memcached, Redis};

/// What an example does when it is started with these arguments.
fn start(example: &str, arguments: &[&str]) -> Output {
    let folder = std::env::var_os("DOGPILE_EXAMPLES").expect("run this with `tests/run examples`");
    let program = std::path::Path::new(&folder).join(example);
    Command::new(program).args(arguments).output().unwrap()
}

/// The same with this URL.
fn run(example: &str, url: &str) -> Output {
    start(example, &["--url", url])
}

fn assert_shows(example: &str, url: &str, step: &str) {
    assert_showed(&run(example, url), step);
}

fn assert_showed(shown: &Output, step: &str) {
    let errors = str::from_utf8(&shown.stderr).unwrap();
    assert_eq!((shown.status.code(), errors), (Some(0), ""));
    let table = str::from_utf8(&shown.stdout).unwrap();
    assert!(table.contains(step), "{table}");
}

/// Asserts that it ends with this code, and one line that says something.
fn assert_complains(example: &str, url: &str, code: i32, about: &str) {
    assert_complained(&run(example, url), code, about);
}

fn assert_complained(ended: &Output, code: i32, about: &str) {
    let said = str::from_utf8(&ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(code), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(about), "{said}");
}

#[tokio::test]
#[ignore = "a step of `tests/run`, which builds the program before"]
async fn redis_region_shows_what_it_promises_and_one_line_where_it_cannot() {
    let (example, server) = ("redis_region", Redis::start().await.unwrap());
    assert_shows(example, &server.url(), "500 tasks");
    // Names of an earlier run are in nobody's way.
    assert_shows(example, &server.url(), "500 tasks");
    for wrong in ["rediss://localhost", "memcached://localhost", "redis://localhost?pool=8", ""] {
        assert_complains(example, wrong, 2, "--url");
    }
    server.kill().unwrap();
    assert_complains(example, &server.url(), 1, "--help");
}

#[tokio::test]
#[ignore = "a step of `tests/run`, which builds the program before"]
async fn memcached_region_shows_what_it_promises_and_one_line_where_it_cannot() {
    let example = "memcached_region";
    let servers = [Memcached::start().await.unwrap(), Memcached::start().await.unwrap()];
    let both = format!("memcached://{},{}", servers[0].address(), servers[1].address());
    assert_shows(example, &servers[0].url(), "500 tasks");
    assert_shows(example, &both, "500 tasks");
    for wrong in ["redis://localhost", "memcached://", "memcached://localhost?pool=8", ""] {
        assert_complains(example, wrong, 2, "--url");
    }
    servers[0].kill().unwrap();
    assert_complains(example, &servers[0].url(), 1, "--help");
}

#[cfg(feature = "databases")]
#[tokio::test]
#[ignore = "a step of `tests/run`, which builds the program before"]
async fn sql_store_shows_what_it_promises_leaves_nothing_and_has_one_line_where_it_cannot() {
    use dogpile_tests::services::{MariaDb, Postgres};
    use sqlx::{MySqlPool, PgPool};

    const TABLES: &str =
        "SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'sql_store%'";
    let (example, step) = ("sql_store", "500 tasks in two processes");
    assert_showed(&start(example, &[]), step);

    let (postgres, mariadb) = (Postgres::start().await.unwrap(), MariaDb::start().await.unwrap());
    let url = postgres.create_database().await.unwrap();
    assert_showed(&start(example, &[&url]), step);
    let left: i64 =
        sqlx::query_scalar(TABLES).fetch_one(&PgPool::connect(&url).await.unwrap()).await.unwrap();
    assert_eq!(left, 0, "tables that are left in PostgreSQL");

    let url = mariadb.create_database().await.unwrap();
    assert_showed(&start(example, &[&url]), step);
    let left: i64 = sqlx::query_scalar(TABLES)
        .fetch_one(&MySqlPool::connect(&url).await.unwrap())
        .await
        .unwrap();
    assert_eq!(left, 0, "tables that are left in MariaDB");

    for wrong in ["redis://localhost", "postgres://app:secret@localhost/a?pol=8", "nothing", ""] {
        let ended = start(example, &[wrong]);
        assert_complained(&ended, 2, "[URL]");
        assert!(!str::from_utf8(&ended.stderr).unwrap().contains("secret"), "{wrong}");
    }
    postgres.kill().unwrap();
    assert_complained(&start(example, &[&postgres.url("postgres")]), 1, "--help");
}
