//! Transactions that end in another way than they were meant to, or that the wrapper was not told of.

use dogpile_sea_orm::CachedTransaction;
use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, Set, Statement, TransactionTrait};

use crate::fixture::{Server, Shop, hit, miss, on_every_server, same, warm};
use crate::transactions::{name_inside, rename, tags};

on_every_server!(
    s148_a_commit_that_fails_leaves_nothing_stale,
    s149_a_connection_lost_during_commit_counts_as_committed,
    s161_a_lock_of_the_application_is_taken_each_time,
    s162_a_prepared_transaction_is_written_when_it_commits,
);

/// What refers to a tag, and is looked at when the transaction commits.
mod note {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "note")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: i32,
        pub(super) tag_id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

const NOTES: &str = "CREATE TABLE note (id INTEGER PRIMARY KEY,
    tag_id INTEGER NOT NULL REFERENCES tag (id) DEFERRABLE INITIALLY DEFERRED)";

async fn annotate(db: &impl ConnectionTrait, tag: i32) {
    let note = note::ActiveModel { id: Set(tag), tag_id: Set(tag) };
    note::Entity::insert(note).exec_without_returning(db).await.unwrap();
}

async fn s148_a_commit_that_fails_leaves_nothing_stale(shop: &Shop) {
    // MariaDB defers no constraint.
    if shop.is(DbBackend::MySql) {
        return;
    }
    shop.db.execute_unprepared(NOTES).await.unwrap();
    let notes = || note::Entity::find().order_by_id_asc();
    warm!(shop, |db| notes().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    annotate(&tx, 99).await;
    tx.on_commit(|| panic!("called back")).await.unwrap();
    tx.commit().await.unwrap_err();
    assert!(same!(shop, |db| notes().all(db).await).0.is_empty());
    hit!(shop, |db| notes().all(db).await);
    // The connection that it failed on is fit for use.
    let tx = shop.db.begin().await.unwrap();
    annotate(&tx, 1).await;
    tx.commit().await.unwrap();
    assert_eq!(miss!(shop, |db| notes().all(db).await).len(), 1);
}

/// What a statement of one column of numbers says.
async fn number(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Ends the session of a transaction from elsewhere.
async fn lose(shop: &Shop, tx: &CachedTransaction) {
    let (own, end) = match shop.is(DbBackend::Postgres) {
        true => ("SELECT pg_backend_pid()::bigint", "SELECT pg_terminate_backend({})"),
        false => ("SELECT CAST(connection_id() AS SIGNED)", "KILL {}"),
    };
    let session = number(tx, own).await;
    let end = end.replace("{}", &session.to_string());
    shop.truth.execute_unprepared(&end).await.unwrap();
}

async fn s149_a_connection_lost_during_commit_counts_as_committed(shop: &Shop) {
    if shop.is(DbBackend::Sqlite) {
        return;
    }
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "never").await;
    tx.on_commit(|| panic!("called back")).await.unwrap();
    lose(shop, &tx).await;
    tx.commit().await.unwrap_err();
    // Nobody knows what became of it, so the entry is gone.
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "red");
    hit!(shop, |db| tags().all(db).await);
}

async fn s161_a_lock_of_the_application_is_taken_each_time(shop: &Shop) {
    let (take, release, is_free) = match shop.db.get_database_backend() {
        DbBackend::Postgres => (
            "SELECT pg_try_advisory_lock(7)::int::bigint",
            "SELECT pg_advisory_unlock(7)::int::bigint",
            "SELECT pg_try_advisory_xact_lock(7)::int::bigint",
        ),
        DbBackend::MySql => (
            "SELECT CAST(get_lock('seven', 0) AS SIGNED)",
            "SELECT CAST(release_lock('seven') AS SIGNED)",
            "SELECT CAST(is_free_lock('seven') AS SIGNED)",
        ),
        _ => return,
    };
    let stored = shop.db.region().stats().stored;
    let tx = shop.db.begin().await.unwrap();
    for _ in 0..3 {
        assert_eq!(number(&tx, take).await, 1);
        assert_eq!(number(&shop.truth, is_free).await, 0, "it was not taken");
        assert_eq!(number(&tx, release).await, 1);
        assert_eq!(number(&shop.truth, is_free).await, 1, "it was not released");
    }
    tx.commit().await.unwrap();
    assert_eq!(shop.db.region().stats().stored, stored);
}

