use std::collections::HashSet;

use dogpile::{Backend, ErrorKind};

use crate::SqlStore;

fn refused(url: &str) -> String {
    let error = SqlStore::open(url).expect_err(url);
    assert_eq!(error.kind(), ErrorKind::Config, "{url}");
    error.to_string()
}

#[test]
fn parameters_are_read_and_unknown_ones_refused() {
    let url = "postgres://a/b?prefix=shop_&schema=cache&pool=3&acquire_timeout=20ms\
               &connect_timeout=2s&statement_timeout=3s&lineage=false&logged=true&sweep=0s&push=true\
               &sslmode=disable&locks=rows&max_locks=7&lock_url=postgres://c/b";
    let builder = SqlStore::builder(url).unwrap();
    let shown = format!("{builder:?}");
    for part in [
        "\"shop_\"",
        "\"cache\"",
        "pool_size: 3",
        "20ms",
        "2s",
        "3s",
        "lineage: false",
        "Rows",
        "max_locks: 7",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.contains("push: true"), "{shown}");
    let can = builder.open().unwrap().capabilities();
    assert!(can.persistent && can.pushes);
    let can = SqlStore::open("postgres://a/b").unwrap().capabilities();
    assert!(!can.persistent && !can.pushes);
    for url in ["postgres://a/b?prefx=shop", "mysql://a/b?ssl-mod=x", "sqlite:a.db?mde=rw"] {
        assert!(refused(url).contains("unknown parameter"), "{url}");
    }
}

#[test]
fn identities_tell_stores_apart_and_hold_no_password() {
    let identity = |url| SqlStore::open(url).unwrap().identity();
    let all = [
        "postgres://a/b",
        "postgres://a:5433/b",
        "postgres://a/c",
        "postgres://a/b?prefix=shop_",
        "postgres://a/b?schema=shop",
        "postgres://a/b?lineage=false",
        "mysql://a/b",
        "sqlite:///tmp/a.db",
        "sqlite:///tmp/b.db",
    ];
    let distinct: HashSet<_> = all.into_iter().map(identity).collect();
    assert_eq!(distinct.len(), all.len());
    assert_eq!(identity("postgres://a/b"), identity("postgresql://app:secret@a:5432/b?pool=2"));
    // What one owes, the other owes as well.
    assert_eq!(identity("postgres://a/b"), identity("postgres://a/b?push=true"));
    assert_eq!(identity("mysql://a/b"), identity("mariadb://app:secret@a:3306/b"));
    assert_eq!(identity("sqlite:///tmp/a.db"), identity("sqlite:/tmp/a.db?mode=rwc"));
}

#[test]
fn nothing_shows_a_password() {
    for scheme in ["postgres", "mysql", "mariadb"] {
        let builder = SqlStore::builder(&format!("{scheme}://app:secret@a/b")).unwrap();
        assert!(!format!("{builder:?}").contains("secret"));
        let builder = builder.lock_url(format!("{scheme}://app:secret@b/b"));
        assert!(!format!("{builder:?}").contains("secret"));
        assert!(!format!("{:?}", builder.open().unwrap()).contains("secret"));
        let builder = SqlStore::builder("postgres://a/b").unwrap();
        let wrong = builder.lock_url("postgres://app:secret@b:secret/b").open().unwrap_err();
        assert!(!wrong.to_string().contains("secret"), "{wrong}");
    }
    let wrong = refused("postgres://app:secret@a/b?sslmode=secret");
    assert!(!wrong.contains("secret"), "{wrong}");
}

#[test]
fn wrong_settings_say_how_to_mend_them() {
    for (url, mend) in [
        ("redis://a", "postgres://"),
        ("postgres://a,b/c", "one host"),
        ("postgres://a/b?pool=0", "no connections"),
        ("postgres://a/b?acquire_timeout=0s", "timeout of zero"),
        ("mysql://a/b?prefix=a%22", "dogpile_"),
        ("sqlite::memory:", "memory://"),
        ("sqlite:a.db?mode=memory", "memory://"),
        ("sqlite:a.db?schema=x", "use a prefix"),
        ("sqlite:a.db?push=true", "push is for PostgreSQL"),
        ("mysql://a/b?push=true", "push is for PostgreSQL"),
        ("sqlite:a.db?locks=advisory", "leases are rows"),
        ("postgres://a/b?locks=none", "advisory, rows"),
        ("postgres://a/b?max_locks=0", "locks=rows"),
        ("postgres://a/b?lock_url=mysql://a/b", "lock_url"),
        ("mysql://a/b?lock_url=mysql://a/b%3Fpol=1", "lock_url"),
    ] {
        let error = refused(url);
        assert!(error.contains(mend), "{url}: {error}");
    }
}
