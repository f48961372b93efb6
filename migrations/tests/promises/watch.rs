//! Watched tables.

use dogpile_migrations::{Error, Migrations};
use sqlx::Pool;

use crate::ours;
use crate::server::Server;

async fn noted<S: Server>(pool: &Pool<S::Db>) -> i64 {
    let noted = S::count(pool, "select count(*) from p_log where table_name = 'cake'").await;
    S::run(pool, "delete from p_log").await;
    noted
}

pub(crate) async fn a_watched_table_notes_what_is_committed<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    ours().up(&pool).await.unwrap();
    S::run(&pool, "create table cake (id int primary key); create table pie (id int)").await;
    for _ in 0..2 {
        ours().watch(&pool, "cake").await.unwrap();
        assert_eq!(noted::<S>(&pool).await, 1, "what was read before may be old");
        let names = ours().watched(&pool).await.unwrap();
        assert_eq!(names.iter().map(|table| table.table.as_str()).collect::<Vec<_>>(), ["cake"]);
        let none = Migrations::new().prefix("p_l").watched(&pool).await.unwrap();
        assert!(none.is_empty(), "those of another place: {none:?}");
    }
    for write in [
        "insert into cake values (1)",
        "update cake set id = 2",
        "delete from cake",
        "begin; insert into cake values (3); commit",
    ] {
        S::run(&pool, write).await;
        assert_eq!(noted::<S>(&pool).await, 1, "{write}");
    }
    for other in ["insert into pie values (1)", "begin; insert into cake values (4); rollback"] {
        S::run(&pool, other).await;
        assert_eq!(noted::<S>(&pool).await, 0, "{other}");
    }
    for _ in 0..2 {
        ours().unwatch(&pool, "cake").await.unwrap();
        S::run(&pool, "update cake set id = 5").await;
        assert_eq!(noted::<S>(&pool).await, 0, "it is watched no more");
        assert!(ours().watched(&pool).await.unwrap().is_empty());
    }
}

pub(crate) async fn down_leaves_no_trigger_behind<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    ours().up(&pool).await.unwrap();
    S::run(&pool, "create table cake (id int primary key)").await;
    ours().watch(&pool, "cake").await.unwrap();
    ours().down(&pool).await.unwrap();
    assert_eq!(S::tables(&pool).await, 0);
    S::run(&pool, "insert into cake values (1)").await;
}

/// Its triggers go with a table that is renamed, under the name that it had.
pub(crate) async fn a_table_that_was_renamed_is_watched_again_and_unwatched<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    ours().up(&pool).await.unwrap();
    S::run(&pool, "create table tart (id int primary key)").await;
    ours().watch(&pool, "tart").await.unwrap();
    S::run(&pool, "alter table tart rename to cake").await;
    ours().watch(&pool, "cake").await.unwrap();
    noted::<S>(&pool).await;
    S::run(&pool, "insert into cake values (1)").await;
    assert_eq!(noted::<S>(&pool).await, 1);
    ours().unwatch(&pool, "cake").await.unwrap();
    assert!(ours().watched(&pool).await.unwrap().is_empty());
    S::run(&pool, "insert into cake values (2)").await;
    assert_eq!(S::count(&pool, "select count(*) from p_log where table_name = 'cake'").await, 0);
    ours().down(&pool).await.unwrap();
    S::run(&pool, "insert into cake values (3)").await;
}

pub(crate) async fn only_a_table_that_is_there_is_watched<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    let error = ours().watch(&pool, "cake").await.unwrap_err();
    assert!(matches!(error, Error::NotReady { .. }), "{error}");
    ours().up(&pool).await.unwrap();
    let error = ours().watch(&pool, "cake").await.unwrap_err();
    assert!(matches!(error, Error::Database { .. }), "{error}");
    assert!(ours().watched(&pool).await.unwrap().is_empty());
}
