//! Work on the connection itself: everything is invalidated, whatever becomes of it.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use sea_orm::{DbErr, QuerySelect, TransactionTrait};
use sea_orm_migration::MigratorTrait;

use crate::fixture::{Shop, hit, miss, on_every_server, same, warm};
use crate::transactions::{rename, tags};

mod migrations {
    use sea_orm_migration::prelude::*;

    pub(super) struct Migrator;

    impl MigratorTrait for Migrator {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(Paint)]
        }
    }

    struct Paint;

    impl MigrationName for Paint {
        fn name(&self) -> &str {
            "m1_paint"
        }
    }

    #[async_trait::async_trait]
    impl MigrationTrait for Paint {
        async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
            let db = schema.get_connection();
            db.execute_unprepared("UPDATE tag SET name = 'pink' WHERE id = 1").await?;
            let column = ColumnDef::new("paint").integer().not_null().default(7).to_owned();
            schema.alter_table(Table::alter().table("tag").add_column(column).to_owned()).await
        }
    }
}

on_every_server!(
    s091_migrations_are_seen,
    work_that_fails_is_seen,
    work_that_panics_is_seen,
    work_that_is_dropped_is_seen,
    a_region_that_believes_its_writes_until_their_ttl_sees_it_too,
    what_is_read_meanwhile_does_not_stay,
);

async fn s091_migrations_are_seen(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    shop.db.outside(async |inner| migrations::Migrator::up(inner, None).await).await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
    let paints =
        || tags().select_only().expr(sea_orm::sea_query::Expr::col("paint")).into_tuple::<i32>();
    assert_eq!(warm!(shop, |db| paints().all(db).await), [7, 7, 7]);
    assert_eq!(shop.db.writes_past(), 0, "what was meant to be there is no mistake");
}

async fn work_that_fails_is_seen(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let failed = shop.db.outside(async |inner| {
        rename(inner, "pink").await;
        Err::<(), _>(DbErr::Custom("no".into()))
    });
    failed.await.unwrap_err();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}

async fn work_that_panics_is_seen(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let work = shop.db.outside(async |inner| {
        rename(inner, "pink").await;
        panic!("the work")
    });
    AssertUnwindSafe(work).catch_unwind().await.map(|(): ()| ()).unwrap_err();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}

async fn work_that_is_dropped_is_seen(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let (done, is_done) = tokio::sync::oneshot::channel();
    let db = shop.db.clone();
    let work = db.outside(async move |inner| {
        rename(inner, "pink").await;
        done.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    tokio::select! {
        () = work => unreachable!("it never ends"),
        done = is_done => done.unwrap(),
    }
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}

async fn a_region_that_believes_its_writes_until_their_ttl_sees_it_too(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let careless = shop.db.without_invalidation();
    careless.outside(async |inner| rename(inner, "pink").await).await;
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}

async fn what_is_read_meanwhile_does_not_stay(shop: &Shop) {
    shop.db
        .outside(async |inner| {
            let tx = inner.begin().await.unwrap();
            rename(&tx, "pink").await;
            assert_eq!(same!(shop, |db| tags().all(db).await).0[0].name, "red");
            tx.commit().await.unwrap();
        })
        .await;
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
    hit!(shop, |db| tags().all(db).await);
}
