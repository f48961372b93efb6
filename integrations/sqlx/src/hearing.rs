//! Hearing of a statement that was sent to the database.

use std::fmt;
use std::task::Poll;
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, future, stream};
use sqlx::Error;
use tokio::time::Instant;

/// What is told, once, of a statement that was sent: how long somebody waited for the database to
/// answer it, and whether it failed.
#[doc(hidden)]
pub struct Ear(Box<dyn FnOnce(Duration, bool) + Send>);

impl Ear {
    pub fn new(hear: impl FnOnce(Duration, bool) + Send + 'static) -> Self {
        Self(Box::new(hear))
    }
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ear")
    }
}

/// A statement that the driver has; it is told of when this is dropped.
struct Hearing {
    ear: Option<Ear>,
    waited: Duration,
    waiting: Option<Instant>,
    failed: bool,
}

impl Hearing {
    const fn new(ear: Ear) -> Self {
        let waited = Duration::ZERO;
        Self { ear: Some(ear), waited, waiting: None, failed: false }
    }

    /// Asks for an answer, whose parts are waited for only while somebody asks.
    fn ask<T>(&mut self, answer: impl FnOnce() -> Poll<T>, failed: fn(&T) -> bool) -> Poll<T> {
        let since = *self.waiting.get_or_insert_with(Instant::now);
        let polled = answer();
        if let Poll::Ready(part) = &polled {
            self.waited += since.elapsed();
            self.waiting = None;
            self.failed |= failed(part);
        }
        polled
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        if let Some(Ear(hear)) = self.ear.take() {
            let waiting = self.waiting.map_or(Duration::ZERO, |since| since.elapsed());
            hear(self.waited + waiting, self.failed);
        }
    }
}

/// The same steps, of which `ear` hears.
pub(crate) fn heard<'s, T: Send + 's>(
    ear: Option<Ear>,
    mut steps: BoxStream<'s, Result<T, Error>>,
) -> BoxStream<'s, Result<T, Error>> {
    let Some(ear) = ear else { return steps };
    let mut hearing = Hearing::new(ear);
    stream::poll_fn(move |context| {
        hearing.ask(|| steps.poll_next_unpin(context), |step| matches!(step, Some(Err(_))))
    })
    .boxed()
}

/// The same answer, of which `ear` hears.
pub(crate) fn heard_once<'a, T: Send + 'a>(
    ear: Option<Ear>,
    mut answer: BoxFuture<'a, Result<T, Error>>,
) -> BoxFuture<'a, Result<T, Error>> {
    let Some(ear) = ear else { return answer };
    let mut hearing = Hearing::new(ear);
    future::poll_fn(move |context| hearing.ask(|| answer.poll_unpin(context), Result::is_err))
        .boxed()
}
