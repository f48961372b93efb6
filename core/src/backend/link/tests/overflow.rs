//! The journal is bounded: one register more, and the epochs are owed in place of the names.

use super::super::ledger::MAX_OWED;
use super::{
    Act, Down, Link, LinkEvent, alone, assert_at_rest, open, others_run, owe, pass, region,
};
use crate::units::{minutes, secs};

/// Leaves as many registers as the journal has room for.
async fn fill(backend: &super::Fake, link: &Link) {
    open(backend, link).await;
    backend.usually(Act::Fail);
    drop(link.owe((0..MAX_OWED).map(|i| format!("t{i}")).collect()));
    assert!(link.owes(["t0"]) && !link.owes(["other"]), "so many are known by name");
}

/// Waits until the deliverer's bump of the epochs is done and not yet acknowledged.
async fn held_bump(backend: &super::Fake) {
    backend.usually(Act::Answer);
    backend.then([Act::Held]);
    tokio::time::advance(secs(2)).await;
    others_run().await;
    assert_eq!(backend.under_way.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn one_register_too_many_and_everything_is_owed_until_the_epochs_have_moved() {
    let backend = super::Fake::new();
    let (link, heard) = region("shop", &backend);
    let (other, other_heard) = region("other", &backend.again());
    let epochs = ["region:shop", "region:other"];
    let before = link.create(&epochs).await.unwrap();
    fill(&backend, &link).await;
    drop(owe(&link, &["one more"]));
    let lost = LinkEvent::Lost { registers: MAX_OWED + 1 };
    assert_eq!((heard.count(|e| *e == lost), other_heard.count(|e| *e == lost)), (1, 1));
    for link in [&link, &other] {
        assert!(link.owes(["anything"]) && link.owes([""; 0]));
        assert_eq!(link.read(&["k"], &["anything"]).await, Err(Down::Owed));
    }
    backend.usually(Act::Answer);
    assert_eq!(link.settle(minutes(1)).await, 0);
    assert!(!link.owes(["t0"]) && !other.owes(["one more"]), "forgotten");
    let after = link.read(&[], &epochs).await.unwrap().versions;
    assert!(std::iter::zip(before, after).all(|(before, after)| after != before));
    others_run().await;
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn everything_is_owed_until_the_last_epoch_has_moved() {
    let (backend, link) = alone();
    let other_backend = backend.again();
    let (_other, _) = region("other", &other_backend);
    fill(&backend, &link).await;
    drop(owe(&link, &["one more"]));
    backend.usually(Act::Answer);
    other_backend.usually(Act::Fail);
    pass(minutes(1)).await;
    assert!(backend.bumps().contains(&vec!["region:shop".into()]));
    assert!(link.owes(["anything"]), "the epoch of the other region has not moved");
    other_backend.usually(Act::Answer);
    assert_eq!(link.settle(minutes(1)).await, 0);
    assert!(!link.owes(["anything"]));
}

#[tokio::test(start_paused = true)]
async fn i15_a_live_debt_is_kept_by_name_though_the_rest_is_let_go() {
    let (backend, link) = alone();
    let live = owe(&link, &["live"]);
    open(&backend, &link).await;
    drop(link.owe((1..MAX_OWED).map(|i| format!("t{i}")).collect()));
    drop(owe(&link, &["one more"]));
    assert_eq!(link.settle(secs(10)).await, 1, "the live one");
    // Its write may be yet to come: the epoch has moved too early for it.
    assert!(link.owes(["live"]) && !link.owes(["t1"]));
    live.deliver().await.unwrap();
    assert!(!link.owes(["live"]));
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn i15_a_live_debt_without_room_for_its_names_makes_everything_owed_until_it_is_paid() {
    let backend = super::Fake::new();
    let (link, heard) = region("shop", &backend);
    fill(&backend, &link).await;
    let live = owe(&link, &["one more"]);
    assert!(link.owes(["anything"]));
    backend.usually(Act::Answer);
    pass(secs(2)).await;
    assert!(!backend.bumps().is_empty() && link.owes(["anything"]));
    live.deliver().await.unwrap();
    assert_eq!(link.settle(minutes(1)).await, 0);
    assert!(!link.owes(["anything"]));
    assert_eq!(heard.count(|event| matches!(event, LinkEvent::Lost { .. })), 0, "nothing was lost");
    assert_eq!(backend.version("region:shop"), None, "no epoch had to move");
}

#[tokio::test(start_paused = true)]
async fn what_is_left_while_the_epochs_are_on_their_way_is_not_forgotten_with_the_rest() {
    let (backend, link) = alone();
    fill(&backend, &link).await;
    drop(owe(&link, &["one more"]));
    held_bump(&backend).await;
    drop(owe(&link, &["later"]));
    backend.release.notify_one();
    others_run().await;
    assert!(backend.version("later").is_some(), "the epoch's bump had begun before");
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn an_overflow_during_an_overflow_moves_the_epochs_again() {
    let (backend, link) = alone();
    fill(&backend, &link).await;
    drop(owe(&link, &["one more"]));
    held_bump(&backend).await;
    let first = backend.version("region:shop");
    drop(link.owe((0..=MAX_OWED).map(|i| format!("u{i}")).collect()));
    backend.then([Act::Held]);
    backend.release.notify_one();
    others_run().await;
    assert!(link.owes(["anything"]), "the first delivery was taken for the second");
    backend.release.notify_one();
    others_run().await;
    assert!(!link.owes(["u0"]));
    assert_ne!(backend.version("region:shop"), first, "moved before the second was left");
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn a_region_that_begins_after_an_overflow_moves_its_epoch_first() {
    let (backend, link) = alone();
    let before = link.create(&["region:late", "region:later"]).await.unwrap();
    fill(&backend, &link).await;
    drop(owe(&link, &["one more"]));
    // During the overflow: it is part of it.
    let (late, _) = region("late", &backend);
    assert!(late.owes(["anything"]) && late.owes(["region:late"]));
    backend.usually(Act::Answer);
    assert_eq!(link.settle(minutes(1)).await, 0);
    assert_ne!(backend.version("region:late"), before[0]);
    // After it: entries of this region may depend on names that were let go.
    let (later, _) = region("later", &backend);
    assert!(later.owes(["region:later"]) && !link.owes(["t0"]));
    others_run().await;
    assert!(!later.owes(["region:later"]));
    assert_ne!(backend.version("region:later"), before[1]);
    assert_at_rest(&later);
}

#[tokio::test(start_paused = true)]
async fn registers_that_are_owed_many_times_take_room_once() {
    let (backend, link) = alone();
    fill(&backend, &link).await;
    for i in 0..3 * MAX_OWED {
        drop(owe(&link, &[&format!("t{}", i % 100)]));
    }
    assert!(!link.owes(["other"]));
}
