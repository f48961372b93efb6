//! Somebody who reads all the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinHandle;

use super::{Fixture, Result, within};

/// Cached reads in a task of their own, so that a stale value gets every chance to be stored.
pub(crate) struct Readers {
    stopped: Arc<AtomicBool>,
    task: JoinHandle<Result>,
}

impl Readers {
    pub(crate) fn start(fixture: &Fixture) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(read(fixture.clone(), Arc::clone(&stopped)));
        Self { stopped, task }
    }

    pub(crate) async fn stop(self) -> Result {
        self.stopped.store(true, Ordering::SeqCst);
        within("the readers", self.task).await??
    }
}

async fn read(fixture: Fixture, stopped: Arc<AtomicBool>) -> Result {
    while !stopped.load(Ordering::SeqCst) {
        fixture.cached().await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}
