//! Dropping a future at a chosen poll.

use std::future::{Future, ready};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use tokio::sync::Notify;

use super::{Fixture, Readers, Result, within};

/// No future here needs as many polls.
const MOST_POLLS: usize = 1_000;

/// When to drop a future.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// After how many polls.
    polls: usize,
    /// Only after it was woken once more: what it waits for is there, and it never looks.
    woken: bool,
}

impl Cut {
    /// After that many polls, at once.
    pub(crate) const fn after(polls: usize) -> Self {
        Self { polls, woken: false }
    }

    /// Runs `future` up to the cut and drops it; its output if it was done before.
    pub(crate) async fn run<F: Future>(self, future: F) -> Option<F::Output> {
        self.run_joined(future, ready(())).await
    }

    /// [`run`](Self::run), with something else that is done once: after the first poll, if there is
    /// one.
    pub(crate) async fn run_joined<F: Future>(
        self,
        future: F,
        after_first_poll: impl Future<Output = ()>,
    ) -> Option<F::Output> {
        let mut future = Box::pin(future);
        let mut after_first_poll = Some(after_first_poll);
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut output = None;
        for poll in 1..=self.polls {
            if let Poll::Ready(ready) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                output = Some(ready);
                break;
            }
            if let Some(joined) = after_first_poll.take() {
                joined.await;
            }
            if poll < self.polls || self.woken {
                woken.wait().await;
            }
        }
        drop(future);
        if let Some(joined) = after_first_poll {
            joined.await;
        }
        output
    }
}

/// Tells that a future wants to be polled again.
#[derive(Default)]
struct Woken(Notify);

impl Woken {
    async fn wait(&self) {
        assert!(within("a wake", self.0.notified()).await.is_ok(), "a future was never woken");
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

/// Runs `case` with a cut at every poll, until the future that it cuts is done before the cut.
///
/// The case says whether it was. Between the cases everything must be as if nothing had happened:
/// on a pool of one connection and of several, with readers beside it all the time and without.
pub(crate) async fn at_every_poll_of<F, Fut>(case: F) -> Result
where
    F: Fn(Fixture, Cut) -> Fut + Send + Sync,
    Fut: Future<Output = Result<bool>> + Send,
{
    for connections in [1, 4] {
        let fixture = Fixture::new(connections).await?;
        for reading in [false, true] {
            at_every_poll(async |cut| {
                let readers = reading.then(|| Readers::start(&fixture));
                let done = within("the case", case(fixture.clone(), cut)).await??;
                fixture.settle().await?;
                if let Some(readers) = readers {
                    readers.stop().await?;
                }
                fixture.check(&format!("{cut:?}, {connections} connections")).await?;
                Ok(done)
            })
            .await?;
        }
    }
    Ok(())
}

/// Calls `case` with later and later cuts until it says that its future was done before the cut.
pub(crate) async fn at_every_poll(case: impl AsyncFn(Cut) -> Result<bool>) -> Result {
    for woken in [false, true] {
        let mut polls = 0;
        while !case(Cut { polls, woken }).await? {
            polls += 1;
            assert!(polls < MOST_POLLS, "the future is never done");
        }
    }
    Ok(())
}
