//! The deliverer: one task, in batches, and nothing that always fails keeps the others waiting.

use std::sync::atomic::Ordering;

use super::super::deliver::MAX_BATCH;
use super::super::ledger::Witness;
use super::super::turn::{TURN_LIFE, Turn};
use super::{Act, LinkEvent, alone, assert_at_rest, open, others_run, owe, pass, poll, region};
use crate::clock::Tick;
use crate::units::{millis, minutes, secs};

#[tokio::test(start_paused = true)]
async fn what_is_left_together_is_delivered_together_in_bounded_batches() {
    let backend = super::Fake::new();
    let (link, heard) = region("shop", &backend);
    let left = MAX_BATCH * 2 + 1;
    (0..left).for_each(|i| drop(owe(&link, &[&format!("t{i}")])));
    others_run().await;
    let sizes: Vec<_> = backend.bumps().iter().map(Vec::len).collect();
    assert_eq!(sizes, [MAX_BATCH, MAX_BATCH, 1]);
    let delivered = sizes.iter().map(|&registers| LinkEvent::Delivered { registers });
    assert_eq!(heard.take(), delivered.collect::<Vec<_>>());
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn i5_there_is_one_deliverer_at_a_time() {
    let (backend, link) = alone();
    backend.usually(Act::Slow(3, 3));
    for i in 0..50 {
        drop(owe(&link, &[&format!("t{i}")]));
        tokio::task::yield_now().await;
        assert!(backend.under_way.load(Ordering::SeqCst) <= 1);
    }
    assert_eq!(link.settle(secs(1)).await, 0);
    others_run().await;
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn a_register_that_always_fails_keeps_no_other_waiting_for_ever() {
    let (backend, link) = alone();
    *backend.poison.lock().unwrap() = Some("t7".into());
    (0..100).for_each(|i| drop(owe(&link, &[&format!("t{i}")])));
    pass(minutes(10)).await;
    let owed: Vec<_> = (0..100).filter(|i| link.owes([&format!("t{i}")])).collect();
    assert_eq!(owed, [7]);
    // It is tried again and again, but not all the time.
    let tries = backend.bumps().len();
    assert!(tries < 700, "{tries} tries in ten minutes");
    *backend.poison.lock().unwrap() = None;
    assert_eq!(link.settle(minutes(1)).await, 0);
    others_run().await;
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn settle_does_not_wait_for_the_next_try() {
    let (backend, link) = alone();
    backend.then([Act::Fail; 3]);
    drop(owe(&link, &["t"]));
    pass(secs(4)).await;
    assert_eq!(backend.bumps().len(), 3);
    assert_eq!(link.settle(millis(1)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn settle_waits_for_all_that_is_owed_and_no_longer_than_its_limit() {
    let (backend, link) = alone();
    let live = owe(&link, &["a", "b"]);
    backend.usually(Act::Slow(2, 2));
    drop(owe(&link, &["c"]));
    let mut settle = Box::pin(link.settle(minutes(1)));
    assert!(poll(&mut settle).is_pending());
    others_run().await;
    assert!(!link.owes(["c"]) && poll(&mut settle).is_pending(), "a live debt is waited for");
    live.deliver().await.unwrap();
    let paid = tokio::time::Instant::now();
    assert_eq!(settle.await, 0);
    assert!(paid.elapsed() < secs(1), "nobody told that it was paid");

    backend.usually(Act::Fail);
    drop(owe(&link, &["a", "b"]));
    let begun = tokio::time::Instant::now();
    assert_eq!(link.settle(secs(10)).await, 2);
    assert!(begun.elapsed() >= secs(10) && begun.elapsed() < secs(11));
    backend.usually(Act::Answer);
    assert_eq!(link.settle(minutes(1)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn settle_does_not_wait_for_the_live_debts_of_other_regions() {
    let (backend, link) = alone();
    let (other, _) = region("other", &backend);
    let live = owe(&other, &["t"]);
    assert_eq!(link.settle(minutes(1)).await, 0);
    drop(live);
    // But for what they have left: nobody else will.
    assert_eq!(link.settle(minutes(1)).await, 0);
    assert!(!link.owes(["t"]));
}

#[tokio::test(start_paused = true)]
async fn it_delivers_through_the_backend_of_the_region_that_owes() {
    let (first, link) = alone();
    let second = first.again();
    let (other, _) = region("other", &second);
    drop(owe(&link, &["a"]));
    drop(owe(&other, &["b"]));
    others_run().await;
    assert_eq!(first.bumps(), [["a"]]);
    assert_eq!(second.bumps(), [["b"]]);
}

#[tokio::test(start_paused = true)]
async fn what_a_region_that_is_gone_has_left_is_delivered_through_another_one() {
    let (first, link) = alone();
    let second = first.again();
    let (other, _) = region("other", &second);
    first.usually(Act::Fail);
    drop(owe(&link, &["t"]));
    pass(secs(1)).await;
    assert!(link.owes(["t"]));
    drop(link);
    assert_eq!(other.settle(minutes(1)).await, 0);
    assert_eq!(second.bumps(), [["t"]]);
    assert!(!other.owes(["t"]));
}

#[tokio::test(start_paused = true)]
async fn i15_what_is_owed_outlives_the_last_region_and_is_known_to_the_next() {
    let backend = super::Fake::new();
    let (link, _) = region("shop", &backend);
    open(&backend, &link).await;
    drop(owe(&link, &["t"]));
    drop(link);
    let (next, _) = region("next", &backend.again());
    assert!(next.owes(["t"]));
    assert_eq!(next.settle(minutes(1)).await, 0);
    assert!(!next.owes(["t"]));
}

#[tokio::test(start_paused = true)]
async fn i6_nothing_is_kept_once_nothing_is_owed_and_the_last_region_is_gone() {
    let (backend, link) = alone();
    drop(owe(&link, &["t"]));
    others_run().await;
    let shared = std::sync::Arc::downgrade(&link.member.shared);
    let member = std::sync::Arc::downgrade(&link.member);
    drop(link);
    assert!(member.upgrade().is_none(), "the backend is held");
    assert!(shared.upgrade().is_none());
    drop(std::sync::Arc::into_inner(backend).expect("the backend is held"));
}

#[tokio::test(start_paused = true)]
async fn what_is_left_while_the_deliverer_ends_is_delivered_by_the_same() {
    let (_backend, link) = alone();
    let shared = &link.member.shared;
    let turn = Turn::take(shared).unwrap();
    assert!(Turn::take(shared).is_none(), "two of them");
    // It has found nothing more to deliver, and has not yet given its turn back.
    drop(owe(&link, &["t"]));
    let turn = turn.end().expect("left for ever");
    link.member.shared.journal.change(|ledger| {
        let batch = ledger.next(1).unwrap();
        let witness = Witness { replays: ledger.replays };
        assert_eq!(ledger.settle(&batch, witness, Tick::default()), Some(1));
    });
    assert!(turn.end().is_none());
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn i5_a_deliverer_whose_runtime_does_not_run_is_given_up() {
    let (_backend, link) = alone();
    let shared = &link.member.shared;
    let lost = Turn::take(shared).unwrap();
    drop(owe(&link, &["t"]));
    pass(TURN_LIFE - millis(1)).await;
    assert_eq!(link.settle(millis(1)).await, 1);
    pass(millis(1)).await;
    assert_eq!(link.settle(millis(1)).await, 0);
    others_run().await;
    assert_at_rest(&link);
    // And it has no say when it comes back.
    let other = Turn::take(shared).unwrap();
    assert!(!lost.renew());
    drop(lost);
    assert!(Turn::take(shared).is_none() && other.renew());
    pass(TURN_LIFE - millis(1)).await;
    assert!(other.renew());
    pass(TURN_LIFE - millis(1)).await;
    assert!(Turn::take(shared).is_none(), "it has just given a sign of life");
}

/// Many threads that owe, pay, leave and ask at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_that_is_left_on_any_thread_is_forgotten() {
    let (backend, link) = alone();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let link = link.clone();
            tokio::spawn(async move {
                for i in 0..500 {
                    let register = format!("t{}", (task * 31 + i) % 17);
                    let debt = owe(&link, &[&register]);
                    assert!(link.owes([&register]));
                    match i % 3 {
                        0 => drop(debt),
                        1 => debt.deliver().await.unwrap(),
                        _ => {
                            let mut delivery = Box::pin(debt.deliver());
                            let _ = poll(&mut delivery);
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(tokio::time::timeout(secs(60), link.member.settled()).await.is_ok(), "left for ever");
    assert!((0..17).all(|i| !link.owes([&format!("t{i}")])));
    assert!(!backend.bumps().is_empty());
}
