//! One call to the backend: let through by the breaker, bounded in time, its panics caught.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::event::{Down, Operation};
use super::member::Member;
use crate::error::Result as Answered;
use crate::lease::BoxFuture;
use crate::wait::bounded;

impl Member {
    /// Asks the backend, and takes the answer if it `fits` the question.
    pub(super) async fn call<'m, T>(
        self: &'m Arc<Self>,
        operation: Operation,
        begin: impl FnOnce() -> BoxFuture<'m, Answered<T>> + Send,
        fits: impl FnOnce(&T) -> bool + Send,
    ) -> Result<T, Down> {
        let shared = &self.shared;
        let limit = self.settings.op_timeout;
        // A probe may take all of its time limit, and a little more to be polled.
        let Ok(pass) = shared.breaker.admit(shared.now(), limit.saturating_mul(2)) else {
            return Err(self.failed(operation, Down::Open));
        };
        match judge(operation, bounded(limit, Caught::begin(begin)).await, fits) {
            Ok(answer) => {
                let closed = pass.succeeded(shared.now());
                closed.into_iter().for_each(|down_for| shared.closed(down_for));
                Ok(answer)
            }
            Err(down) => {
                let opened = pass.failed(shared.now());
                self.failed(operation, down);
                opened.into_iter().for_each(|opened| shared.opened(opened));
                Err(down)
            }
        }
    }
}

fn judge<T>(
    operation: Operation,
    answer: Option<Result<Answered<T>, Panicked>>,
    fits: impl FnOnce(&T) -> bool,
) -> Result<T, Down> {
    match answer {
        None => Err(Down::Timeout),
        Some(Err(Panicked)) => Err(Down::Panicked),
        Some(Ok(Ok(answer))) if fits(&answer) => Ok(answer),
        Some(Ok(Ok(_))) => Err(Down::BadAnswer),
        Some(Ok(Err(error))) => {
            let operation = operation.name();
            tracing::debug!(target: "dogpile", operation, %error, "a call to the backend failed");
            Err(Down::Error)
        }
    }
}

#[derive(Debug)]
struct Panicked;

/// A future of the backend, whose panics stay inside: of the poll and of the drop.
struct Caught<'m, T>(Option<BoxFuture<'m, T>>);

impl<'m, T> Caught<'m, T> {
    /// The future that `begin` returns, as long as neither it nor `begin` panics.
    async fn begin(begin: impl FnOnce() -> BoxFuture<'m, T>) -> Result<T, Panicked> {
        let mut future = Self(catch_unwind(AssertUnwindSafe(begin)).ok());
        poll_fn(|context| future.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T, Panicked>> {
        let Some(future) = self.0.as_mut() else { return Poll::Ready(Err(Panicked)) };
        let poll = AssertUnwindSafe(|| Pin::new(future).poll(context));
        match catch_unwind(poll) {
            Ok(poll) => poll.map(Ok),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    }
}

impl<T> Drop for Caught<'_, T> {
    fn drop(&mut self) {
        let future = self.0.take();
        // Whoever drops a call has done nothing wrong, and has nobody to tell.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
    }
}
