//! I15, I16: what is owed is owed at once, and until the backend has acknowledged it.

use super::{
    Act, Down, Fake, alone, assert_at_rest, open, others_run, owe, pass, poll, region, run,
};
use crate::units::{minutes, secs};

#[tokio::test(start_paused = true)]
async fn i15_a_register_is_owed_from_the_owing_until_the_acknowledgement() {
    let (backend, link) = alone();
    let before = link.create(&["t"]).await.unwrap()[0];
    assert!(!link.owes(["t"]));
    let debt = owe(&link, &["t", "u"]);
    assert!(link.owes(["t"]) && link.owes(["x", "u"]));
    assert!(!link.owes(["x"]) && !link.owes([""; 0]), "the rest is served");
    backend.then([Act::Slow(2, 2)]);
    let mut delivery = Box::pin(debt.deliver());
    for _ in 0..3 {
        assert!(poll(&mut delivery).is_pending());
        assert!(link.owes(["t"]));
    }
    delivery.await.unwrap();
    assert!(!link.owes(["t", "u"]));
    assert_ne!(backend.version("t"), before);
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn i15_while_it_is_owed_nobody_is_answered_about_it() {
    let backend = Fake::new();
    let (link, heard) = region("shop", &backend);
    let debt = owe(&link, &["t"]);
    let calls = backend.calls();
    assert_eq!(link.read(&["k"], &["x", "t"]).await, Err(Down::Owed));
    assert_eq!(link.create(&["t"]).await, Err(Down::Owed));
    assert_eq!(link.store(&[], &["t"]).await, Err(Down::Owed));
    assert_eq!(backend.calls(), calls, "asked for nothing");
    assert!(heard.take().is_empty(), "to go past what is owed is no failure of the backend");
    assert!(link.read(&["k"], &["x"]).await.is_ok());
    assert!(link.remove(&["k"]).await.is_ok());
    debt.deliver().await.unwrap();
    assert!(link.read(&["k"], &["t"]).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn i15_an_answer_that_an_invalidation_overtook_is_not_served() {
    let (backend, link) = alone();
    backend.then([Act::Slow(0, 2)]);
    let mut read = Box::pin(link.read(&["k"], &["t"]));
    assert!(poll(&mut read).is_pending());
    let _debt = owe(&link, &["t"]);
    assert_eq!(read.await, Err(Down::Owed));
}

#[tokio::test(start_paused = true)]
async fn i15_a_read_that_begins_while_it_is_owed_is_not_answered_though_it_is_paid_meanwhile() {
    let (backend, link) = alone();
    link.create(&["t"]).await.unwrap();
    let debt = owe(&link, &["t"]);
    backend.then([Act::Slow(0, 2)]);
    let mut read = Box::pin(link.read(&["k"], &["t"]));
    let first = poll(&mut read);
    debt.deliver().await.unwrap();
    let answer = match first {
        std::task::Poll::Ready(answer) => answer,
        std::task::Poll::Pending => read.await,
    };
    assert_eq!(answer, Err(Down::Owed), "the old version was read and served");
}

#[tokio::test(start_paused = true)]
async fn i15_two_debts_of_one_register_are_two() {
    let (_backend, link) = alone();
    let (first, second) = (owe(&link, &["t", "t"]), owe(&link, &["t"]));
    first.deliver().await.unwrap();
    assert!(link.owes(["t"]));
    second.deliver().await.unwrap();
    assert!(!link.owes(["t"]));
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn i15_a_debt_that_was_left_is_not_paid_by_another_one_or_by_an_earlier_bump() {
    let (backend, link) = alone();
    let live = owe(&link, &["t"]);
    backend.then([Act::Held]);
    drop(owe(&link, &["t"]));
    others_run().await;
    // The deliverer's bump for the first one has been done, and is not yet acknowledged.
    let moved = backend.version("t");
    assert!(moved.is_some());
    drop(owe(&link, &["t"]));
    backend.release.notify_one();
    others_run().await;
    assert_eq!(backend.bumps().len(), 2, "the second needs a bump of its own");
    assert_ne!(backend.version("t"), moved);
    assert!(link.owes(["t"]), "the live one is owed still");
    live.deliver().await.unwrap();
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn i15_a_debt_of_nothing_asks_nobody() {
    let (backend, link) = alone();
    owe(&link, &[]).deliver().await.unwrap();
    drop(owe(&link, &[]));
    assert_eq!(backend.calls(), 0);
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn i16_a_delivery_dropped_at_any_poll_is_owed_and_then_delivered() {
    for (before, after) in [(0, 0), (0, 3), (2, 0), (2, 2)] {
        for polls in 0.. {
            let (backend, link) = alone();
            let old = link.create(&["t"]).await.unwrap()[0];
            backend.then([Act::Slow(before, after)]);
            let mut delivery = Box::pin(owe(&link, &["t"]).deliver());
            let done = (0..polls).any(|_| poll(&mut delivery).is_ready());
            let at_drop = backend.version("t");
            drop(delivery);
            assert_eq!(link.owes(["t"]), !done, "after {polls} polls");
            others_run().await;
            assert!(!link.owes(["t"]));
            assert_ne!(backend.version("t"), old);
            assert_eq!(backend.version("t") == at_drop, done, "delivered again, or not at all");
            assert_at_rest(&link);
            if done {
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn i6_any_call_dropped_at_any_poll_leaves_nothing_behind() {
    for polls in 0..6 {
        let (backend, link) = alone();
        backend.usually(Act::Slow(2, 2));
        let mut calls: Vec<std::pin::Pin<Box<dyn Future<Output = bool>>>> = vec![
            Box::pin(async { link.read(&["k"], &["t"]).await.is_ok() }),
            Box::pin(async { link.create(&["t"]).await.is_ok() }),
            Box::pin(async { link.store(&[], &["t"]).await.is_ok() }),
            Box::pin(async { link.remove(&["k"]).await.is_ok() }),
            Box::pin(async { link.settle(secs(1)).await == 0 }),
        ];
        for call in &mut calls {
            let _ = (0..polls).any(|_| poll(call).is_ready());
        }
        drop(calls);
        assert_eq!(backend.under_way.load(std::sync::atomic::Ordering::SeqCst), 0);
        assert_at_rest(&link);
        backend.usually(Act::Answer);
        assert!(link.read(&["k"], &["t"]).await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn i15_a_delivery_that_fails_says_so_and_is_tried_again_with_fresh_tokens() {
    for act in [Act::Fail, Act::FailLate, Act::Hang, Act::PanicInPoll, Act::PanicInCall] {
        let (backend, link) = alone();
        let old = link.create(&["t"]).await.unwrap()[0];
        backend.then([act, act, act]);
        assert!(owe(&link, &["t"]).deliver().await.is_err());
        let after_failure = backend.version("t");
        assert!(link.owes(["t"]));
        pass(secs(10)).await;
        assert!(!link.owes(["t"]), "{act:?}");
        assert_eq!(backend.bumps().len(), 4);
        assert_ne!(backend.version("t"), old);
        assert_ne!(backend.version("t"), after_failure);
        assert_at_rest(&link);
    }
}

#[tokio::test(start_paused = true)]
async fn i15_what_is_owed_while_the_breaker_is_open_is_delivered_when_it_lets_a_probe_through() {
    let (backend, link) = alone();
    open(&backend, &link).await;
    assert_eq!(owe(&link, &["t"]).deliver().await, Err(Down::Open));
    others_run().await;
    assert!(backend.bumps().is_empty(), "the breaker is open");
    backend.usually(Act::Fail);
    pass(minutes(5)).await;
    // 1 + 2 + 4 + 8 + 16 + 30 + ... seconds, each with a little jitter.
    let tries = backend.bumps().len();
    assert!((11..=14).contains(&tries), "{tries} tries in five minutes");
    assert!(link.owes(["t"]));
    backend.usually(Act::Answer);
    pass(secs(34)).await;
    assert!(!link.owes(["t"]));
    assert_eq!(backend.bumps().len(), tries + 1);
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn i15_the_success_of_anybody_wakes_the_deliverer() {
    let (backend, link) = alone();
    open(&backend, &link).await;
    backend.usually(Act::Fail);
    drop(owe(&link, &["t"]));
    pass(minutes(5)).await;
    let retry_in = || link.member.shared.breaker.retry_in(link.member.shared.now());
    let left = retry_in().unwrap();
    // The breaker's time comes, and a reader is quicker than the deliverer.
    backend.usually(Act::Answer);
    let bumps = backend.bumps().len();
    tokio::time::advance(left).await;
    let read = link.read(&["k"], &["other"]).await;
    assert!(read.is_ok() || read == Err(Down::Open));
    others_run().await;
    assert_eq!(backend.bumps().len(), bumps + 1);
    assert_at_rest(&link);
}

#[test]
fn i15_what_was_left_outside_of_a_runtime_is_delivered_by_the_next_call_from_inside_of_one() {
    let (backend, link) = alone();
    drop(owe(&link, &["t"]));
    assert!(link.owes(["t"]));
    assert!(run(link.read(&["k"], &["u"])).is_ok());
    assert!(backend.bumps().is_empty());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        assert_eq!(link.read(&["k"], &["t"]).await, Err(Down::Owed));
        others_run().await;
        assert!(link.read(&["k"], &["t"]).await.is_ok());
    });
    assert_at_rest(&link);
}

#[test]
fn i15_outside_of_a_runtime_a_debt_is_delivered_and_settle_delivers_what_was_left() {
    let (backend, link) = alone();
    backend.then([Act::Slow(1, 1)]);
    run(owe(&link, &["t"]).deliver()).unwrap();
    drop(owe(&link, &["u", "v"]));
    backend.then([Act::Fail]);
    assert_eq!(run(link.settle(secs(1))), 2);
    assert_eq!(run(link.settle(secs(1))), 0);
    assert_at_rest(&link);
}

#[test]
fn i15_a_deliverer_that_ends_with_its_runtime_is_followed_by_another_one() {
    let backend = Fake::new();
    let (link, _) = region("shop", &backend);
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    backend.then([Act::Hang]);
    runtime().block_on(async {
        drop(owe(&link, &["t"]));
        others_run().await;
        assert_eq!(backend.bumps().len(), 1);
    });
    // And one that was not even polled once.
    runtime().block_on(async { drop(owe(&link, &["u"])) });
    assert!(link.owes(["t"]) && link.owes(["u"]));
    runtime().block_on(async {
        assert_eq!(link.settle(secs(10)).await, 0);
        others_run().await;
    });
    assert_at_rest(&link);
}
