//! Every future of a transaction, dropped at every poll: afterwards all connections are fit for use, in
//! no transaction, and nothing stale is served (I6, I16).

use sea_orm::{DbBackend, DbErr, TransactionTrait};

use crate::fixture::{Cut, Server, Shop, at_every_poll, on_every_server, same, within};
use crate::transactions::{name_inside, rename, tags};

on_every_server!(
    i6_a_begin_dropped_at_every_poll,
    i6_a_statement_dropped_at_every_poll_before_a_commit,
    i6_a_statement_dropped_at_every_poll_before_a_rollback,
    i6_a_read_dropped_at_every_poll,
    i6_a_commit_dropped_at_every_poll,
    i6_a_rollback_dropped_at_every_poll,
    i6_a_savepoint_begin_dropped_at_every_poll,
    i6_a_savepoint_commit_dropped_at_every_poll,
    i6_a_savepoint_rollback_dropped_at_every_poll,
    i6_a_write_dropped_at_every_poll,
);

/// Drops what `case` cuts at every poll, and looks at what is left each time.
#[expect(clippy::future_not_send, reason = "it is awaited where it is made")]
async fn at_every_poll_of(shop: &Shop, case: impl AsyncFn(&Shop, Cut) -> bool) {
    at_every_poll(async |cut| {
        same!(shop, |db| tags().all(db).await);
        let done = within("the case", case(shop, cut)).await;
        within("what comes after", is_whole(shop)).await;
        done
    })
    .await;
}

/// All connections that there may be can be had at once; each begins a transaction of its own, sees what
/// is committed, and its rollback takes back nothing of others.
async fn is_whole(shop: &Shop) {
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(shop.db.begin().await.unwrap());
    }
    let truth = tags().all(&shop.truth).await.unwrap().remove(0).name;
    for tx in &all {
        assert_eq!(name_inside(tx).await, truth, "a transaction was left open");
    }
    for tx in all {
        tx.rollback().await.unwrap();
    }
    // The server has answered everything by now.
    same!(shop, |db| tags().all(db).await);
    rename(&shop.db, "red").await;
    assert_eq!(same!(shop, |db| tags().all(db).await).0[0].name, "red");
}

/// Whether the transaction goes on after a statement that was dropped. MySQL's driver loses its step while
/// a statement is prepared: the connection is closed then, and what is next in the transaction says so.
fn goes_on(shop: &Shop, next: Result<(), DbErr>) -> bool {
    match next {
        Err(_) if shop.is(DbBackend::MySql) => false,
        next => next.map(|()| true).unwrap(),
    }
}

/// A server may have taken a savepoint away by the time that it is told to: the transaction around it is
/// lost then.
fn keeps_what_is_around(shop: &Shop) -> bool {
    shop.is(DbBackend::Sqlite)
}

async fn i6_a_begin_dropped_at_every_poll(shop: &Shop) {
    at_every_poll_of(shop, async |shop, cut| cut.run(shop.db.begin()).await.is_some()).await;
}

async fn i6_a_statement_dropped_at_every_poll_before_a_commit(shop: &Shop) {
    at_every_poll_of(shop, async |shop, cut| {
        let tx = shop.db.begin().await.unwrap();
        let done = cut.run(rename(&tx, "pink")).await;
        goes_on(shop, tx.commit().await);
        done.is_some()
    })
    .await;
}

async fn i6_a_statement_dropped_at_every_poll_before_a_rollback(shop: &Shop) {
    at_every_poll_of(shop, async |shop, cut| {
        let tx = shop.db.begin().await.unwrap();
        let done = cut.run(rename(&tx, "pink")).await;
        goes_on(shop, tx.rollback().await);
        assert_eq!(tags().all(&shop.truth).await.unwrap()[0].name, "red");
        done.is_some()
    })
    .await;
}

