//! Hearing of what others invalidate.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dogpile::backend::{BackendExt, Listener, Listening, Stamp, TagVersion, Writer};
use dogpile::{Backend, Coherence, Region, hours, millis, minutes, secs};
use dogpile_migrations::Migrations;
use dogpile_sql_store::{SqlStore, SqlStoreBuilder};
use dogpile_tests::services::Proxy;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Executor as _};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::support::{Database, PostgresDatabase, patient};

#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Begins,
    Moved(String),
    Lost,
}
use Heard::{Begins, Lost};

fn moved(register: &str) -> Heard {
    Heard::Moved(register.to_owned())
}

#[derive(Debug)]
struct Passing(mpsc::UnboundedSender<Heard>);

impl Listener for Passing {
    fn begins(&self) {
        let _ = self.0.send(Begins);
    }

    fn moved(&self, register: &str) {
        let _ = self.0.send(moved(register));
    }

    fn lost(&self) {
        let _ = self.0.send(Lost);
    }
}

struct Ears {
    heard: mpsc::UnboundedReceiver<Heard>,
    _listening: Box<dyn Listening>,
}

impl Ears {
    fn opened(store: &SqlStore) -> Self {
        let (sender, heard) = mpsc::unbounded_channel();
        let listening = store.listen(Arc::new(Passing(sender))).unwrap();
        Self { heard, _listening: listening }
    }

    /// Listens, and has begun.
    async fn of(store: &SqlStore) -> Self {
        let mut ears = Self::opened(store);
        assert_eq!(ears.next().await, Begins);
        ears
    }

    /// What is told next; within a time that is only too long if nothing comes.
    async fn next(&mut self) -> Heard {
        timeout(secs(60), self.heard.recv()).await.expect("nothing is heard").unwrap()
    }

    async fn lost_and_begins(&mut self) {
        assert_eq!(self.next().await, Lost);
        assert_eq!(self.next().await, Begins);
    }

    fn nothing(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }
}

fn pushing(url: &str) -> SqlStoreBuilder {
    patient(url).push(true)
}

/// Another process, as it were.
async fn store(database: &PostgresDatabase) -> SqlStore {
    pushing(&database.url()).connect().await.unwrap()
}

async fn pair() -> (PostgresDatabase, SqlStore, Ears) {
    let database = PostgresDatabase::start().await;
    let writer = store(&database).await;
    let ears = Ears::of(&store(&database).await).await;
    (database, writer, ears)
}

fn stamp(register: &str) -> Stamp<'_> {
    Stamp { register, version: TagVersion::random() }
}

async fn bump(store: &SqlStore, register: &str) {
    store.bump(&[stamp(register)], hours(1)).await.unwrap();
}

/// Waits, with calls, until a bump is acknowledged.
async fn bump_in_the_end(store: &SqlStore, register: &str) {
    while store.bump(&[stamp(register)], hours(1)).await.is_err() {
        sleep(millis(20)).await;
    }
}

const LISTENING: &str = "FROM pg_stat_activity WHERE application_name = 'dogpile listen'";

async fn listening(database: &PostgresDatabase) -> i64 {
    database.number(&format!("SELECT count(*) {LISTENING}")).await
}

/// The process that serves the listening connection; 0 where there is none.
async fn listener(database: &PostgresDatabase) -> i64 {
    database.number(&format!("SELECT coalesce(max(pid), 0)::int8 {LISTENING}")).await
}

async fn told_by_hand(database: &PostgresDatabase, payload: &str) {
    let channel = "'dogpile_' || to_regclass('dogpile_register')::oid::text";
    database.run(&format!("SELECT pg_notify({channel}, {payload})")).await;
}

