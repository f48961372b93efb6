//! Writers that note what they invalidate, and then cannot tell the cache.
//!
//! The writer here has a backend of its own. So what its readers see of its writes, they have from its
//! notes.

use std::task::Poll;

use dogpile::backend::MemoryBackend;
use dogpile::observe::ReasonKind;
use dogpile::{Freshness, Reason};
use dogpile_migrations::Migrations;
use dogpile_sqlx::CachedPool;

use super::on_each;
use super::place::{Lite, Maria, Pg, Place, hits, region, relay, settled, shared, until};

on_each!(
    i1_what_a_durable_writer_told_nobody_is_read_from_its_notes,
    what_is_noted_is_no_more_than_what_is_written,
    what_is_rolled_back_is_not_noted,
    i16_a_durable_write_dropped_at_any_poll_is_read_from_its_notes,
    what_one_process_notes_others_hear_that_share_nothing,
    noted_tags_are_invalidated_whatever_their_letters_are,
    where_there_is_no_log_durable_writes_are_fenced,
    a_log_that_goes_away_harms_no_write,
);

/// A table that nobody watches, with two rows.
async fn unwatched<P: Place>() -> (P, MemoryBackend) {
    let place = P::start().await;
    let tart = "CREATE TABLE tart (id BIGINT PRIMARY KEY, price BIGINT NOT NULL); \
        INSERT INTO tart VALUES (1, 1), (2, 1)";
    P::run(&place.pool().await, tart).await;
    (place, MemoryBackend::default())
}

/// A pool whose region nobody shares.
async fn writer<P: Place>(place: &P) -> CachedPool<P::Db> {
    let region = region().local(0).backend(MemoryBackend::default());
    let region = region.freshness(Freshness::Durable).build().unwrap();
    CachedPool::new(place.pool().await, region)
}

fn degraded<P: Place>(db: &CachedPool<P::Db>, reason: Reason) -> u64 {
    db.region().stats().count_of(ReasonKind::Degraded, reason)
}

/// Writes a price, by itself or in a transaction.
async fn price<P: Place>(db: &CachedPool<P::Db>, price: i64, id: i64) {
    let sql = format!("UPDATE tart SET price = {price} WHERE id = {id}");
    if price % 2 == 0 {
        P::write(db, &sql).await.unwrap();
    } else {
        let mut transaction = db.begin().await.unwrap();
        P::write_in(&mut transaction, &sql).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

async fn i1_what_a_durable_writer_told_nobody_is_read_from_its_notes<P: Place>() {
    let (place, backend) = unwatched::<P>().await;
    let (db, writer) = (shared(&place, &backend).await, writer(&place).await);
    let relay = relay(&db).start().await.unwrap();
    for now in 2..12 {
        settled::<P>(&db, "tart").await;
        price::<P>(&writer, now, 1).await;
        until("it is seen", async || P::read(&db, "tart").await == now).await;
    }
    assert_eq!(writer.region().stats().degraded, 0, "{:#}", writer.region().stats());
    assert_eq!(relay.stats().flushes, 1, "the first time of all, and no more");
}

/// Of two rows and a table beside it.
async fn what_is_noted_is_no_more_than_what_is_written<P: Place>() {
    let (place, backend) = unwatched::<P>().await;
    let (db, writer) = (shared(&place, &backend).await, writer(&place).await);
    let relay = relay(&db).start().await.unwrap();
    until("the tables were noted when they were watched", async || relay.stats().rows >= 2).await;
    // The keys are known to whoever asks for the second time.
    for id in [1, 2] {
        until("its key is known", async || row_hits::<P>(&writer, id).await).await;
        until("its key is known", async || row_hits::<P>(&db, id).await).await;
    }
    settled::<P>(&db, "cake").await;
    for now in 2..6 {
        price::<P>(&writer, now, 1).await;
        until("it is seen", async || P::read_row(&db, "tart", 1).await == now).await;
        assert!(row_hits::<P>(&db, 2).await, "the other row was invalidated");
        assert!(hits::<P>(&db, "cake").await, "another table was invalidated");
    }
}

async fn row_hits<P: Place>(db: &CachedPool<P::Db>, id: i64) -> bool {
    let before = db.region().stats().hits;
    P::read_row(db, "tart", id).await;
    db.region().stats().hits > before
}

async fn what_is_rolled_back_is_not_noted<P: Place>() {
    let (place, _) = unwatched::<P>().await;
    let writer = writer(&place).await;
    let noted = "SELECT COUNT(*) FROM dogpile_log WHERE schema_name = ''";
    let mut transaction = writer.begin().await.unwrap();
    P::write_in(&mut transaction, "UPDATE tart SET price = 9").await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(P::count(writer.inner(), noted).await, 0);
    price::<P>(&writer, 2, 1).await;
    assert!(P::count(writer.inner(), noted).await > 0);
}

/// The future goes away anywhere; what the server makes of it is read from the notes.
async fn i16_a_durable_write_dropped_at_any_poll_is_read_from_its_notes<P: Place>() {
    let (place, backend) = unwatched::<P>().await;
    let (db, writer) = (shared(&place, &backend).await, writer(&place).await);
    let relay = relay(&db).start().await.unwrap();
    until("it works", async || relay.stats().rows >= 2).await;
    let truth = "SELECT price FROM tart WHERE id = 1";
    let mut now = 2;
    for polls in 1.. {
        settled::<P>(&db, "tart").await;
        let is_done = polled(polls, price::<P>(&writer, now, 1)).await;
        // What goes on without a caller has come to its end.
        let pool = writer.inner();
        until("all have come back", async || u32::try_from(pool.num_idle()) == Ok(pool.size()))
            .await;
        until("it is what is in the database", async || {
            P::read(&db, "tart").await == P::count(db.inner(), truth).await
        })
        .await;
        // By itself, and in a transaction.
        match is_done {
            true if now % 2 == 1 => break,
            true => now += 1,
            false => {}
        }
    }
    until("it is what was written last", async || P::read(&db, "tart").await == now).await;
}

/// Polls a future so often, and then lets it go. Says whether it was done.
async fn polled(times: u32, future: impl Future<Output = ()>) -> bool {
    let mut future = std::pin::pin!(future);
    let mut left = times;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        future.as_mut().poll(context).map(|()| true)
    })
    .await
}

