//! Commits, rollbacks, savepoints, and writes that commit by themselves.

use dogpile::{Coherence, Reason, minutes, secs};
use futures_util::StreamExt;
use sqlx::{AssertSqlSafe, Error, Executor};

use super::support::{App, Fixture, degraded, run, update, within};
use crate::support::on_each_database;

on_each_database! {
    a_commit_carries_its_invalidation_and_a_rollback_has_none
    a_savepoint_is_invalidated_with_the_transaction_around_it
    a_write_that_commits_by_itself_carries_its_invalidation
    errors_and_counts_are_those_of_the_pool_inside
    a_process_forgets_what_it_has_learnt_before_its_own_commit
    a_transaction_that_was_begun_by_text_is_left_alone
    a_write_whose_rows_nobody_waits_for_is_committed_and_invalidated
}

async fn a_commit_carries_its_invalidation_and_a_rollback_has_none<D: App>() {
    let fixture = Fixture::<D>::start().await;
    let Fixture { db, other, .. } = &fixture;
    fixture.is_true_for_all("at first").await;
    fixture.note_registers().await;
    let tokens = fixture.tokens().await;

    let mut tx = db.begin().await.unwrap();
    run(&mut tx, &update(1)).await.unwrap();
    tx.rollback().await.unwrap();
    let hits = other.region().stats().hits;
    assert_eq!(D::cached(other, 1).await, 0);
    assert_eq!(other.region().stats().hits, hits + 1, "a rollback has invalidated");
    assert_eq!(fixture.tokens().await, tokens);

    let mut tx = db.begin().await.unwrap();
    run(&mut tx, &update(1)).await.unwrap();
    assert_eq!(D::cached(other, 1).await, 0);
    assert_eq!(other.region().stats().hits, hits + 2, "invalidated before the commit");
    tx.commit().await.unwrap();
    assert_eq!(D::cached(other, 1).await, 1);
    assert!(fixture.tokens().await > tokens, "the transaction carries nothing");
    assert_eq!(fixture.written_registers().await, 0, "something was sent beside the transaction");
    fixture.is_true_for_all("after a commit").await;
    fixture.nothing_degraded();
}

async fn a_savepoint_is_invalidated_with_the_transaction_around_it<D: App>() {
    let fixture = Fixture::<D>::start().await;
    let Fixture { db, other, .. } = &fixture;
    fixture.is_true_for_all("at first").await;
    let mut tx = db.begin().await.unwrap();
    let mut savepoint = tx.begin().await.unwrap();
    run(&mut savepoint, &update(1)).await.unwrap();
    savepoint.commit().await.unwrap();
    let mut savepoint = tx.begin().await.unwrap();
    run(&mut savepoint, &update(2)).await.unwrap();
    savepoint.rollback().await.unwrap();
    assert_eq!((D::cached(other, 1).await, D::cached(other, 2).await), (0, 0));
    tx.commit().await.unwrap();
    assert_eq!((D::cached(other, 1).await, D::cached(other, 2).await), (1, 0));

    let mut tx = db.begin().await.unwrap();
    let mut savepoint = tx.begin().await.unwrap();
    run(&mut savepoint, &update(1)).await.unwrap();
    savepoint.commit().await.unwrap();
    tx.rollback().await.unwrap();
    fixture.is_true_for_all("after all").await;
    fixture.nothing_degraded();
}

async fn a_write_that_commits_by_itself_carries_its_invalidation<D: App>() {
    let fixture = Fixture::<D>::start().await;
    let Fixture { db, other, .. } = &fixture;
    fixture.is_true_for_all("at first").await;
    fixture.note_registers().await;
    let tokens = fixture.tokens().await;
    for version in 1..=3 {
        assert_eq!(D::write(db, 1).await.unwrap(), 1);
        assert_eq!(D::cached(other, 1).await, version);
    }
    let mut connection = db.acquire().await.unwrap();
    (&mut connection).execute(AssertSqlSafe(update(2))).await.unwrap();
    drop(connection);
    assert_eq!(D::cached(other, 2).await, 1);
    assert!(fixture.tokens().await >= tokens + 4);
    assert_eq!(fixture.written_registers().await, 0, "something was sent beside the transaction");
    fixture.is_true_for_all("after all").await;
    fixture.nothing_degraded();
}

fn code(error: &Error) -> String {
    let error = error.as_database_error().unwrap_or_else(|| panic!("{error}"));
    format!("{:?} {}", error.code(), error.message())
}

