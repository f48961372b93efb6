//! Writes whose outcome their caller does not learn.

use std::net::SocketAddr;

use dogpile_sqlx::CachedPool;
use dogpile_tests::services::Proxy;
use futures_util::future::poll_immediate;
use sqlx::PgPool;

use super::support::{App, Fixture, region, run, update, within};
use crate::support::{Database, PostgresDatabase, on_each_database};

on_each_database! {
    i6_a_write_dropped_at_any_poll_leaves_a_cache_that_is_true
    i6_a_transaction_dropped_at_any_poll_leaves_a_cache_that_is_true
}

/// Polls a future so many times, and drops it; whether it was done.
async fn cut<F: Future>(polls: usize, future: F) -> bool {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        if poll_immediate(future.as_mut()).await.is_some() {
            return true;
        }
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_micros(300)).await;
    }
    false
}

/// What may still be running has ended when all connections can be had.
async fn settled<D: App>(fixture: &Fixture<D>) {
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(within("a connection", fixture.db.acquire()).await.unwrap());
    }
}

async fn i6_a_write_dropped_at_any_poll_leaves_a_cache_that_is_true<D: App>() {
    let fixture = Fixture::<D>::start().await;
    let mut was_done = false;
    for polls in 0..60 {
        fixture.is_true_for_all("before").await;
        let done = cut(polls, D::write(&fixture.db, 1)).await;
        settled(&fixture).await;
        fixture.is_true_for_all(&format!("dropped after {polls} polls")).await;
        assert_eq!(within("the next write", D::write(&fixture.db, 2)).await.unwrap(), 1);
        if done {
            was_done = true;
            break;
        }
    }
    assert!(was_done, "a write takes more polls than were tried");
    fixture.is_true_for_all("after all").await;
}

async fn i6_a_transaction_dropped_at_any_poll_leaves_a_cache_that_is_true<D: App>() {
    let fixture = Fixture::<D>::start().await;
    let mut was_done = false;
    for polls in 0..60 {
        fixture.is_true_for_all("before").await;
        let mut tx = within("begin", fixture.db.begin()).await.unwrap();
        run(&mut tx, &update(1)).await.unwrap();
        let done = cut(polls, tx.commit()).await;
        settled(&fixture).await;
        fixture.is_true_for_all(&format!("dropped after {polls} polls")).await;
        assert_eq!(within("the next write", D::write(&fixture.db, 2)).await.unwrap(), 1);
        if done {
            was_done = true;
            break;
        }
    }
    assert!(was_done, "a COMMIT takes more polls than were tried");
    fixture.is_true_for_all("after all").await;
}

/// A COMMIT that takes its time, and a connection that is cut meanwhile: the server commits, and
/// nobody is left who could invalidate anything.
#[tokio::test(flavor = "multi_thread")]
async fn i1_a_commit_whose_answer_is_lost_is_invalidated_when_it_takes_effect() {
    type D = PostgresDatabase;
    let fixture = Fixture::<D>::start().await;
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
                $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$; \
                CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON item DEFERRABLE INITIALLY DEFERRED \
                FOR EACH ROW EXECUTE FUNCTION slow()";
    fixture.database.run(slow).await;
    let url = fixture.database.url();
    let (before, rest) = url.split_once("@").unwrap();
    let (address, database) = rest.split_once('/').unwrap();
    for by_itself in [false, true] {
        let proxy = Proxy::start(address.parse::<SocketAddr>().unwrap()).unwrap();
        let through = format!("{before}@{}/{database}", proxy.address());
        let pool = PgPool::connect(&through).await.unwrap();
        let db = CachedPool::new(pool, region(&fixture.database).build().unwrap());
        fixture.is_true_for_all("before").await;
        let version = D::truth(&fixture.raw, 1).await;
        let writing = tokio::spawn({
            let db = db.clone();
            async move {
                if by_itself {
                    return D::write(&db, 1).await.map(drop);
                }
                let mut tx = db.begin().await?;
                run(&mut tx, &update(1)).await?;
                tx.commit().await
            }
        });
        let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        within("the COMMIT", async { while fixture.database.number(sleeps).await == 0 {} }).await;
        proxy.cut_all().unwrap();
        // As a process that dies: what it would do later it never does.
        writing.abort();
        let _ = writing.await;
        within("the commit", async {
            loop {
                let seen = D::truth(&fixture.raw, 1).await;
                assert!(D::cached(&fixture.other, 1).await >= seen, "older than what is committed");
                if seen > version {
                    break;
                }
            }
        })
        .await;
        fixture.is_true_for_all("after the commit").await;
    }
}