/// Two regions in memory, each with a relay of its own, as two processes would have them.
async fn what_one_process_notes_others_hear_that_share_nothing<P: Place>() {
    let (place, _) = unwatched::<P>().await;
    let mut processes = Vec::new();
    for _ in 0..2 {
        let region = region().freshness(Freshness::Durable).build().unwrap();
        let db = CachedPool::new(place.pool().await, region);
        let relay = relay(&db).start().await.unwrap();
        until("it works", async || relay.stats().flushes == 1).await;
        processes.push((db, relay));
    }
    for now in 2..8 {
        let [writer, reader] = [now % 2, (now + 1) % 2].map(|n| &processes[n].0);
        settled::<P>(reader, "tart").await;
        let now = i64::try_from(now).unwrap();
        price::<P>(writer, now, 1).await;
        assert_eq!(P::read(writer, "tart").await, now);
        until("it is heard", async || P::read(reader, "tart").await == now).await;
        assert_eq!(writer.region().stats().degraded, 0);
    }
}

async fn noted_tags_are_invalidated_whatever_their_letters_are<P: Place>() {
    let (place, backend) = unwatched::<P>().await;
    let (db, writer) = (shared(&place, &backend).await, writer(&place).await);
    let relay = relay(&db).start().await.unwrap();
    until("it works", async || relay.stats().rows >= 2).await;
    // Among them two that differ in a space at the end, and one that is the name of a watched table.
    let tags = ["menu", "menu ", "Menu", "cake", "it's \\ \"ä\" {}; --", "\u{1f370}"];
    let entry = async |tag: &str| {
        let entry = db.region().entry(("of", tag)).tag(tag);
        let before = db.region().stats().hits;
        entry.get_or_create(async || Ok::<_, dogpile::Error>(1)).await.unwrap();
        db.region().stats().hits > before
    };
    for tag in tags {
        for other in tags {
            until("it is a hit", async || entry(other).await).await;
        }
        let mut transaction = writer.begin().await.unwrap();
        transaction.invalidate([tag]);
        transaction.commit().await.unwrap();
        until("it is invalidated", async || !entry(tag).await).await;
        for other in tags.into_iter().filter(|other| *other != tag) {
            assert!(entry(other).await, "{other:?} was invalidated with {tag:?}");
        }
    }
    assert_eq!(writer.region().stats().degraded, 0);
}

async fn where_there_is_no_log_durable_writes_are_fenced<P: Place>() {
    let (place, _) = unwatched::<P>().await;
    Migrations::new().down(&place.pool().await).await.unwrap();
    let writer = writer(&place).await;
    for now in 2..4 {
        P::read(&writer, "tart").await;
        price::<P>(&writer, now, 1).await;
        assert_eq!(P::read(&writer, "tart").await, now);
    }
    assert_eq!(degraded::<P>(&writer, Reason::NOT_NOTED), 2, "{:#}", writer.region().stats());
    assert_eq!(writer.region().stats().degraded, 2, "it was not even fenced");
}

async fn a_log_that_goes_away_harms_no_write<P: Place>() {
    let (place, _) = unwatched::<P>().await;
    let outside = place.pool().await;
    for first in [2, 3] {
        let writer = writer(&place).await;
        price::<P>(&writer, 1, 2).await;
        P::run(&outside, "ALTER TABLE dogpile_log RENAME TO away").await;
        P::read(&writer, "tart").await;
        price::<P>(&writer, first, 1).await;
        assert_eq!(P::read(&writer, "tart").await, first, "the write was harmed");
        P::run(&outside, "ALTER TABLE away RENAME TO dogpile_log").await;
        assert_eq!(degraded::<P>(&writer, Reason::SCRIPT_FAILED), 1);
        assert_eq!(writer.region().stats().degraded, 1, "it was not even fenced");
    }
}