#[tokio::test]
async fn bumps_and_taints_are_heard_of_and_nothing_else_is() {
    let (_database, writer, mut ears) = pair().await;
    let taints = writer.taints().unwrap();
    let by = Writer::random();
    writer.create(&[stamp("created")], hours(1)).await.unwrap();
    writer.bump(&[stamp("a"), stamp("b b"), stamp("é,'\"\0")], hours(1)).await.unwrap();
    for name in ["a", "b b", "é,'\"\0"] {
        assert_eq!(ears.next().await, moved(name));
    }
    taints.place(&[stamp("a"), stamp("d")], by, hours(1)).await.unwrap();
    taints.renew(&["a", "d"], by, hours(2)).await.unwrap();
    writer.store(&[], &["a"], hours(1)).await.unwrap();
    writer.put("k", "v", hours(1)).await.unwrap();
    writer.bump(&[], hours(1)).await.unwrap();
    taints.lift(&[stamp("d"), stamp("a"), stamp("e")], by, hours(1)).await.unwrap();
    for name in ["a", "d", "d", "a", "e"] {
        assert_eq!(ears.next().await, moved(name));
    }
    writer.sweep().await.unwrap();
    bump(&writer, "last").await;
    assert_eq!(ears.next().await, moved("last"));
    assert!(ears.nothing());
}

#[tokio::test]
async fn however_many_and_long_the_names_are_all_are_told() {
    let (_database, writer, mut ears) = pair().await;
    // Of 12 and of 62 bytes there are just too many for one payload, of 9 it is full to the last byte.
    for length in [9, 12, 62, 255] {
        let names: Vec<_> = (0..2_000).map(|n| format!("{n:0>length$}")).collect();
        let stamps: Vec<_> = names.iter().map(|name| stamp(name)).collect();
        writer.bump(&stamps, hours(1)).await.unwrap();
        let mut expected = names.clone();
        expected.sort();
        for name in &expected {
            assert_eq!(ears.next().await, moved(name));
        }
    }
    assert!(ears.nothing());
}

/// Whoever hears of a bump reads its version, or a later one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_hears_of_a_bump_reads_its_version() {
    let database = PostgresDatabase::start().await;
    let (reader, writer) = (store(&database).await, store(&database).await);
    let mut ears = Ears::of(&reader).await;
    let bumping = tokio::spawn(async move {
        for n in 0..300 {
            let register = &format!("r{n}");
            writer.bump(&[Stamp { register, version: TagVersion(n) }], hours(1)).await.unwrap();
        }
    });
    for n in 0..300 {
        let register = &format!("r{n}");
        assert_eq!(ears.next().await, moved(register));
        assert_eq!(reader.version(register).await.unwrap(), Some(TagVersion(n)));
    }
    bumping.await.unwrap();
}

/// What is acknowledged once it has begun is told: whoever begins leaves no gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_acknowledged_behind_the_begin_is_told() {
    let database = PostgresDatabase::start().await;
    let writer = store(&database).await;
    for n in 0..10 {
        let mut ears = Ears::opened(&store(&database).await);
        let mut heard = Vec::new();
        for step in 0.. {
            let begun = heard.contains(&Begins);
            let register = format!("{n}:{step}");
            bump(&writer, &register).await;
            if begun {
                while heard.last() != Some(&moved(&register)) {
                    heard.push(ears.next().await);
                }
                break;
            }
            while let Ok(told) = ears.heard.try_recv() {
                heard.push(told);
            }
        }
    }
}

#[tokio::test]
async fn a_connection_that_ends_is_a_loss_until_the_next_one() {
    let (database, writer, mut ears) = pair().await;
    for _ in 0..3 {
        database.run(&format!("SELECT pg_terminate_backend(pid) {LISTENING}")).await;
        ears.lost_and_begins().await;
        bump(&writer, "a").await;
        assert_eq!(ears.next().await, moved("a"));
    }
}

