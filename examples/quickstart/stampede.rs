//! A thousand tasks want the same rows at the same moment, and nobody has them yet.

use std::sync::Arc;
use std::time::Duration;

use dogpile::Shared;
use dogpile_sqlx::QueryCacheExt;
use sqlx::FromRow;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::cache::Db;
use crate::clock::Watch;
use crate::failure::Failure;
use crate::statements::Statements;

const TASKS: usize = 1_000;

const SQL: &str = "
    select l_shipmode, count(*) as lines, sum(l_extendedprice * (1 - l_discount)) as revenue
    from lineitem
    group by l_shipmode
    order by l_shipmode";

#[derive(Clone, Debug, PartialEq, FromRow)]
struct Shipped {
    l_shipmode: String,
    lines: i64,
    revenue: f64,
}

/// What the thousand cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stampede {
    pub(crate) tasks: usize,
    pub(crate) db_queries: usize,
    /// How long the last of them waited beyond the query itself.
    pub(crate) slowest: Duration,
}

/// One task's part in it.
#[derive(Debug)]
struct Turn {
    began: Watch,
    ended: Watch,
    rows: Shared<Vec<Shipped>>,
}

/// Releases them all at once, and asks the driver what the database was asked.
pub(crate) async fn run(db: &Db, statements: &Statements) -> Result<Stampede, Failure> {
    let gate = Arc::new(Barrier::new(TASKS));
    statements.listen();
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        tasks.spawn(turn(db.clone(), Arc::clone(&gate)));
    }
    let turns = tasks.join_all().await.into_iter().collect::<sqlx::Result<Vec<_>>>()?;
    let heard = statements.heard().await;
    let asked: Vec<_> = heard.iter().filter(|statement| statement.is(SQL)).collect();
    check(&turns, asked.len())?;
    let query = asked.iter().map(|statement| statement.took).sum();
    let slowest = longest(&turns).saturating_sub(query);
    Ok(Stampede { tasks: TASKS, db_queries: asked.len(), slowest })
}

async fn turn(db: Db, gate: Arc<Barrier>) -> sqlx::Result<Turn> {
    gate.wait().await;
    let began = Watch::start();
    let rows = sqlx::query_as::<_, Shipped>(SQL).cached().fetch_all_shared(&db).await?;
    Ok(Turn { began, ended: Watch::start(), rows })
}

/// From the first task's beginning to the last one's end.
fn longest(turns: &[Turn]) -> Duration {
    let first = turns.iter().map(|turn| turn.began).min();
    let last = turns.iter().map(|turn| turn.ended).max();
    first.zip(last).map(|(first, last)| last.since(first)).unwrap_or_default()
}

fn check(turns: &[Turn], asked: usize) -> Result<(), Failure> {
    if turns.windows(2).any(|pair| pair[0].rows != pair[1].rows) {
        return Err(Failure::Promise("tasks on one key were given different rows".into()));
    }
    if asked != 1 {
        let cost = format!("{TASKS} tasks on one cold key cost {asked} database queries, not 1");
        return Err(Failure::Promise(cost));
    }
    Ok(())
}
