use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dogpile::Owner;
use dogpile::backend::{Put, TagVersion, Writer};

use super::{Rule, Step, change};
use crate::SqlStore;
use crate::backend::Every;
use crate::backend::dialect::{
    Call, Chunk, Dialect, Life, Looked, Lying, Part, Place, Seen, Table,
};
use crate::backend::register::{Register, Row};
use crate::error::{Done, Failure};

const LATER: i64 = 1_000;

/// What becomes of a write.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Lost,
    DoneAndLost,
    /// And somebody else writes right behind it.
    DoneAndLostAndBumped,
}

/// One register, and writes that are lost on their way.
#[derive(Debug, Default)]
struct State {
    row: Option<Row>,
    fates: VecDeque<Fate>,
    /// Every version that was there.
    seen: Vec<TagVersion>,
}

#[derive(Debug, Clone, Default)]
struct Fake(Arc<Mutex<State>>);

impl State {
    fn write(&mut self, to: &Row) {
        self.seen.push(Register::parse(to, 0).unwrap().version);
        self.row = Some(to.clone());
    }

    fn swap(&mut self, from: Option<&Row>, to: &Row) -> Done<bool> {
        let fate = self.fates.pop_front();
        let swaps = self.row.as_ref() == from && !matches!(fate, Some(Fate::Lost));
        if swaps {
            self.write(to);
        }
        if matches!(fate, Some(Fate::DoneAndLostAndBumped)) {
            self.write(&Register::clean(TagVersion(8), LATER).row());
        }
        match fate {
            None => Ok(swaps),
            Some(_) => Err(sqlx::Error::Io(ErrorKind::UnexpectedEof.into()).into()),
        }
    }
}

/// What is of no concern here.
fn no<T: Send + 'static>() -> Call<'static, T> {
    Box::pin(async { Err(Failure::unexpected()) })
}

impl Dialect for Fake {
    fn kind(&self) -> &'static str {
        "fake"
    }
    fn max_entry(&self) -> usize {
        0
    }
    fn drop_idle(&self) {}
    fn connect(&self) -> Call<'_, ()> {
        no()
    }
    fn read<'a>(&'a self, _: &'a [&'a str], _: &'a [&'a str]) -> Call<'a, Seen> {
        no()
    }
    fn create<'a>(&'a self, _: &'a [Lying<'a>], _: i64) -> Call<'a, ()> {
        no()
    }
    fn bump<'a>(&'a self, _: &'a [Lying<'a>], _: i64) -> Call<'a, ()> {
        no()
    }
    fn look<'a>(&'a self, _: &'a [&'a str]) -> Call<'a, Looked> {
        let row = self.0.lock().unwrap().row.clone();
        Box::pin(async { Ok(Looked { now: 0, rows: vec![row] }) })
    }
    fn swap<'a>(&'a self, _: &'a str, from: Option<&'a Row>, to: &'a Row) -> Call<'a, bool> {
        let swapped = self.0.lock().unwrap().swap(from, to);
        Box::pin(async { swapped })
    }
    fn store<'a>(&'a self, _: &'a [&'a Put<'a>], _: &'a [&'a str], _: Life) -> Call<'a, Vec<bool>> {
        no()
    }
    fn remove<'a>(&'a self, _: &'a [&'a str]) -> Call<'a, ()> {
        no()
    }
    fn acquire<'a>(&'a self, _: &'a str, _: Owner, _: i64) -> Call<'a, bool> {
        no()
    }
    fn renew<'a>(&'a self, _: &'a str, _: Owner, _: i64) -> Call<'a, bool> {
        no()
    }
    fn release<'a>(&'a self, _: &'a str, _: Owner) -> Call<'a, ()> {
        no()
    }
    fn sweep(&self, _: Table, _: Place) -> Call<'_, Chunk> {
        no()
    }
    fn locate(&self) -> Call<'_, String> {
        no()
    }
    fn token<'a>(&'a self, _: Lying<'a>) -> Call<'a, ()> {
        no()
    }
    fn tokened<'a>(&'a self, _: &'a [u8]) -> Call<'a, Vec<Vec<u8>>> {
        no()
    }
    fn fold<'a>(&'a self, _: &'a [u8]) -> Call<'a, Part> {
        no()
    }
    fn literal(&self, _: &[u8]) -> String {
        String::new()
    }
}

/// Bumps, and takes the writer out; says whether he was there.
struct Lift;

const WRITER: Writer = Writer(5);
const NEW: TagVersion = TagVersion(7);

impl Rule for Lift {
    type Said = bool;

    fn absent(&self, _: usize, _: i64) -> Step<bool> {
        Step::Write(Register::clean(NEW, LATER), false)
    }

    fn held(&self, _: usize, held: Register, _: i64) -> Done<Step<bool>> {
        let there = held.taint(WRITER).is_some();
        Ok(Step::Write(held.moved(NEW).without(WRITER).lasting(LATER), there))
    }
}

/// Lifts a taint while writes meet these fates; what is said of it, and the versions that were there.
async fn lifted(fates: &[Fate]) -> (Done<bool>, Vec<TagVersion>) {
    let fake = Fake::default();
    let tainted = Register::clean(TagVersion(1), LATER).with(WRITER, LATER).unwrap();
    fake.0.lock().unwrap().row = Some(tainted.row());
    fake.0.lock().unwrap().fates = fates.iter().copied().collect();
    let never = Every { sweep: Duration::ZERO, fold: Duration::ZERO };
    let identity = String::from("change:tests");
    let store = SqlStore::new(Box::new(fake.clone()), None, identity, true, never);
    let said = change(&store.0, &["r"], Lift).await.map(|said| said[0]);
    let seen = std::mem::take(&mut fake.0.lock().unwrap().seen);
    (said, seen)
}

#[tokio::test]
async fn a_write_that_was_done_is_not_done_again() {
    assert_eq!(lifted(&[]).await, (Ok(true), vec![NEW]));
    assert_eq!(lifted(&[Fate::DoneAndLost]).await, (Ok(true), vec![NEW]));
}

#[tokio::test]
async fn a_write_that_was_lost_is_done_with_another_version() {
    let (said, seen) = lifted(&[Fate::Lost]).await;
    assert_eq!((said, seen.len()), (Ok(true), 1));
    assert_ne!(seen[0], NEW, "the first one may still be on its way");
}

#[tokio::test]
async fn no_version_comes_back_though_somebody_came_in_between() {
    let (said, seen) = lifted(&[Fate::DoneAndLostAndBumped]).await;
    assert!(said.is_ok());
    assert_eq!(seen[..2], [NEW, TagVersion(8)]);
    assert!(!seen[2..].contains(&NEW), "{seen:?}");
    assert_eq!(seen.len(), 3, "it is bumped once more: nobody knows that it was");
}

#[tokio::test]
async fn a_write_that_is_lost_twice_fails() {
    assert!(lifted(&[Fate::Lost, Fate::Lost]).await.0.is_err());
}
