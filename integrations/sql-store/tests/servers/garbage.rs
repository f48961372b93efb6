//! What somebody else wrote into our tables.

use dogpile::backend::{BackendExt, Stamp, TagVersion, Writer};
use dogpile::{Backend, hours};

use crate::support::{Database, on_each_database};

on_each_database! {
    a_register_of_garbage_is_absent_and_overwritten
    a_row_with_nothing_in_it_is_absent
    a_table_that_is_missing_is_an_error_that_says_the_mend
}

const LATER: i64 = 32_000_000_000_000;

/// Writers, `ends` and `tainted` that contradict each other or themselves.
const GARBAGE: [(&[u8], i64, i64); 7] = [
    (&[7; 1], LATER, 0),
    (&[7; 23], LATER, LATER),
    (&[7; 25], LATER, LATER),
    (&[7; 24], LATER, 0),
    (&[], LATER, LATER),
    (&[], 0, 0),
    (&[7; 24], LATER, 1),
];

async fn leave<D: Database>(database: &D, (writers, ends, tainted): (&[u8], i64, i64)) {
    let (name, writers) = (D::bytes(b"r"), D::bytes(writers));
    database.run("DELETE FROM dogpile_register").await;
    let row = format!("{name}, 1, 1, {writers}, {ends}, {tainted}");
    let columns = "name, high, low, writers, ends, tainted";
    database.run(&format!("INSERT INTO dogpile_register ({columns}) VALUES ({row})")).await;
}

async fn a_register_of_garbage_is_absent_and_overwritten<D: Database>() {
    let database = D::start().await;
    let store = database.store().await;
    let taints = store.taints().unwrap();
    let stamp = |n| Stamp { register: "r", version: TagVersion(n) };
    for garbage in GARBAGE {
        leave(&database, garbage).await;
        let answer = store.read(&[], &["r"]).await.unwrap();
        assert_eq!((answer.versions, answer.tainted), (vec![None], vec![]), "{garbage:?}");
        store.store(&[], &["r"], hours(1)).await.unwrap();
        assert_eq!(store.version("r").await.unwrap(), None, "{garbage:?}");
        let held = store.create(&[stamp(1)], hours(1)).await.unwrap();
        assert_eq!(held, [Some(TagVersion(1))], "{garbage:?}");

        leave(&database, garbage).await;
        store.bump(&[stamp(2)], hours(1)).await.unwrap();
        assert_eq!(store.version("r").await.unwrap(), Some(TagVersion(2)), "{garbage:?}");

        leave(&database, garbage).await;
        let writer = Writer::random();
        assert!(!taints.renew(&["r"], writer, hours(1)).await.unwrap(), "{garbage:?}");
        taints.place(&[stamp(3)], writer, hours(1)).await.unwrap();
        assert_eq!(store.read(&[], &["r"]).await.unwrap().tainted, [0], "{garbage:?}");

        leave(&database, garbage).await;
        assert!(!taints.lift(&[stamp(4)], writer, hours(1)).await.unwrap(), "{garbage:?}");
        assert_eq!(store.version("r").await.unwrap(), Some(TagVersion(4)), "{garbage:?}");

        leave(&database, garbage).await;
        assert_eq!(store.sweep().await.unwrap().registers, 1, "{garbage:?}");
    }
}

/// The tables with every column nullable, as somebody may have made them by hand.
async fn a_row_with_nothing_in_it_is_absent<D: Database>() {
    let database = D::start().await;
    for table in ["entry", "register"] {
        database.run(&format!("DROP TABLE dogpile_{table}")).await;
    }
    let (name, numbers) = (D::bytes(b"a"), "high bigint, low bigint, ends bigint, tainted bigint");
    let blob = if database.url().starts_with("postgres") { "bytea" } else { "varbinary(255)" };
    let entry = format!("(name {blob} unique, bytes {blob}, ends bigint)");
    let register = format!("(name {blob} unique, writers {blob}, {numbers})");
    database.run(&format!("CREATE TABLE dogpile_entry {entry}")).await;
    database.run(&format!("CREATE TABLE dogpile_register {register}")).await;
    for table in ["entry", "register"] {
        database.run(&format!("INSERT INTO dogpile_{table} (name) VALUES ({name})")).await;
    }
    let store = database.store().await;
    let answer = store.read(&["a"], &["a"]).await.unwrap();
    assert_eq!((answer.entries, answer.versions), (vec![None], vec![None]));
    let stamp = Stamp { register: "a", version: TagVersion(7) };
    let (taints, writer) = (store.taints().unwrap(), Writer::random());
    taints.place(&[stamp], writer, hours(1)).await.unwrap();
    assert!(taints.lift(&[stamp], writer, hours(1)).await.unwrap());
    store.put("a", "v", hours(1)).await.unwrap();
    let answer = store.read(&["a"], &["a"]).await.unwrap();
    assert_eq!(
        (answer.entries, answer.versions),
        (vec![Some("v".into())], vec![Some(stamp.version)])
    );
}

async fn a_table_that_is_missing_is_an_error_that_says_the_mend<D: Database>() {
    let database = D::start().await;
    let store = database.store().await;
    for table in ["entry", "register", "token", "lease"] {
        database.run(&format!("DROP TABLE dogpile_{table}")).await;
        let error = crate::support::patient(&database.url()).connect().await.unwrap_err();
        assert!(error.to_string().contains("dogpile-migrate up"), "{table}: {error}");
    }
    let error = store.read(&["secret"], &["secret"]).await.unwrap_err().to_string();
    assert!(error.contains("dogpile-migrate up") && !error.contains("secret"), "{error}");
}
