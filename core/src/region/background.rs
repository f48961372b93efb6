//! Tasks that outlive their caller, counted so that `close` can wait for them.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use crate::wait::bounded;

#[derive(Debug)]
pub(super) struct Background {
    running: AtomicUsize,
    idle: Notify,
    /// Bounds the refreshes that nobody waits for.
    refreshes: Arc<Semaphore>,
}

impl Background {
    pub(super) fn new(refreshes: usize) -> Self {
        let refreshes = Arc::new(Semaphore::new(refreshes.min(Semaphore::MAX_PERMITS)));
        Self { running: AtomicUsize::default(), idle: Notify::default(), refreshes }
    }

    /// Room for one more refresh, given back on drop.
    pub(super) fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.refreshes).try_acquire_owned().ok()
    }

    /// Runs `work` as a counted task.
    pub(super) fn spawn<F>(self: &Arc<Self>, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let counted = Counted::new(Arc::clone(self));
        tokio::spawn(async move {
            let _counted = counted;
            work.await
        })
    }

    /// Waits until no task is running, at most for `limit`.
    pub(super) async fn settled(&self, limit: Duration) {
        let settled = async {
            loop {
                let mut idle = pin!(self.idle.notified());
                idle.as_mut().enable();
                if self.running.load(Ordering::SeqCst) == 0 {
                    return;
                }
                idle.await;
            }
        };
        // What still runs after the limit is left to its own bounds.
        bounded(limit, settled).await;
    }
}

/// One running task; counts down however the task ends.
struct Counted(Arc<Background>);

impl Counted {
    fn new(background: Arc<Background>) -> Self {
        background.running.fetch_add(1, Ordering::SeqCst);
        Self(background)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}
