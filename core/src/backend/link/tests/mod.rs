//! What a link promises, against a backend that does what the test tells it to.

mod breaker;
mod calls;
mod debts;
mod deliverer;
mod fake;
mod losses;
mod overflow;
mod random;
mod regions;
mod taints;
mod told;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use fake::{Act, Fake};

use super::{Debt, Down, Link, LinkEvent, LinkSettings, Operation};
use crate::clock::{Clock, Tick};
use crate::units::{hours, millis};

/// A clock that goes with the timers of tokio, which stand still in tests until all tasks wait.
#[derive(Debug)]
struct Virtual(tokio::time::Instant);

impl Clock for Virtual {
    fn now(&self) -> Tick {
        Tick::default().after(self.0.elapsed())
    }
}

/// What a region was told.
#[derive(Debug, Clone, Default)]
struct Heard(Arc<Mutex<Vec<LinkEvent>>>);

impl Heard {
    fn take(&self) -> Vec<LinkEvent> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn count(&self, wanted: impl Fn(&LinkEvent) -> bool) -> usize {
        self.0.lock().unwrap().iter().filter(|event| wanted(event)).count()
    }
}

/// A link of the region `name`, and what the region is told.
fn region(name: &str, backend: &Arc<Fake>) -> (Link, Heard) {
    clocked(name, backend, Arc::new(Virtual(tokio::time::Instant::now())))
}

fn clocked(name: &str, backend: &Arc<Fake>, clock: Arc<dyn Clock>) -> (Link, Heard) {
    let heard = Heard::default();
    let settings = LinkSettings {
        region: name.into(),
        op_timeout: millis(100),
        clock,
        register_life: hours(24),
        report: Arc::new({
            let heard = heard.clone();
            move |event: &LinkEvent| heard.0.lock().unwrap().push(*event)
        }),
    };
    let epoch = format!("region:{name}");
    (Link::new(Arc::clone(backend) as _, settings, epoch), heard)
}

/// A backend and the only link to it.
fn alone() -> (Arc<Fake>, Link) {
    let backend = Fake::new();
    let (link, _) = region("shop", &backend);
    (backend, link)
}

fn owe(link: &Link, registers: &[&str]) -> Debt {
    link.owe(registers.iter().map(ToString::to_string).collect())
}

/// Lets the other tasks run, with the timers that end within `duration`.
async fn pass(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Lets the other tasks run as far as they can without a timer.
async fn others_run() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls a future until it is done, without a runtime.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = Box::pin(future);
    for _ in 0..1_000 {
        if let Poll::Ready(output) = poll(&mut future) {
            return output;
        }
    }
    panic!("the future was expected to end");
}

/// Nothing is owed, nothing runs, nobody waits (I6).
fn assert_at_rest(link: &Link) {
    let shared = &link.member.shared;
    assert_eq!(shared.journal.left(), 0);
    assert!(shared.journal.change(|ledger| ledger.is_clear()), "something is owed for ever");
    assert_eq!(link.member.held.load(std::sync::atomic::Ordering::SeqCst), 0);
    assert!(shared.turns.is_free(), "the deliverer runs");
}

/// Fails the backend until the breaker opens.
async fn open(backend: &Fake, link: &Link) {
    backend.then([Act::Fail; 5]);
    for _ in 0..5 {
        assert_eq!(link.read(&[], &[]).await, Err(Down::Error));
    }
}