fn signal(signal: &str, processes: &[String]) {
    let status = Command::new("kill").arg(signal).args(processes).status().unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn a_server_that_crashes_and_comes_back_is_a_loss() {
    let (database, writer, mut ears) = pair().await;
    // The tables were made a moment ago, by a server that writes its log when it likes.
    database.run("CHECKPOINT").await;
    let victim = listener(&database).await;
    // The server ends all its sessions, and recovers.
    signal("-KILL", &[victim.to_string()]);
    ears.lost_and_begins().await;
    bump_in_the_end(&writer, "a").await;
    assert_eq!(ears.next().await, moved("a"));
}

/// The server's processes, the first of them first.
fn processes(database: &PostgresDatabase) -> Vec<String> {
    let file = database.server.folder().join("data/postmaster.pid");
    let first = std::fs::read_to_string(file).unwrap().lines().next().unwrap().to_owned();
    let children = std::fs::read_to_string(format!("/proc/{first}/task/{first}/children")).unwrap();
    std::iter::once(first).chain(children.split_whitespace().map(str::to_owned)).collect()
}

#[tokio::test]
async fn silence_of_a_frozen_server_is_a_loss() {
    let (database, writer, mut ears) = pair().await;
    let processes = processes(&database);
    signal("-STOP", &processes);
    let lost = ears.next().await;
    signal("-CONT", &processes);
    assert_eq!(lost, Lost);
    assert_eq!(ears.next().await, Begins);
    bump_in_the_end(&writer, "a").await;
    assert_eq!(ears.next().await, moved("a"));
}

#[tokio::test]
async fn a_peer_that_vanished_without_a_word_is_a_loss() {
    let database = PostgresDatabase::start().await;
    let port = database.url().rsplit_once(':').unwrap().1.split_once('/').unwrap().0.to_owned();
    let proxy = Proxy::start(format!("127.0.0.1:{port}").parse().unwrap()).unwrap();
    let url = database.url().replace(&port, &proxy.address().port().to_string());
    let mut ears = Ears::of(&pushing(&url).connect().await.unwrap()).await;
    proxy.strand_all().unwrap();
    ears.lost_and_begins().await;
    bump(&store(&database).await, "a").await;
    assert_eq!(ears.next().await, moved("a"));
}

/// What a listening connection alone cannot notice: it hears all the time, but not what calls do.
#[tokio::test]
async fn tables_that_are_made_anew_are_a_loss() {
    let (database, writer, mut ears) = pair().await;
    database
        .run(
            "BEGIN; ALTER TABLE dogpile_register RENAME TO old; \
             CREATE TABLE dogpile_register (LIKE old INCLUDING ALL); DROP TABLE old; COMMIT",
        )
        .await;
    ears.lost_and_begins().await;
    bump_in_the_end(&writer, "a").await;
    assert_eq!(ears.next().await, moved("a"));
    database.run("DROP TABLE dogpile_register").await;
    assert_eq!(ears.next().await, Lost);
}

#[tokio::test]
async fn calls_that_do_not_get_through_are_a_loss() {
    let database = PostgresDatabase::start().await;
    let pool = database.pool(1).await;
    let store = SqlStore::postgres(pool.clone()).acquire_timeout(millis(20)).push(true);
    let mut ears = Ears::of(&store.sweep(secs(0)).open().unwrap()).await;
    let taken = pool.acquire().await.unwrap();
    assert_eq!(ears.next().await, Lost);
    drop(taken);
    assert_eq!(ears.next().await, Begins);
}

/// Listening where the calls of this process do not tell: what comes of a pooler in transaction mode,
/// or of two servers.
#[tokio::test]
async fn nothing_begins_before_a_call_is_heard() {
    let database = PostgresDatabase::start().await;
    let astray = Arc::new(AtomicBool::new(true));
    let pool = PgPoolOptions::new().max_connections(1).after_release({
        let astray = Arc::clone(&astray);
        move |connection, _| {
            let path = if astray.load(Ordering::SeqCst) { "nowhere" } else { "public" };
            let set = AssertSqlSafe(format!("SET search_path = {path}"));
            Box::pin(async move { connection.execute(sqlx::raw_sql(set)).await.map(|_| true) })
        }
    });
    let pool = pool.connect_lazy(&database.url()).unwrap();
    let store = SqlStore::postgres(pool).acquire_timeout(secs(30)).push(true).sweep(secs(0));
    let mut ears = Ears::opened(&store.open().unwrap());
    let listened = async {
        while listener(&database).await == 0 {
            sleep(millis(20)).await;
        }
        // Until it has given up.
        while listener(&database).await != 0 {
            sleep(millis(20)).await;
        }
    };
    timeout(secs(60), listened).await.expect("it never listens, or listens for ever");
    assert!(ears.nothing(), "it promised what it could not know");
    astray.store(false, Ordering::SeqCst);
    assert_eq!(ears.next().await, Begins);
}

#[tokio::test]
async fn garbage_is_a_loss_and_harms_nobody() {
    let (database, writer, mut ears) = pair().await;
    for garbage in ["", "x", "m6", "mzz", "mff", "f6", "b", "é", "b12", "repeat('m', 7999)"] {
        let payload = match garbage.starts_with("repeat") {
            true => garbage.to_owned(),
            false => format!("'{garbage}'"),
        };
        told_by_hand(&database, &payload).await;
        ears.lost_and_begins().await;
    }
    // Somebody else's beat, and a lease that nobody waits for, are none.
    told_by_hand(&database, &format!("'b{}'", "0".repeat(48))).await;
    told_by_hand(&database, "'f61'").await;
    bump(&writer, "a").await;
    assert_eq!(ears.next().await, moved("a"));
    assert!(ears.nothing());
}

/// In such a database a payload may be no text at all.
#[tokio::test]
async fn bytes_that_are_no_text_harm_nobody() {
    let server = dogpile_tests::services::Postgres::start().await.unwrap();
    let create = "CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0";
    let root = PgPoolOptions::new().connect(&server.url("postgres")).await.unwrap();
    sqlx::raw_sql(create).execute(&root).await.unwrap();
    let url = server.url("ascii");
    let pool = PgPoolOptions::new().connect(&url).await.unwrap();
    Migrations::new().up(&pool).await.unwrap();
    let writer = pushing(&url).connect().await.unwrap();
    let mut ears = Ears::of(&pushing(&url).connect().await.unwrap()).await;
    let channel = "'dogpile_' || to_regclass('dogpile_register')::oid::text";
    let bytes = AssertSqlSafe(format!("SELECT pg_notify({channel}, E'm\\xff\\xfe')"));
    sqlx::raw_sql(bytes).execute(&pool).await.unwrap();
    ears.lost_and_begins().await;
    bump(&writer, "é").await;
    assert_eq!(ears.next().await, moved("é"));
}

#[tokio::test]
async fn without_push_nothing_is_told_and_nobody_listens() {
    let (database, writer, mut ears) = pair().await;
    let silent = database.store().await;
    let (sender, _heard) = mpsc::unbounded_channel();
    assert!(silent.listen(Arc::new(Passing(sender))).is_none());
    let (taints, by) = (silent.taints().unwrap(), Writer::random());
    bump(&silent, "a").await;
    taints.place(&[stamp("a")], by, hours(1)).await.unwrap();
    taints.lift(&[stamp("a"), stamp("b")], by, hours(1)).await.unwrap();
    bump(&writer, "c").await;
    assert_eq!(ears.next().await, moved("c"));
}

#[tokio::test]
async fn tables_are_told_apart_and_not_their_spellings() {
    let (database, writer, mut ears) = pair().await;
    let pool = database.pool(1).await;
    Migrations::new().prefix("other_").up(&pool).await.unwrap();
    let other = pushing(&database.url()).prefix("other_").connect().await.unwrap();
    bump(&other, "elsewhere").await;
    bump(&writer, "here").await;
    assert_eq!(ears.next().await, moved("here"));
    let spelled = pushing(&database.url()).schema("public").connect().await.unwrap();
    bump(&spelled, "here as well").await;
    assert_eq!(ears.next().await, moved("here as well"));
}

#[tokio::test]
async fn all_who_listen_share_a_connection_and_the_last_one_ends_it() {
    let (database, writer, ears) = pair().await;
    let shared = store(&database).await;
    let (mut first, mut second) = (Ears::of(&shared).await, Ears::of(&shared.clone()).await);
    assert_eq!(listening(&database).await, 2, "one of the pair's, and one for both");
    bump(&writer, "a").await;
    assert_eq!((first.next().await, second.next().await), (moved("a"), moved("a")));
    drop((ears, first));
    bump(&writer, "b").await;
    assert_eq!(second.next().await, moved("b"));
    drop(second);
    let closed = async {
        while listening(&database).await > 0 {
            sleep(millis(20)).await;
        }
    };
    timeout(secs(60), closed).await.expect("a connection is kept");
    let mut again = Ears::of(&shared).await;
    bump(&writer, "c").await;
    assert_eq!(again.next().await, moved("c"));
}

#[test]
fn a_runtime_that_ends_is_a_loss() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let serving = runtime();
    let database = serving.block_on(PostgresDatabase::start());
    let ended = runtime();
    let (shared, mut ears) = ended.block_on(async {
        let shared = store(&database).await;
        let ears = Ears::of(&shared).await;
        (shared, ears)
    });
    drop(ended);
    assert_eq!(ears.heard.try_recv(), Ok(Lost));
    drop(shared);
}

