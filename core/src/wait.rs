//! Waiting with a bound, where there is a runtime to keep time.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time;

/// The output of `future`, unless it takes longer than `limit`.
///
/// What is ready at once costs no timer. Outside of a tokio runtime nothing keeps time: the wait is
/// then as long as the future takes.
pub(crate) async fn bounded<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let first = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
    match first {
        Poll::Ready(output) => Some(output),
        Poll::Pending if Handle::try_current().is_err() => Some(future.await),
        Poll::Pending => time::timeout(limit, future).await.ok(),
    }
}

/// Sleeps; outside of a tokio runtime, for ever.
pub(crate) async fn sleep(duration: Duration) {
    if Handle::try_current().is_err() {
        std::future::pending::<()>().await;
    }
    time::sleep(duration).await;
}
