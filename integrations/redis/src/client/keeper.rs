//! Something that is made when it is first asked for, and made anew when it is of no use any more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dogpile::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::error::{Done, Failure};

/// The runtime that this runs on.
pub(super) fn runtime() -> Done<Handle> {
    Handle::try_current().map_err(|_| Failure::new("this needs a tokio runtime, and runs in none"))
}

/// Whether it still serves.
pub(super) trait Usable: Send + Sync + 'static {
    fn is_usable(&self) -> bool;
}

/// Keeps the present one.
///
/// Making is a task of its own, which no caller that goes away can stop, and there is one at a time.
/// Once a caller has given up on it, it is not waited for by others: whatever it is that does not
/// answer costs one caller's patience, and not everybody's.
pub(super) struct Keeper<T> {
    state: Arc<Mutex<State<T>>>,
}

struct State<T> {
    current: Option<Arc<T>>,
    attempt: Option<Attempt<T>>,
    /// When the present one was last asked to be renewed.
    renewed: Option<Instant>,
}

struct Attempt<T> {
    outcome: watch::Receiver<Option<Done<Arc<T>>>>,
    began: Instant,
    given_up: Arc<AtomicBool>,
}

type Making<T> = BoxFuture<'static, Done<T>>;

/// What is renewed because something fails is not renewed at every failure.
const PAUSE: Duration = Duration::from_millis(100);
/// Whoever goes away sooner than this did not do so out of impatience.
const PATIENCE: Duration = Duration::from_millis(50);

impl<T: Usable> Keeper<T> {
    pub(super) fn new() -> Self {
        Self { state: Arc::new(Mutex::new(State { current: None, attempt: None, renewed: None })) }
    }

    /// The present one, if it serves.
    pub(super) fn current(&self) -> Option<Arc<T>> {
        lock(&self.state).usable()
    }

    /// The present one, or the one that is made now.
    pub(super) async fn get(&self, make: impl FnOnce() -> Making<T> + Send) -> Done<Arc<T>> {
        if let Some(current) = self.current() {
            return Ok(current);
        }
        let (attempt, begun) = {
            let mut state = lock(&self.state);
            if let Some(current) = state.usable() {
                return Ok(current);
            }
            state.attempt()
        };
        self.spawn(begun, make)?;
        attempt.wait().await
    }

    /// Makes a new one, while the present one serves: now and then, however often it is called.
    pub(super) fn renew(&self, make: impl FnOnce() -> Making<T>) {
        let begun = {
            let mut state = lock(&self.state);
            if state.renewed.is_some_and(|renewed| renewed.elapsed() < PAUSE) {
                return;
            }
            state.renewed = Some(Instant::now());
            state.attempt().1
        };
        // Without a runtime the present one is kept.
        let _ = self.spawn(begun, make);
    }

    fn spawn(&self, begun: Option<Sender<T>>, make: impl FnOnce() -> Making<T>) -> Done<()> {
        let Some(sender) = begun else { return Ok(()) };
        // Whatever becomes of the task, the attempt ends with it.
        let ends = Ends { state: Arc::clone(&self.state), sender, outcome: None };
        let runtime = runtime()?;
        let making = make();
        // Not under the lock: a runtime that shuts down drops the task at once.
        runtime.spawn(async move {
            let outcome = making.await.map(Arc::new);
            ends.with(outcome);
        });
        Ok(())
    }
}

type Sender<T> = watch::Sender<Option<Done<Arc<T>>>>;

impl<T: Usable> State<T> {
    fn usable(&self) -> Option<Arc<T>> {
        self.current.as_ref().filter(|current| current.is_usable()).map(Arc::clone)
    }

    /// The attempt that runs, and what the task of a new one needs.
    fn attempt(&mut self) -> (Attempt<T>, Option<Sender<T>>) {
        if let Some(attempt) = &self.attempt {
            return (attempt.clone(), None);
        }
        let (sender, outcome) = watch::channel(None);
        let attempt = Attempt { outcome, began: Instant::now(), given_up: Arc::default() };
        self.attempt = Some(attempt.clone());
        (attempt, Some(sender))
    }
}

impl<T: Usable> Attempt<T> {
    async fn wait(mut self) -> Done<Arc<T>> {
        if self.given_up.load(Ordering::Relaxed) {
            return Err(Failure::new("no connection to the server yet"));
        }
        let _waits = Waits { began: self.began, given_up: Arc::clone(&self.given_up) };
        match self.outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(Failure::unexpected())),
            Err(_) => Err(Failure::new("the runtime that was to connect is gone")),
        }
    }
}

impl<T> Clone for Attempt<T> {
    fn clone(&self) -> Self {
        let Self { outcome, began, given_up } = self;
        Self { outcome: outcome.clone(), began: *began, given_up: Arc::clone(given_up) }
    }
}

/// A caller that waits; dropped late, it has given up. (Dropped with an outcome, it is too late to
/// matter.)
struct Waits {
    began: Instant,
    given_up: Arc<AtomicBool>,
}

impl Drop for Waits {
    fn drop(&mut self) {
        if self.began.elapsed() >= PATIENCE {
            self.given_up.store(true, Ordering::Relaxed);
        }
    }
}

/// Ends an attempt: with what was made, or with nothing.
struct Ends<T> {
    state: Arc<Mutex<State<T>>>,
    sender: Sender<T>,
    outcome: Option<Done<Arc<T>>>,
}

impl<T> Ends<T> {
    fn with(mut self, outcome: Done<Arc<T>>) {
        self.outcome = Some(outcome);
    }
}

impl<T> Drop for Ends<T> {
    fn drop(&mut self) {
        let mut replaced = None;
        {
            let mut state = lock(&self.state);
            state.attempt = None;
            if let Some(Ok(made)) = &self.outcome {
                replaced = state.current.replace(Arc::clone(made));
            }
        }
        drop(replaced);
        self.sender.send_replace(self.outcome.take());
    }
}

fn lock<T>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    // Every change of a state is one assignment.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
