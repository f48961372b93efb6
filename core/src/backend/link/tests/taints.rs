//! Taints through a link: bounded and counted as every call, and a lift pays what is owed.

use super::{Act, Down, Fake, LinkEvent, Operation, alone, assert_at_rest, open, others_run};
use super::{owe, pass, poll, region};
use crate::backend::Writer;
use crate::units::secs;

const LIFE: std::time::Duration = secs(30);

fn t() -> Vec<String> {
    vec!["t".to_owned()]
}

#[tokio::test(start_paused = true)]
async fn a_place_that_has_no_answer_is_not_placed_as_far_as_anybody_may_rely_on_it() {
    let backend = Fake::new();
    let (link, heard) = region("shop", &backend);
    let writer = Writer::random();
    let acts = [Act::Fail, Act::FailLate, Act::Hang, Act::PanicInPoll, Act::PanicInCall];
    let downs = [Down::Error, Down::Error, Down::Timeout, Down::Panicked, Down::Panicked];
    for (act, down) in acts.into_iter().zip(downs) {
        backend.then([act]);
        assert_eq!(link.place(&t(), writer, LIFE).await, Err(down), "{act:?}");
        assert_eq!(
            heard.take()[0],
            LinkEvent::Failed { operation: Operation::Place, down },
            "{act:?}"
        );
        // What has landed all the same goes with the lift.
        owe(&link, &["t"]).lift(writer).await.unwrap();
        assert!(!backend.is_tainted("t"));
    }
    backend.then([Act::AnswerAndLose]);
    assert_eq!(link.place(&t(), writer, LIFE).await, Err(Down::Changed));
}

#[tokio::test(start_paused = true)]
async fn while_the_breaker_is_open_nobody_is_asked_to_taint() {
    let (backend, link) = alone();
    open(&backend, &link).await;
    let (calls, writer) = (backend.calls(), Writer::random());
    assert_eq!(link.place(&t(), writer, LIFE).await, Err(Down::Open));
    assert_eq!(link.renew(&t(), writer, LIFE).await, Err(Down::Open));
    assert_eq!(link.forget(&t(), writer).await, Err(Down::Open));
    assert_eq!(backend.calls(), calls);
}

#[tokio::test(start_paused = true)]
async fn i15_what_is_owed_can_be_tainted_and_is_owed_until_it_is_lifted() {
    let (backend, link) = alone();
    let (debt, writer) = (owe(&link, &["t"]), Writer::random());
    link.place(&t(), writer, LIFE).await.unwrap();
    assert!(link.renew(&t(), writer, LIFE).await.unwrap());
    assert!(!link.renew(&t(), Writer::random(), LIFE).await.unwrap());
    assert_eq!(link.read(&[], &["t"]).await, Err(Down::Owed));
    let placed = backend.version("t");
    backend.then([Act::Slow(2, 2)]);
    let mut lift = Box::pin(debt.lift(writer));
    for _ in 0..3 {
        assert!(poll(&mut lift).is_pending());
        assert!(link.owes(["t"]));
    }
    assert_eq!(lift.await, Ok(true));
    assert_ne!(backend.version("t"), placed);
    assert!(!backend.is_tainted("t") && backend.bumps().is_empty());
    assert_at_rest(&link);
    assert_eq!(owe(&link, &["t"]).lift(writer).await, Ok(false), "it was lifted before");
    assert_eq!(owe(&link, &[]).lift(writer).await, Ok(true));
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn what_is_tainted_has_no_version_whatever_the_backend_shows() {
    let (_backend, link) = alone();
    link.create(&["t", "u"]).await.unwrap();
    link.place(&t(), Writer::random(), LIFE).await.unwrap();
    // This backend gives the versions of tainted registers away.
    let answer = link.read(&[], &["u", "t"]).await.unwrap();
    assert_eq!(answer.tainted, [1]);
    assert!(answer.versions[0].is_some() && answer.versions[1].is_none());
}

#[tokio::test(start_paused = true)]
async fn i16_a_lift_dropped_at_any_poll_is_owed_and_then_delivered_by_a_bump() {
    for polls in 0.. {
        let (backend, link) = alone();
        let writer = Writer::random();
        link.place(&t(), writer, LIFE).await.unwrap();
        let placed = backend.version("t");
        backend.then([Act::Slow(2, 2)]);
        let mut lift = Box::pin(owe(&link, &["t"]).lift(writer));
        let done = (0..polls).any(|_| poll(&mut lift).is_ready());
        drop(lift);
        assert_eq!(link.owes(["t"]), !done, "after {polls} polls");
        others_run().await;
        assert_ne!(backend.version("t"), placed);
        assert_eq!(backend.bumps().len(), usize::from(!done));
        assert_at_rest(&link);
        if done {
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn i15_a_lift_that_fails_is_a_bump_and_what_fails_too_is_delivered_later() {
    let (backend, link) = alone();
    let writer = Writer::random();
    link.place(&t(), writer, LIFE).await.unwrap();
    backend.then([Act::Fail]);
    assert!(owe(&link, &["t"]).lift(writer).await.is_ok());
    assert_eq!(backend.bumps().len(), 1);
    assert!(backend.is_tainted("t"), "nobody lifted it");
    assert_at_rest(&link);
    backend.then([Act::Fail, Act::Fail]);
    assert_eq!(owe(&link, &["t"]).lift(writer).await, Err(Down::Error));
    assert!(link.owes(["t"]));
    backend.then([Act::Hang]);
    assert_eq!(owe(&link, &["t"]).lift(writer).await, Err(Down::Timeout));
    pass(secs(10)).await;
    assert!(!link.owes(["t"]));
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn i15_a_lift_that_was_lost_with_the_memory_of_the_backend_is_done_again() {
    let (backend, link) = alone();
    let writer = Writer::random();
    link.place(&t(), writer, LIFE).await.unwrap();
    backend.then([Act::AnswerAndLose]);
    let lost = backend.version("t");
    owe(&link, &["t"]).lift(writer).await.unwrap();
    assert_ne!(backend.version("t"), lost);
    others_run().await;
    assert_at_rest(&link);
}
