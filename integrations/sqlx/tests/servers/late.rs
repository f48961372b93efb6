//! MariaDB: answers that come when nobody waits for them any more must not be taken for others.

use std::str::FromStr;
use std::time::Duration;

use dogpile::{Region, minutes};
use dogpile_sqlx::{CachedConnection, CachedPool, QueryCacheExt};
use dogpile_tests::services::{Faults, MariaDb, Proxy};
use sqlx::MySql;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use tokio::time::timeout;

use crate::support::{run, script};

const SCHEMA: &str = "
    CREATE TABLE event (id INT PRIMARY KEY, kind INT NOT NULL);
    INSERT INTO event VALUES (1, 1), (2, 2)";

/// Longer than the catalog is waited for.
const LATE: Duration = Duration::from_millis(1_300);
/// Longer than the server is.
const VERY_LATE: Duration = Duration::from_millis(5_300);

struct Live {
    _server: MariaDb,
    proxy: Proxy,
    db: CachedPool<MySql>,
}

impl Live {
    async fn start() -> Self {
        let server = MariaDb::start().await.unwrap();
        let url = server.create_database().await.unwrap();
        script(&sqlx::MySqlPool::connect(&url).await.unwrap(), SCHEMA).await;
        let proxy = Proxy::start(server.address()).unwrap();
        let options = MySqlConnectOptions::from_str(&url).unwrap();
        let options = options.host("127.0.0.1").port(proxy.address().port());
        let one = MySqlPoolOptions::new().max_connections(1).test_before_acquire(false);
        let pool = one.connect_with(options).await.unwrap();
        let region = Region::builder("late").ttl(minutes(5)).build().unwrap();
        Self { _server: server, proxy, db: CachedPool::new(pool, region) }
    }

    fn answers_after(&self, reply_delay: Duration) {
        self.proxy.set(Faults { reply_delay, ..Faults::default() }).unwrap();
    }

    fn answers_at_once(&self) {
        self.proxy.clear().unwrap();
    }

    /// A connection on which a statement was given up while the server prepared it.
    async fn with_one_given_up(&self, connection: &mut CachedConnection<MySql>) {
        self.answers_after(LATE);
        let kind = sqlx::query_scalar::<_, i32>("SELECT kind FROM event WHERE id = ?").bind(1);
        timeout(Duration::from_millis(100), kind.fetch_one(connection)).await.unwrap_err();
        self.answers_at_once();
    }

    /// A connection that is taken while answers are late has every statement its own answer, and so has
    /// the pool after it.
    async fn is_in_step_after(&self, delay: Duration) {
        self.answers_after(delay);
        let mut connection = self.db.acquire().await.unwrap();
        self.answers_at_once();
        in_step(&mut connection).await;
        drop(connection);
        self.is_well().await;
    }

    /// The pool gives a connection on which every statement has its own answer.
    async fn is_well(&self) {
        in_step(&mut self.db.acquire().await.unwrap()).await;
        let kind = || sqlx::query_scalar::<_, i32>("SELECT kind FROM event WHERE id = 1").cached();
        for _ in 0..2 {
            assert_eq!(kind().fetch_one(&self.db).await.unwrap(), 1);
        }
    }
}

/// Every statement has its own answer.
async fn in_step(connection: &mut CachedConnection<MySql>) {
    for (sql, expected) in [("SELECT 1", 1), ("SELECT 2", 2), ("SELECT 3 FROM event", 3)] {
        let answer = sqlx::query_scalar::<_, i32>(sql).fetch_one(&mut *connection);
        let answer = timeout(Duration::from_secs(30), answer).await.expect("an answer");
        assert_eq!(answer.unwrap(), expected, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_of_the_catalog_is_taken_for_no_other() {
    let live = Live::start().await;
    // What the write needs to know is asked on the next connection.
    sqlx::query("UPDATE event SET kind = 1 WHERE id = 1").execute(&live.db).await.unwrap();
    live.is_in_step_after(LATE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_of_the_server_is_taken_for_no_other() {
    let live = Live::start().await;
    live.is_in_step_after(VERY_LATE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_away_while_the_server_is_asked_leaves_no_answer_behind() {
    let live = Live::start().await;
    live.answers_after(LATE);
    timeout(Duration::from_millis(100), live.db.acquire()).await.unwrap_err();
    live.answers_at_once();
    live.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_given_up_while_it_is_prepared_costs_its_connection_and_nothing_else() {
    let live = Live::start().await;
    live.is_well().await;
    let mut connection = live.db.acquire().await.unwrap();
    live.with_one_given_up(&mut connection).await;
    let next = sqlx::query_scalar::<_, i32>("SELECT 7").cached().fetch_one(&mut connection);
    let next = timeout(Duration::from_secs(30), next).await.expect("an answer");
    assert!(matches!(next, Ok(7) | Err(sqlx::Error::Protocol(_))), "{next:?}");
    drop(connection);
    live.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_statement_was_given_up_commits_nothing_and_holds_no_lock() {
    let live = Live::start().await;
    live.is_well().await;
    let mut transaction = live.db.begin().await.unwrap();
    run(&mut transaction, "UPDATE event SET kind = 9 WHERE id = 1").await;
    live.with_one_given_up(&mut transaction).await;
    let ended = timeout(Duration::from_secs(30), transaction.commit()).await.expect("an end");
    assert!(matches!(ended, Err(sqlx::Error::Protocol(_))), "{ended:?}");
    let write = sqlx::query("UPDATE event SET kind = kind WHERE id = 1").execute(&live.db);
    timeout(Duration::from_secs(30), write).await.expect("no lock").unwrap();
    live.is_well().await;
}