async fn errors_and_counts_are_those_of_the_pool_inside<D: App>() {
    let fixture = Fixture::<D>::start().await;
    let db = &fixture.db;
    assert_eq!(D::write(db, 1).await.unwrap(), 1);
    assert_eq!(D::write(db, 4711).await.unwrap(), 0);
    for wrong in [
        "INSERT INTO item VALUES (1, 7)",
        "INSERT INTO item VALUES (2000, 7), (1, 7)",
        "UPDATE item SET version = NULL WHERE id = 1",
        "UPDATE nothing SET version = 1",
        "DELETE FROM item WHERE",
    ] {
        let bare = fixture.database.told("SELECT 1", 1).await;
        let db_error = db.execute(AssertSqlSafe(wrong)).await.map(drop).unwrap_err();
        let plain = dogpile_sqlx::CachedPool::new(bare, plain_region());
        let bare_error = plain.execute(AssertSqlSafe(wrong)).await.map(drop).unwrap_err();
        assert_eq!(code(&db_error), code(&bare_error), "{wrong}");
    }
    // Every connection goes on working, outside of any transaction.
    for _ in 0..8 {
        assert_eq!(within("a write", D::write(db, 1)).await.unwrap(), 1);
    }
    assert_eq!(D::truth(&fixture.raw, 1).await, 9);
    assert_eq!(fixture.database.number("SELECT count(*) FROM item").await, 8);
    fixture.is_true_for_all("after errors").await;
    // What is not understood may be anything, and goes another way.
    let not_understood = degraded(db.region(), Reason::NOT_TRANSACTIONAL);
    assert_eq!((db.region().stats().degraded, not_understood), (1, 1));
}

fn plain_region() -> dogpile::Region {
    dogpile::Region::builder("plain").ttl(minutes(5)).build().unwrap()
}

async fn a_process_forgets_what_it_has_learnt_before_its_own_commit<D: App>() {
    let bounded = Coherence::Bounded(minutes(60));
    let fixture = Fixture::<D>::with(|region| region.local(1 << 20).coherence(bounded)).await;
    let db = &fixture.db;
    for version in 1..=3 {
        assert_eq!(D::cached(db, 1).await, version * 2 - 2);
        assert_eq!(D::cached(db, 1).await, version * 2 - 2);
        let mut tx = db.begin().await.unwrap();
        run(&mut tx, &update(1)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(D::cached(db, 1).await, version * 2 - 1, "its own transaction");
        D::write(db, 1).await.unwrap();
        assert_eq!(D::cached(db, 1).await, version * 2, "its own write");
    }
    fixture.nothing_degraded();
}

async fn a_transaction_that_was_begun_by_text_is_left_alone<D: App>() {
    // SQLite lets nobody else write meanwhile.
    let fixture = Fixture::<D>::with_limit(secs(1)).await;
    let Fixture { db, other, .. } = &fixture;
    fixture.is_true_for_all("at first").await;
    let mut connection = db.acquire().await.unwrap();
    for sql in ["BEGIN", &update(1), "ROLLBACK"] {
        (&mut connection).execute(AssertSqlSafe(sql)).await.unwrap();
    }
    assert_eq!(D::truth(&fixture.raw, 1).await, 0, "the write was committed for it");
    for sql in ["BEGIN", &update(1), "COMMIT"] {
        (&mut connection).execute(AssertSqlSafe(sql)).await.unwrap();
    }
    drop(connection);
    assert_eq!(D::cached(other, 1).await, 1);
    fixture.is_true_for_all("after all").await;
}

async fn a_write_whose_rows_nobody_waits_for_is_committed_and_invalidated<D: App>() {
    let fixture = Fixture::<D>::start().await;
    fixture.is_true_for_all("at first").await;
    let insert = "INSERT INTO item VALUES (20, 1), (21, 1), (22, 1) RETURNING id";
    let mut rows = fixture.db.fetch(insert);
    assert!(rows.next().await.unwrap().is_ok());
    drop(rows);
    let all = async { while fixture.database.number("SELECT count(*) FROM item").await < 11 {} };
    within("the write", all).await;
    // All connections can be had, and none is in a transaction that nobody ends.
    for id in 20..=22 {
        assert_eq!(within("a write", D::write(&fixture.db, id)).await.unwrap(), 1);
    }
    fixture.is_true_for_all("after all").await;
}
