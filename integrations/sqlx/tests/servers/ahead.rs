//! Rows that were read ahead, for callers that map rows themselves.

use std::str::FromStr;

use dogpile_sqlx::QueryCacheExt;
use dogpile_tests::services;
use futures_util::future::join_all;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{MySql, MySqlPool, PgPool, Postgres, Row};

use crate::support::{hits, pool, script};

const SCHEMA: &str = "
    CREATE TABLE cake (id INT PRIMARY KEY, name VARCHAR(20));
    INSERT INTO cake VALUES (1, 'one'), (2, NULL), (3, 'three')";
const READ: &str = "SELECT id, name FROM cake ORDER BY id";
const WRITE: &str = "UPDATE cake SET name = 'two' WHERE id = 2";
const READERS: usize = 100;

/// Many read, one after the other and at once: all have all rows, before a write and after it.
macro_rules! everybody_has_all_rows {
    ($name:ident, $db:ident, $server:ident, $plain:ident, $options:ident) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let server = services::$server::start().await.unwrap();
            let url = server.create_database().await.unwrap();
            script(&$plain::connect(&url).await.unwrap(), SCHEMA).await;
            let db = pool::<$db>($options::from_str(&url).unwrap(), 4).await;
            let read = async || {
                let rows = sqlx::query(READ).cached().fetch_all_rows(&db).await.unwrap();
                let cells = rows.iter().map(|row| (row.get(0), row.get(1)));
                cells.collect::<Vec<(i32, Option<String>)>>()
            };
            let named = |name: &str| Some(name.to_owned());
            for second in [None, named("two")] {
                let expected = [(1, named("one")), (2, second), (3, named("three"))];
                for _ in 0..READERS {
                    assert_eq!(read().await, expected);
                }
                for rows in join_all((0..READERS).map(|_| read())).await {
                    assert_eq!(rows, expected);
                }
                sqlx::query(WRITE).execute(&db).await.unwrap();
            }
            assert!(hits(&db) > 0, "nothing came from the cache");
        }
    };
}

everybody_has_all_rows!(on_postgres, Postgres, Postgres, PgPool, PgConnectOptions);
everybody_has_all_rows!(on_mariadb, MySql, MariaDb, MySqlPool, MySqlConnectOptions);
