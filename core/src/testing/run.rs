//! Running cases.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::timeout;

use super::cases::{ALL, Case};
use super::outcome::{NotPassed, Outcome};
use super::report::{Report, Verdict};
use super::subject::Subject;
use crate::units::minutes;

/// A case that takes longer has failed: some call did not end.
const LIMIT: Duration = minutes(1);

/// The names of all cases.
pub fn cases() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|case| case.name)
}

/// Runs one case; `None` if there is none of this name.
///
/// # Cancel safety
///
/// Dropped half-way, it may leave entries, registers and leases in the backend.
pub async fn run<S: Into<Subject>>(name: &str, make: impl AsyncFnOnce() -> S) -> Option<Verdict> {
    let case = ALL.iter().find(|case| case.name == name)?;
    Some(run_case(case, make().await.into()).await)
}

/// Runs every case, one after the other, each on a backend of its own.
///
/// For suites that are not made of tests; others use [`conformance!`](super::conformance).
///
/// # Cancel safety
///
/// Dropped half-way, it may leave entries, registers and leases in the backend.
pub async fn run_all<S: Into<Subject>>(make: impl AsyncFn() -> S) -> Report {
    let mut verdicts = Vec::new();
    for case in ALL {
        verdicts.push((case.name, run_case(case, make().await.into()).await));
    }
    Report { verdicts }
}

/// What a test of [`conformance!`](super::conformance) does.
///
/// # Panics
///
/// The case failed, or does not apply and is not listed, or applies and is listed.
#[expect(clippy::print_stdout, reason = "a test that was not run says so where tests speak")]
pub fn run_as_test<S: Into<Subject>>(
    name: &str,
    make: impl AsyncFnOnce() -> S,
    not_applicable: &[&str],
) {
    for listed in not_applicable {
        assert!(cases().any(|case| case == *listed), "there is no case `{listed}`");
    }
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    let listed = not_applicable.contains(&name);
    match runtime.block_on(run(name, make)) {
        Some(Verdict::Passed) if listed => {
            panic!("this case applies after all: take it off `not_applicable`")
        }
        Some(Verdict::Passed) => {}
        Some(Verdict::NotApplicable(why)) if listed => println!("does not apply: {why}"),
        Some(Verdict::NotApplicable(why)) => {
            panic!("does not apply: {why}; if that is meant, list `{name}` in `not_applicable`")
        }
        Some(Verdict::Failed(how)) => panic!("{how}"),
        None => panic!("there is no case `{name}`"),
    }
}

async fn run_case(case: &Case, subject: Subject) -> Verdict {
    match timeout(LIMIT, catch(async move { (case.run)(subject).await })).await {
        Ok(Ok(Ok(()))) => Verdict::Passed,
        Ok(Ok(Err(NotPassed::NotApplicable(why)))) => Verdict::NotApplicable(why),
        Ok(Ok(Err(NotPassed::Failed(how)))) => Verdict::Failed(how),
        Ok(Err(panic)) => Verdict::Failed(format!("a panic: {panic}")),
        Err(_) => Verdict::Failed(format!("not done after {LIMIT:?}: a call does not end")),
    }
}

/// The outcome of `future`, or what it panicked with.
async fn catch(future: impl Future<Output = Outcome> + Send) -> Result<Outcome, String> {
    let mut future = pin!(future);
    poll_fn(|context| {
        // After a panic the future is not polled again, only dropped.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(message(&*panic))),
        }
    })
    .await
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
