//! Scenario 197: the tables of the cache are beside those of the application, and a transaction of
//! the application is rolled back. What the cache wrote meanwhile was written on a connection of its
//! own, and stays; what the transaction would have invalidated is as good as ever.

use std::sync::Arc;

use dogpile::secs;
use dogpile_sql_store::SqlStore;
use dogpile_sqlx::CachedPool;

use super::Failed;
use crate::support::{self, Service, balanced, no_hang, run, until};

/// The test on one database. `$meanwhile` says whether others can write while a transaction has
/// written: in a file of SQLite nobody can.
macro_rules! rolled_back {
    ($test:ident, $tables:ty, $store:ident, $meanwhile:expr) => {
        #[test]
        fn $test() {
            run(async {
                let tables = <$tables as Service>::start().await;
                let pool = tables.application().await;
                let store = SqlStore::$store(pool.clone()).acquire_timeout(secs(20)).open();
                let region = support::region(Arc::new(store.unwrap())).build().unwrap();
                let db = CachedPool::new(pool, region.clone());
                let cakes = "CREATE TABLE cake (id BIGINT PRIMARY KEY, price BIGINT NOT NULL)";
                sqlx::raw_sql(cakes).execute(&db).await.unwrap();
                sqlx::raw_sql("INSERT INTO cake VALUES (1, 3)").execute(&db).await.unwrap();
                let price = async || {
                    let query = async || {
                        let price = sqlx::query_scalar("SELECT price FROM cake");
                        Ok::<i64, Failed>(price.fetch_one(db.inner()).await?)
                    };
                    let tags = db.tags_of(["cake"]);
                    let price = region.entry("price").tags(&tags).get_or_create(query).await;
                    assert_eq!(*price.unwrap(), 3);
                };
                let page = async || {
                    let before = balanced(&region).hits;
                    let render = async || Ok::<_, dogpile::Error>(String::from("a page"));
                    let read = region.entry("page").tag("pages").get_or_create(render);
                    assert_eq!(*no_hang(read).await.unwrap(), "a page");
                    balanced(&region).hits > before
                };
                price().await;
                price().await;
                assert_eq!(balanced(&region).hits, 1);

                let mut transaction = db.begin().await.unwrap();
                let write = sqlx::query("UPDATE cake SET price = 4").execute(&mut *transaction);
                write.await.unwrap();
                assert!(!page().await);
                assert_eq!(page().await, $meanwhile, "{:#}", region.stats());
                transaction.rollback().await.unwrap();

                // Where nobody could write, the region may have given up for a moment.
                until("hits come back", async || $meanwhile || page().await).await;
                assert!(page().await, "a page that was stored was rolled back");
                let before = balanced(&region).hits;
                price().await;
                assert_eq!(balanced(&region).hits, before + 1, "{:#}", region.stats());

                // The same write, committed.
                let mut transaction = db.begin().await.unwrap();
                let write = sqlx::query("UPDATE cake SET price = price").execute(&mut *transaction);
                write.await.unwrap();
                transaction.commit().await.unwrap();
                let before = balanced(&region).misses;
                price().await;
                assert_eq!(balanced(&region).misses, before + 1, "{:#}", region.stats());
            });
        }
    };
}

rolled_back!(
    s197_tables_beside_those_of_a_transaction_that_is_rolled_back_on_postgres,
    support::PostgresTables,
    postgres,
    true
);
rolled_back!(
    s197_tables_beside_those_of_a_transaction_that_is_rolled_back_on_mariadb,
    support::MariaDbTables,
    mysql,
    true
);
rolled_back!(
    s197_tables_beside_those_of_a_transaction_that_is_rolled_back_on_sqlite,
    support::SqliteTables,
    sqlite,
    false
);
