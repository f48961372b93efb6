//! The program `dogpile-migrate`, as people and scripts call it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Output, Stdio};

use dogpile_tests::services::{MariaDb, Postgres};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dogpile-migrate"));
    command.args(arguments).env_remove("DATABASE_URL");
    command
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    told(program(arguments).output().unwrap())
}

fn told(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn life(url: &str) {
    let place = ["--prefix", "p_"];
    let with = |verb| run(&[verb, url, place[0], place[1]]);
    if !url.starts_with("sqlite") {
        assert_eq!(
            with("status"),
            (1, "0001_store  pending\n0002_log  pending\n".into(), String::new())
        );
    }
    assert_eq!(with("up"), (0, "applied 0001_store\napplied 0002_log\n".into(), String::new()));
    assert_eq!(with("up"), (0, "nothing to do\n".into(), String::new()));
    assert_eq!(
        with("status"),
        (0, "0001_store  applied\n0002_log  applied\n".into(), String::new())
    );
    assert_eq!(run(&["status", url]).0, 1, "another prefix");
    assert_eq!(
        with("down"),
        (0, "taken back 0002_log\ntaken back 0001_store\n".into(), String::new())
    );
    assert_eq!(with("status").0, 1);
    eight_processes(url);
}

fn eight_processes(url: &str) {
    let start = |_| {
        let mut up = program(&["up"]);
        up.env("DATABASE_URL", url).stdout(Stdio::piped()).stderr(Stdio::piped());
        up.spawn().unwrap()
    };
    let processes: Vec<_> = (0..8).map(start).collect();
    let ends = processes.into_iter().map(|process| told(process.wait_with_output().unwrap()));
    let mut applied = 0;
    for (code, out, err) in ends {
        assert_eq!((code, err.as_str()), (0, ""));
        applied += usize::from(out == "applied 0001_store\napplied 0002_log\n");
    }
    assert_eq!(applied, 1);
    assert_eq!(run(&["status", url]).0, 0);
}

#[tokio::test]
async fn it_works_on_postgres() {
    let server = Postgres::start().await.unwrap();
    life(&server.create_database().await.unwrap());
}

#[tokio::test]
async fn it_works_on_mariadb() {
    let server = MariaDb::start().await.unwrap();
    let url = server.create_database().await.unwrap();
    life(&url.replace("mysql://", "mariadb://"));
}

#[test]
fn it_works_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("cache.db").display());
    let (code, _, error) = run(&["status", &url]);
    assert_eq!((code, error.lines().count()), (1, 1), "{error}");
    life(&url);
}

#[test]
fn print_needs_no_database() {
    for (name, begins) in [("postgres", "\"p_"), ("mariadb", "`p_"), ("sqlite", "\"p_")] {
        let (code, out, _) = run(&["print", name, "--prefix", "p_"]);
        assert_eq!(code, 0);
        assert!(out.contains(&format!("{begins}entry")), "{out}");
        let (code, out, _) = run(&["print", name, "--down"]);
        assert!(code == 0 && out.contains("drop table if exists"), "{out}");
    }
    assert!(
        run(&["print", "postgres", "--logged"])
            .1
            .contains("create table if not exists \"dogpile_entry")
    );
}

#[test]
fn bad_input_is_two_and_one_line() {
    for arguments in [
        &["up"][..],
        &[],
        &["fly"],
        &["up", "oracle://host/name"],
        &["up", "no url"],
        &["up", ""],
        &["up", "postgres://host:port/name"],
        &["up", "postgres://host/name?sslmode=nonsense"],
        &["up", "sqlite:x.db?mode=nonsense"],
        &["up", "sqlite:x.db", "--prefix", "a b"],
        &["up", "sqlite:x.db", "--schema", "a;b"],
        &["up", "sqlite:x.db", "--logged=perhaps"],
        &["up", "sqlite:x.db", "--fast"],
        &["up", "sqlite:x.db", "another"],
        &["print", "oracle"],
        &["print"],
    ] {
        let (code, out, error) = run(arguments);
        assert_eq!(
            (code, out.as_str(), error.lines().count()),
            (2, "", 1),
            "{arguments:?} {error}"
        );
        assert!(error.starts_with("dogpile-migrate: "), "{error}");
    }
    assert!(run(&["up", "sqlite:x.db", "--fast"]).2.contains("--fast"));
    assert!(run(&["up"]).2.contains("DATABASE_URL"));
}

#[test]
fn a_password_is_never_printed() {
    // Wrong in every place where a URL can be wrong, and one that nobody listens to.
    for url in [
        "postgres://user:hunter2@127.0.0.1:1/name",
        "mysql://user:hunter2@127.0.0.1:1/name",
        "mariadb://user:hunter2/x@127.0.0.1:1/name",
        "postgres://user:hunter2#x@127.0.0.1:1/name",
        "postgres://user:hunter2@127.0.0.1:port/name",
        "postgres://user:hunter2@[127.0.0.1/name",
        "postgres://user:hunter2@127.0.0.1:1/name?sslmode=nonsense",
        "postgres://127.0.0.1:1/name?password=hunter2&sslmode=nonsense",
        "oracle://user:hunter2@host/name",
        "user:hunter2@host/name",
    ] {
        for arguments in [
            &["up", url][..],
            &["status", url],
            &["up", "sqlite:x.db", url],
            &["print", url],
            &["print", "postgres", "--prefix", url],
            &[url],
            &["up", &format!("--{url}")],
            &["up", &format!("--schema={url}"), url],
        ] {
            let (code, out, error) = run(arguments);
            assert_ne!(code, 0, "{arguments:?}");
            assert!(
                !out.contains("hunter2") && !error.contains("hunter2"),
                "{arguments:?} {error}"
            );
        }
        let mut help = program(&["up", "--help"]);
        let (code, out, _) = told(help.env("DATABASE_URL", url).output().unwrap());
        assert!(code == 0 && !out.contains("hunter2"), "{out}");
    }
}
