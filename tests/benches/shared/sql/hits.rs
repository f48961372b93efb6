//! A hit beside a hand-written prepared statement that returns the same rows, on the same pool.
//!
//! Target: at least 0.85 of its throughput.

use std::hint::black_box;
use std::sync::Arc;

use dogpile::Backend;
use dogpile_sql_store::SqlStore;

use super::place::{Names, Place};
use crate::support::contest::{Contest, Peer};
use crate::support::shop::{Articles, region};

const TASKS: usize = 64;
const BYTES: usize = 1_000;

pub(crate) async fn run<P: Place>(rounds: usize) {
    let place = Arc::new(P::start().await);
    let store = place.store();
    let hits = Articles::filled(region(store.clone()), TASKS, BYTES).await;
    let names: Vec<Names> = (0..TASKS).map(names).collect();
    assert_same_rows(&*place, &store, &names[0]).await;
    let title = format!("{}, a hit of 1 KB under four tags", P::NAME).leak();
    let contest = Contest::new(title, TASKS)
        .with("a hand-written statement, the same rows", Bare { place, names: names.clone() })
        .with("a read of the backend, without a region", Read { store, names })
        .with("a hit of a region", hits);
    contest.run(rounds).await;
}

/// What the hit of a task asks for, as the first of its reads shows in the log of a server.
fn names(task: usize) -> Names {
    let key = format!("shop:article:#u{task}");
    let (own, shared) =
        ([format!("article:{task}"), format!("author:{task}")], ["articles", "authors"]);
    let implied = [String::from("region:shop"), format!("key:{key}")];
    let tags = implied.into_iter().chain(shared.map(String::from)).chain(own);
    let registers = tags.flat_map(|tag| [format!("tag:{tag}"), format!("soft:{tag}")]);
    Names { entry: key, registers: registers.collect() }
}

async fn assert_same_rows<P: Place>(place: &P, store: &SqlStore, names: &Names) {
    let registers: Vec<&str> = names.registers.iter().map(String::as_str).collect();
    let answer = store.read(&[&names.entry], &registers).await.expect("an answer");
    let found = answer.entries.iter().flatten().count() + answer.versions.iter().flatten().count();
    assert_eq!(place.rows(names).await, found, "not the same rows");
    assert!(answer.entries[0].is_some() && found > registers.len() / 2, "{found} rows");
    println!("\n{}: a hit reads {found} rows, under {} names", P::NAME, registers.len() + 1);
}

struct Bare<P> {
    place: Arc<P>,
    names: Vec<Names>,
}

impl<P: Place> Peer for Bare<P> {
    async fn hit(&self, task: usize) {
        assert!(self.place.rows(&self.names[task]).await > 1, "a row is missing");
    }
}

struct Read {
    store: SqlStore,
    names: Vec<Names>,
}

impl Peer for Read {
    async fn hit(&self, task: usize) {
        let Names { entry, registers } = &self.names[task];
        let registers: Vec<&str> = registers.iter().map(String::as_str).collect();
        let answer = self.store.read(&[entry], &registers).await.expect("an answer");
        assert!(answer.entries[0].is_some(), "an entry is missing");
        black_box(answer);
    }
}
