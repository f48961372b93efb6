//! The examples about servers, as somebody runs them who has read about them.
//!
//! `tests/run examples` builds them, and says in `DOGPILE_EXAMPLES` in which folder they are.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::process::{Command, Output};

use dogpile_tests::services::{Memcached, Redis};

/// What an example does when it is started with these arguments.
fn start(example: &str, arguments: &[&str]) -> Output {
    // That of whoever runs the tests is no business of theirs.
    let mut command = Command::new(program(example));
    command.args(arguments).env_remove("DATABASE_URL").output().unwrap()
}

fn program(example: &str) -> PathBuf {
    let folder = std::env::var_os("DOGPILE_EXAMPLES").expect("run this with `tests/run examples`");
    PathBuf::from(folder).join(example)
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

#[cfg(feature = "databases")]
#[tokio::test]
#[ignore = "a step of `tests/run`, which builds the program before"]
async fn outside_writer_shows_what_psql_wrote_and_has_one_line_where_it_cannot() {
    use dogpile_tests::services::Postgres;

    let example = "outside_writer";
    assert_showed(&start(example, &[]), "another connection wrote 2");
    let server = Postgres::start().await.unwrap();
    let url = server.create_database().await.unwrap();
    for _ in 0..2 {
        assert_shows(example, &url, "psql wrote 2, and the cached reader has it");
    }
    assert_complains(example, "redis://localhost", 2, "--url");
    server.kill().unwrap();
    assert_complains(example, &url, 1, "error");
}

#[cfg(feature = "databases")]
#[tokio::test]
#[ignore = "a step of `tests/run`, which builds the program before"]
async fn axum_service_shows_what_it_promises_twice_and_has_one_line_where_it_cannot() {
    use dogpile_tests::services::Postgres;

    let (example, step) = ("axum_service", "200 readers at once: 1 query");
    assert_showed(&start(example, &["--tour"]), step);

    let postgres = Postgres::start().await.unwrap();
    let url = postgres.create_database().await.unwrap();
    // The second time the tables are there.
    for _ in 0..2 {
        assert_showed(&start(example, &["--tour", &url]), step);
    }
    let secret = "postgres://app:secret@localhost:port/a";
    for wrong in ["mysql://app:secret@localhost/a", secret, "sqlite::memory:", "nothing", ""] {
        let ended = start(example, &["--tour", wrong]);
        assert_complained(&ended, 2, "[URL]");
        assert!(!str::from_utf8(&ended.stderr).unwrap().contains("secret"), "{wrong}");
    }
    let ended = start(example, &["nothing", secret]);
    assert_complained(&ended, 2, "--help");
    assert!(!str::from_utf8(&ended.stderr).unwrap().contains("secret"));
    assert_complained(&start(example, &["--listen", "nowhere"]), 2, "--listen");

    postgres.kill().unwrap();
    assert_complained(&start(example, &["--tour", &url]), 1, "the database");
}

#[cfg(unix)]
#[tokio::test]
#[ignore = "a step of `tests/run`, which builds the program before"]
async fn axum_service_answers_until_it_is_told_to_end() {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpStream;
    use std::process::Stdio;

    let mut command = Command::new(program("axum_service"));
    command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut service = command.env_remove("DATABASE_URL").spawn().unwrap();
    let mut said = String::new();
    // Kept to the end: whoever prints to nobody ends.
    let mut printed = BufReader::new(service.stdout.take().unwrap());
    printed.read_line(&mut said).unwrap();
    let address = said.strip_prefix("http://").and_then(|said| said.split('/').next()).unwrap();

    let ask = |path: &str| {
        let mut stream = TcpStream::connect(address)?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        std::io::read_to_string(stream)
    };
    let pages = [
        ("/cache", "<th>lookups<td>0"),
        ("/cache.json", "\"orders_placed\":0"),
        ("/cache/explain?tenant=acme&customer=7", "cached     yes, region shop"),
        ("/orders/1", "x-tenant"),
    ];
    let answers = pages.map(|(path, _)| ask(path));

    // Ended before anything is asserted: a test that fails leaves nothing running.
    let killed = Command::new("kill").args(["-INT", &service.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let ended = service.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
    for ((path, shown), answer) in pages.into_iter().zip(answers) {
        let answer = answer.unwrap();
        assert!(answer.contains(shown), "{path}: {answer}");
    }
}