/// The transaction is over for the handle, which may only let go of it.
async fn s162_a_prepared_transaction_is_written_when_it_commits(shop: &Shop) {
    if !shop.is(DbBackend::Postgres) {
        return;
    }
    for (end, after) in [("ROLLBACK PREPARED 'two'", "red"), ("COMMIT PREPARED 'two'", "pink")] {
        warm!(shop, |db| tags().all(db).await);
        let tx = shop.db.begin().await.unwrap();
        rename(&tx, "pink").await;
        tx.execute_unprepared("PREPARE TRANSACTION 'two'").await.unwrap();
        // A warning at most: there is no transaction any more.
        tx.rollback().await.unwrap();
        assert_eq!(same!(shop, |db| tags().all(db).await).0[0].name, "red");
        shop.db.execute_unprepared(end).await.unwrap();
        assert_eq!(same!(shop, |db| tags().all(db).await).0[0].name, after);
        hit!(shop, |db| tags().all(db).await);
    }
}

/// A pool of one connection, on which every statement ends up in the transaction that was begun.
async fn s150_raw_transactions_of_text_on(server: Server) {
    let shop = server.shop_of(1).await;
    let ends: &[(&str, &str)] = match shop.is(DbBackend::MySql) {
        true => &[("ROLLBACK", "red"), ("COMMIT", "pink")],
        false => &[("ROLLBACK", "red"), ("COMMIT", "pink"), ("END", "pink")],
    };
    for (end, after) in ends {
        rename(&shop.db, "red").await;
        warm!(shop, |db| tags().all(db).await);
        shop.db.execute_unprepared("BEGIN").await.unwrap();
        rename(&shop.db, "pink").await;
        // This connection reads what is not committed, and may never be: nobody is to have it.
        let inside = tags().all(&shop.db).await.unwrap();
        assert!(["red", "pink"].contains(&&*inside[0].name));
        shop.db.execute_unprepared(end).await.unwrap();
        assert_eq!(same!(shop, |db| tags().all(db).await).0[0].name, *after, "{end}");
        // A transaction of the wrapper's own starts from nothing.
        let tx = shop.db.begin().await.unwrap();
        assert_eq!(name_inside(&tx).await, *after);
        rename(&tx, "teal").await;
        tx.commit().await.unwrap();
        assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "teal");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s150_raw_transactions_of_text_on_sqlite() {
    s150_raw_transactions_of_text_on(Server::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s150_raw_transactions_of_text_on_postgres() {
    s150_raw_transactions_of_text_on(Server::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s150_raw_transactions_of_text_on_mariadb() {
    s150_raw_transactions_of_text_on(Server::mariadb().await).await;
}

/// The same in two phases, which are statements of text in MariaDB. From then on the wrapper does not know
/// what state that connection is in, and keeps nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn s162_a_transaction_in_two_phases_of_text_on_mariadb() {
    let server = Server::mariadb().await;
    for (end, after) in [("XA ROLLBACK 'two'", "red"), ("XA COMMIT 'two'", "pink")] {
        let shop = server.shop_of(1).await;
        warm!(shop, |db| tags().all(db).await);
        shop.db.execute_unprepared("XA START 'two'").await.unwrap();
        rename(&shop.db, "pink").await;
        for sql in ["XA END 'two'", "XA PREPARE 'two'", end] {
            shop.db.execute_unprepared(sql).await.unwrap();
        }
        for _ in 0..2 {
            assert_eq!(same!(shop, |db| tags().all(db).await).0[0].name, after, "{end}");
        }
    }
}