fn region(store: SqlStoreBuilder, coherence: Coherence) -> Region {
    let region = Region::builder("shop").ttl(minutes(5)).op_timeout(secs(30));
    let region = region.backend(store.open().unwrap()).local(1 << 20);
    region.coherence(coherence).build().unwrap()
}

/// The same database by another name: what one process knows, it knows by the name.
fn elsewhere(database: &PostgresDatabase) -> String {
    database.url().replace("127.0.0.1", "localhost")
}

async fn ask(region: &Region, value: u32) -> u32 {
    let create = async || Ok::<_, dogpile::Error>(value);
    *region.entry("k").tag("t").get_or_create(create).await.unwrap()
}

/// Asks until the answer is `value`, which creators make from now on.
async fn answers(region: &Region, value: u32) {
    let heard = async {
        while ask(region, value).await != value {
            tokio::task::yield_now().await;
        }
    };
    timeout(secs(60), heard).await.expect("it never hears of it");
}

/// Asks until a hit makes no trip.
async fn makes_no_trip(region: &Region, value: u32) {
    let hits = async {
        loop {
            let before = region.stats();
            assert_eq!(ask(region, value + 1).await, value);
            let after = region.stats();
            let trips = |of: &dogpile::Stats| (of.checked_hits, of.backend_hits);
            if trips(&after) == trips(&before) {
                return;
            }
        }
    };
    timeout(secs(60), hits).await.expect("each hit makes a trip");
}

