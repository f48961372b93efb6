//! Readers that run beside the writer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use dogpile_sqlx::QueryCacheExt;
use tokio::task::JoinSet;

use super::Invalidation;
use super::reads::{LINES_VERSION, ORDER_VERSION, Version};
use crate::cache::Db;
use crate::failure::Failure;

const READERS: usize = 4;
const PAUSE: Duration = Duration::from_millis(1);

/// The versions that a read which begins now has to reach: seen by the uncached connection after
/// the write had returned.
#[derive(Clone, Debug)]
pub(super) struct Floors(Arc<[AtomicI64; 2]>);

impl Floors {
    pub(super) fn at(versions: [i64; 2]) -> Self {
        Self(Arc::new(versions.map(AtomicI64::new)))
    }

    pub(super) fn raise(&self, versions: [i64; 2]) {
        for (floor, version) in self.0.iter().zip(versions) {
            floor.store(version, Ordering::SeqCst);
        }
    }
}

/// The tasks that read.
#[derive(Debug)]
pub(super) struct Readers {
    done: Arc<AtomicBool>,
    tasks: JoinSet<sqlx::Result<Invalidation>>,
}

impl Readers {
    pub(super) fn start(db: &Db, order: i64, floors: &Floors) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 0..READERS {
            tasks.spawn(read(db.clone(), order, floors.clone(), Arc::clone(&done)));
        }
        Self { done, tasks }
    }

    /// Lets them finish, and adds up what they saw.
    pub(super) async fn stop(self) -> Result<Invalidation, Failure> {
        self.done.store(true, Ordering::SeqCst);
        let mut sum = Invalidation::default();
        for seen in self.tasks.join_all().await {
            sum.add(seen?);
        }
        Ok(sum)
    }
}

async fn read(
    db: Db,
    order: i64,
    floors: Floors,
    done: Arc<AtomicBool>,
) -> sqlx::Result<Invalidation> {
    let mut seen = Invalidation::default();
    while !done.load(Ordering::SeqCst) {
        for (floor, sql) in floors.0.iter().zip([ORDER_VERSION, LINES_VERSION]) {
            let floor = floor.load(Ordering::SeqCst);
            let rows = sqlx::query_as::<_, Version>(sql)
                .bind(order)
                .cached()
                .fetch_all_shared(&db)
                .await?;
            seen.check(rows.first().is_some_and(|row| row.version >= floor));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(seen)
}