async fn i6_a_read_dropped_at_every_poll(shop: &Shop) {
    at_every_poll_of(shop, async |shop, cut| {
        let tx = shop.db.begin().await.unwrap();
        let done = cut.run(name_inside(&tx)).await;
        if goes_on(shop, tags().all(&tx).await.map(drop)) {
            assert_eq!(name_inside(&tx).await, "red");
            tx.commit().await.unwrap();
        }
        done.is_some()
    })
    .await;
}

async fn i6_a_commit_dropped_at_every_poll(shop: &Shop) {
    at_every_poll_of(shop, async |shop, cut| {
        let tx = shop.db.begin().await.unwrap();
        rename(&tx, "pink").await;
        cut.run(tx.commit()).await.is_some()
    })
    .await;
}

async fn i6_a_rollback_dropped_at_every_poll(shop: &Shop) {
    at_every_poll_of(shop, async |shop, cut| {
        let tx = shop.db.begin().await.unwrap();
        rename(&tx, "pink").await;
        let done = cut.run(tx.rollback()).await;
        assert_eq!(tags().all(&shop.truth).await.unwrap()[0].name, "red");
        done.is_some()
    })
    .await;
}

/// The transaction around what is cut goes on, and has its own write when it commits.
async fn around(
    shop: &Shop,
    work: impl AsyncFn(&dogpile_sea_orm::CachedTransaction) -> bool,
) -> bool {
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "pink").await;
    let done = work(&tx).await;
    let inside = name_inside(&tx).await;
    tx.commit().await.unwrap();
    assert_eq!(tags().all(&shop.truth).await.unwrap()[0].name, inside);
    done
}

async fn i6_a_savepoint_begin_dropped_at_every_poll(shop: &Shop) {
    if !keeps_what_is_around(shop) {
        return;
    }
    at_every_poll_of(shop, async |shop, cut| {
        around(shop, async |tx| {
            let done = cut.run(tx.begin()).await.is_some();
            assert_eq!(name_inside(tx).await, "pink", "more was undone than the savepoint");
            done
        })
        .await
    })
    .await;
}

async fn i6_a_savepoint_commit_dropped_at_every_poll(shop: &Shop) {
    if !keeps_what_is_around(shop) {
        return;
    }
    at_every_poll_of(shop, async |shop, cut| {
        around(shop, async |tx| {
            let savepoint = tx.begin().await.unwrap();
            rename(&savepoint, "teal").await;
            cut.run(savepoint.commit()).await.is_some()
        })
        .await
    })
    .await;
}

async fn i6_a_savepoint_rollback_dropped_at_every_poll(shop: &Shop) {
    if !keeps_what_is_around(shop) {
        return;
    }
    at_every_poll_of(shop, async |shop, cut| {
        around(shop, async |tx| {
            let savepoint = tx.begin().await.unwrap();
            rename(&savepoint, "teal").await;
            let done = cut.run(savepoint.rollback()).await.is_some();
            assert_eq!(name_inside(tx).await, "pink");
            done
        })
        .await
    })
    .await;
}

async fn i6_a_write_dropped_at_every_poll(shop: &Shop) {
    at_every_poll_of(shop, async |shop, cut| cut.run(rename(&shop.db, "pink")).await.is_some())
        .await;
}

/// The same with one connection, which everything has to wait for.
#[tokio::test(flavor = "multi_thread")]
async fn i6_a_commit_dropped_at_every_poll_on_a_pool_of_one() {
    let shop = Server::Sqlite.shop_of(1).await;
    at_every_poll(async |cut| {
        let tx = shop.db.begin().await.unwrap();
        rename(&tx, "pink").await;
        let done = cut.run(tx.commit()).await.is_some();
        let next = within("the next transaction", shop.db.begin()).await.unwrap();
        let truth = tags().all(&shop.truth).await.unwrap().remove(0).name;
        assert_eq!(name_inside(&next).await, truth);
        next.rollback().await.unwrap();
        same!(shop, |db| tags().all(db).await);
        rename(&shop.db, "red").await;
        done
    })
    .await;
}