#[tokio::test]
async fn a_region_makes_no_trip_until_another_process_invalidates() {
    let database = PostgresDatabase::start().await;
    let reader = region(pushing(&database.url()), Coherence::Push);
    let writer = region(pushing(&elsewhere(&database)), Coherence::Strict);
    assert_eq!(ask(&reader, 1).await, 1);
    makes_no_trip(&reader, 1).await;
    writer.invalidate(["t"]).await.unwrap();
    answers(&reader, 3).await;
}

#[tokio::test]
async fn a_region_believes_nothing_any_more_behind_a_loss() {
    let database = PostgresDatabase::start().await;
    let reader = region(pushing(&database.url()), Coherence::Push);
    assert_eq!(ask(&reader, 1).await, 1);
    makes_no_trip(&reader, 1).await;
    // One that does not tell, against the rule: what a message is that got lost.
    let silent = region(patient(&elsewhere(&database)), Coherence::Strict);
    silent.invalidate(["t"]).await.unwrap();
    assert_eq!(ask(&reader, 2).await, 1, "nobody told");
    database.run(&format!("SELECT pg_terminate_backend(pid) {LISTENING}")).await;
    answers(&reader, 3).await;
}

#[tokio::test]
async fn a_region_that_is_to_push_wants_a_store_that_tells() {
    let database = PostgresDatabase::start().await;
    let region = Region::builder("shop").ttl(minutes(5)).local(1 << 20);
    let region = region.backend(database.store().await).coherence(Coherence::Push);
    assert_eq!(region.build().unwrap_err().kind(), dogpile::ErrorKind::Config);
}
