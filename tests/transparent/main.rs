//! Transparent mode: an application written for plain sqlx runs unchanged, cached and direct, with
//! equal answers.
//!
//! `application.rs` names no type of dogpile. It is compiled for each driver twice, against the pool
//! of sqlx and against a [`CachedPool`](dogpile_sqlx::CachedPool), and what it says is compared. The
//! driver's own log proves that the second time nobody asks the database.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod edges;
mod subject;

/// The application on one driver, direct and cached, and its test.
macro_rules! driver {
    ($name:ident, $driver:ident, $test:ident) => {
        mod $name {
            mod direct {
                pub(crate) use crate::subject::$name::sql;
                pub(crate) type Driver = sqlx::$driver;
                pub(crate) type Db = sqlx::Pool<Driver>;

                pub(crate) mod application {
                    include!("application.rs");
                }
            }

            mod cached {
                pub(crate) use crate::subject::$name::sql;
                pub(crate) type Driver = sqlx::$driver;
                pub(crate) type Db = dogpile_sqlx::CachedPool<Driver>;

                pub(crate) mod application {
                    include!("application.rs");
                }
            }

            #[tokio::test]
            async fn $test() {
                let subject = crate::subject::$name::Subject::open().await;
                let wanted = direct::application::run(&subject.plain).await;
                assert!(wanted.len() > 100, "the application says little: {wanted:?}");
                for db in subject.cached() {
                    assert_eq!(cached::application::run(&db).await, wanted);
                    let said = cached::application::read(&db).await;
                    subject.statements.reset();
                    assert_eq!(cached::application::read(&db).await, said);
                    assert_eq!(subject.statements.matching(""), [""; 0], "all were hits");
                }
            }
        }
    };
}

driver!(sqlite, Sqlite, an_application_for_plain_sqlx_is_served_unchanged_on_sqlite);
driver!(postgres, Postgres, an_application_for_plain_sqlx_is_served_unchanged_on_postgres);
driver!(mariadb, MySql, an_application_for_plain_sqlx_is_served_unchanged_on_mariadb);