/// A transaction may look for tables elsewhere, and find a log there that no relay reads.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_that_of_the_pool_wherever_a_transaction_looks_for_tables() {
    let (place, _) = unwatched::<Pg>().await;
    let shadow = "CREATE SCHEMA shadow; CREATE TABLE shadow.dogpile_log (LIKE dogpile_log)";
    Pg::run(&place.pool().await, shadow).await;
    let writer = writer(&place).await;
    let mut transaction = writer.begin().await.unwrap();
    Pg::write_in(&mut transaction, "SET LOCAL search_path = shadow, public").await.unwrap();
    Pg::write_in(&mut transaction, "UPDATE tart SET price = 2").await.unwrap();
    transaction.commit().await.unwrap();
    let noted = "SELECT COUNT(*) FROM public.dogpile_log WHERE schema_name = ''";
    assert!(Pg::count(writer.inner(), noted).await > 0);
    assert_eq!(Pg::count(writer.inner(), "SELECT COUNT(*) FROM shadow.dogpile_log").await, 0);
    assert_eq!(writer.region().stats().degraded, 0);
}

/// Whose rights do not reach.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_not_insert_into_the_log_is_fenced() {
    let (place, _) = unwatched::<Pg>().await;
    let rights =
        "CREATE ROLE app LOGIN; GRANT ALL ON tart TO app; GRANT SELECT ON dogpile_log TO app";
    Pg::run(&place.pool().await, rights).await;
    let url = place.url.replace("postgres://postgres@", "postgres://app@");
    let region = region().freshness(Freshness::Durable).build().unwrap();
    let writer = CachedPool::new(sqlx::PgPool::connect(&url).await.unwrap(), region);
    price::<Pg>(&writer, 2, 1).await;
    price::<Pg>(&writer, 3, 1).await;
    assert_eq!(degraded::<Pg>(&writer, Reason::NOT_NOTED), 2);
}

/// Names of other migrations.
#[tokio::test(flavor = "multi_thread")]
async fn notes_go_to_the_log_that_was_named() {
    let (place, _) = unwatched::<Lite>().await;
    let migrations = Migrations::new().prefix("other_");
    let writer = writer(&place).await;
    migrations.up(writer.inner()).await.unwrap();
    let writer = writer.with_migrations(&migrations).unwrap();
    price::<Lite>(&writer, 2, 1).await;
    assert!(Lite::count(writer.inner(), "SELECT COUNT(*) FROM other_log").await > 0);
    let unfit = Migrations::new().prefix("no good");
    assert!(writer.with_migrations(&unfit).is_err());
}

/// Of which there is one for each name.
#[tokio::test(flavor = "multi_thread")]
async fn a_note_of_a_tag_hides_none_of_a_table() {
    let (place, _) = unwatched::<Lite>().await;
    let writer = writer(&place).await;
    Lite::run(writer.inner(), "DELETE FROM dogpile_log").await;
    let mut transaction = writer.begin().await.unwrap();
    transaction.invalidate(["cake"]);
    transaction.commit().await.unwrap();
    Lite::run(writer.inner(), "UPDATE cake SET price = 2").await;
    let noted = "SELECT COUNT(*) FROM dogpile_log WHERE table_name = 'cake'";
    assert_eq!(Lite::count(writer.inner(), noted).await, 2);
}

/// In MySQL that undoes all of the transaction, and a COMMIT after it would succeed.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_ends_a_deadlock_of_its_notes_is_not_said_to_be_committed() {
    let (place, _) = unwatched::<Maria>().await;
    let outside = place.pool().await;
    // Whoever writes a note waits for the second row.
    let waits = "CREATE TRIGGER waits AFTER INSERT ON dogpile_log FOR EACH ROW \
        UPDATE tart SET price = price + 1 WHERE id = 2";
    Maria::run(&outside, waits).await;
    let writer = writer(&place).await;
    let mut mine = writer.begin().await.unwrap();
    Maria::write_in(&mut mine, "UPDATE tart SET price = 5 WHERE id = 1").await.unwrap();
    // The other has done more, so that it is not the one to be undone.
    let mut other = outside.begin().await.unwrap();
    let more = "INSERT INTO tart SELECT seq, 1 FROM seq_10_to_500";
    sqlx::raw_sql(more).execute(&mut *other).await.unwrap();
    sqlx::raw_sql("UPDATE tart SET price = 6 WHERE id = 2").execute(&mut *other).await.unwrap();
    let waiting = tokio::spawn(async move {
        sqlx::raw_sql("UPDATE tart SET price = 7 WHERE id = 1").execute(&mut *other).await.unwrap();
        other.commit().await.unwrap();
    });
    let blocked =
        "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
    until("it waits", async || {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        Maria::count(&outside, blocked).await > 0
    })
    .await;
    let committed = mine.commit().await;
    waiting.await.unwrap();
    assert!(committed.is_err(), "what was undone was said to be committed");
    assert_eq!(Maria::count(&outside, "SELECT price FROM tart WHERE id = 1").await, 7);
}
