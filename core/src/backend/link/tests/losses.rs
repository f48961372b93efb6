//! I15: a backend that lost its memory is told again what it was told of late.

use std::sync::atomic::Ordering;

use super::super::ledger::Witness;
use super::super::recent::{MAX_RECENT, RECENT_LIFE, Recent, Taken};
use super::{
    Act, Down, Fake, Link, LinkEvent, alone, assert_at_rest, others_run, owe, pass, poll, region,
};
use crate::clock::Tick;
use crate::units::{minutes, secs};

/// A backend that lost an acknowledged bump of `t`, which nobody has noticed yet.
async fn lost_bump(backend: &Fake, link: &Link) {
    link.create(&["t", "u"]).await.unwrap();
    let before = backend.registers();
    owe(link, &["t"]).deliver().await.unwrap();
    backend.lose(before);
}

#[tokio::test(start_paused = true)]
async fn i15_recent_bumps_are_owed_again_before_anything_is_served() {
    let (backend, link) = alone();
    lost_bump(&backend, &link).await;
    let old = backend.version("t");
    assert_eq!(link.read(&["k"], &["t"]).await, Err(Down::Owed));
    assert!(link.owes(["t"]) && !link.owes(["u"]));
    others_run().await;
    assert!(link.read(&["k"], &["t"]).await.is_ok());
    assert_ne!(backend.version("t"), old);
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn i15_an_answer_that_comes_with_a_loss_is_not_trusted() {
    for polls in 0..4 {
        let backend = Fake::new();
        let (link, heard) = region("shop", &backend);
        link.create(&["t", "u"]).await.unwrap();
        let before = backend.registers();
        owe(&link, &["t"]).deliver().await.unwrap();
        backend.usually(Act::Slow(2, 2));
        let mut read = Box::pin(link.read(&["k"], &["u"]));
        assert!((0..polls).all(|_| poll(&mut read).is_pending()));
        backend.lose(before);
        let answer = read.await;
        // Nothing of `u` is owed, and still the answer may be from before or after.
        assert_eq!(answer.is_ok(), polls == 0, "after {polls} polls");
        assert!(answer.is_ok() || answer == Err(Down::Changed));
        assert_eq!(
            heard.count(|event| matches!(event, LinkEvent::Failed { down: Down::Changed, .. })),
            usize::from(polls > 0)
        );
        // Where it was noticed at the beginning, it has been mended meanwhile.
        assert_eq!(link.owes(["t"]), polls > 0);
    }
}

#[tokio::test(start_paused = true)]
async fn i15_an_answer_is_not_trusted_after_a_loss_that_another_call_noticed_and_mended() {
    let (backend, link) = alone();
    link.create(&["t"]).await.unwrap();
    let before = backend.registers();
    owe(&link, &["t"]).deliver().await.unwrap();
    backend.then([Act::Slow(0, 2)]);
    let mut read = Box::pin(link.read(&["k"], &["t"]));
    backend.lose(before.clone());
    // Read from the one that lost the bump, by a call that began before anybody knew.
    backend.incarnation.fetch_sub(1, Ordering::SeqCst);
    assert!(poll(&mut read).is_pending());
    backend.incarnation.fetch_add(1, Ordering::SeqCst);
    let _ = link.read(&[], &[]).await;
    others_run().await;
    assert!(!link.owes(["t"]), "it is mended");
    assert_eq!(read.await, Err(Down::Changed));
}

#[tokio::test(start_paused = true)]
async fn i15_a_loss_that_one_connection_sees_counts_for_all_of_them() {
    let (backend, link) = alone();
    let other_backend = backend.again();
    let (other, _) = region("other", &other_backend);
    link.create(&["t"]).await.unwrap();
    let before = backend.registers();
    owe(&link, &["t"]).deliver().await.unwrap();
    // The bump of one region, the loss seen by the other, an answer under way at the first.
    backend.then([Act::Slow(0, 2)]);
    let mut read = Box::pin(link.read(&["k"], &["x"]));
    assert!(poll(&mut read).is_pending());
    other_backend.lose(before);
    assert!(other.read(&["k"], &["x"]).await.is_ok());
    assert!(link.owes(["t"]) && other.owes(["t"]));
    assert_eq!(read.await, Err(Down::Changed));
    others_run().await;
    assert!(!link.owes(["t"]));
    assert_eq!(other_backend.bumps(), [["t"]], "delivered by the one that can reach the backend");
}

#[tokio::test(start_paused = true)]
async fn i15_a_bump_acknowledged_by_a_backend_that_is_gone_is_sent_again() {
    let (backend, link) = alone();
    let old = link.create(&["t"]).await.unwrap()[0];
    backend.then([Act::AnswerAndLose]);
    owe(&link, &["t"]).deliver().await.unwrap();
    assert_eq!(backend.bumps().len(), 2);
    assert_ne!(backend.version("t"), old);
    assert_at_rest(&link);

    // A backend that never stops changing: the caller is told, and it stays owed.
    backend.usually(Act::AnswerAndLose);
    assert_eq!(owe(&link, &["t"]).deliver().await, Err(Down::Changed));
    pass(minutes(1)).await;
    assert!(link.owes(["t"]));
    let tries = backend.bumps().len();
    assert!(tries < 20, "{tries} bumps in a minute");
    backend.usually(Act::Answer);
    assert_eq!(link.settle(secs(1)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn i15_a_bump_is_sent_again_if_the_loss_was_noticed_before_it_was_noted() {
    let (backend, link) = alone();
    let old = link.create(&["t"]).await.unwrap()[0];
    let before = backend.registers();
    backend.then([Act::Slow(0, 2)]);
    let mut delivery = Box::pin(owe(&link, &["t"]).deliver());
    assert!(poll(&mut delivery).is_pending());
    backend.lose(before);
    // Somebody notices and replays; this bump is not yet among the recent ones.
    let _ = link.read(&[], &[]).await;
    delivery.await.unwrap();
    assert_ne!(backend.version("t"), old, "lost, and taken for delivered");
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn bumps_are_recent_for_a_minute() {
    for (age, owed) in [(secs(59), true), (secs(61), false)] {
        let (backend, link) = alone();
        owe(&link, &["t"]).deliver().await.unwrap();
        pass(age).await;
        backend.lose(backend.registers());
        let _ = link.read(&[], &[]).await;
        assert_eq!(link.owes(["t"]), owed, "{age:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_deliverer_delivered_is_recent_too_and_replays_are_replayed() {
    let (backend, link) = alone();
    drop(owe(&link, &["t"]));
    others_run().await;
    for _ in 0..3 {
        backend.lose(backend.registers());
        assert!(link.read(&["k"], &["u"]).await.is_ok());
        assert!(link.owes(["t"]));
        others_run().await;
        assert!(!link.owes(["t"]));
    }
    assert_eq!(backend.bumps(), [["t"]; 4]);
}

#[tokio::test(start_paused = true)]
async fn more_recent_bumps_than_are_remembered_are_owed_as_epochs() {
    let backend = Fake::new();
    let (link, heard) = region("shop", &backend);
    let many = (0..=MAX_RECENT).map(|i| format!("t{i}")).collect();
    link.owe(many).deliver().await.unwrap();
    let before = backend.version("region:shop");
    backend.lose(backend.registers());
    let _ = link.read(&[], &[]).await;
    assert!(link.owes(["anything"]));
    let lost = LinkEvent::Lost { registers: MAX_RECENT };
    assert_eq!(heard.count(|event| *event == lost), 1);
    others_run().await;
    assert!(!link.owes(["anything"]));
    assert_ne!(backend.version("region:shop"), before);
    assert_at_rest(&link);
}

#[tokio::test(start_paused = true)]
async fn i15_a_new_region_that_meets_another_incarnation_replays() {
    let (backend, link) = alone();
    lost_bump(&backend, &link).await;
    let (same, _) = region("same", &backend.again());
    assert!(!same.owes(["t"]), "nobody can know yet");
    let reconnected = backend.again();
    reconnected.incarnation.store(2, Ordering::SeqCst);
    let (other, _) = region("other", &reconnected);
    assert!(other.owes(["t"]) && link.owes(["t"]));
    others_run().await;
    assert!(!other.owes(["t"]));
}

#[test]
fn i15_an_acknowledgement_that_comes_after_a_loss_was_noticed_counts_for_nothing() {
    // As when the loss is noticed by another thread, after this one has looked a last time.
    let (_backend, link) = alone();
    let registers = [std::sync::Arc::from("t")];
    let witness = Witness { replays: link.member.shared.journal.replays() };
    let _live = owe(&link, &["t"]);
    drop(owe(&link, &["t"]));
    link.member.shared.journal.change(|ledger| {
        let batch = ledger.next(1).unwrap();
        ledger.replay(&link.member, Tick::default());
        assert!(!ledger.paid(&registers, true, witness, Tick::default()));
        assert_eq!(ledger.settle(&batch, witness, Tick::default()), None);
        assert!(ledger.owes(["t"]) && ledger.left() == 1);
        let witness = Witness { replays: ledger.replays };
        assert_eq!(ledger.settle(&batch, witness, Tick::default()), Some(1));
    });
}

#[test]
fn recent_forgets_the_oldest_first_and_says_so_for_as_long_as_it_matters() {
    let name = |i: usize| std::sync::Arc::from(format!("t{i}"));
    let at = |seconds| Tick::default().after(secs(seconds));
    let mut recent = Recent::default();
    (0..MAX_RECENT).for_each(|i| recent.push(&name(i), at(1)));
    // Bumped again: not the oldest any more, and not twice.
    recent.push(&name(0), at(2));
    recent.push(&name(MAX_RECENT), at(3));
    let Taken { registers, incomplete } = recent.take(at(4));
    assert_eq!(registers.len(), MAX_RECENT);
    assert!(incomplete);
    assert!(!registers.contains(&name(1)), "the oldest was kept");
    assert_eq!(registers[registers.len() - 2..], [name(0), name(MAX_RECENT)]);
    assert_eq!(recent.take(at(5)), Taken { registers: Vec::new(), incomplete: false });

    (0..=MAX_RECENT).for_each(|i| recent.push(&name(i), at(10)));
    recent.push(&name(0), at(50));
    let later = Tick::default().after(secs(10) + RECENT_LIFE);
    let Taken { registers, incomplete } = recent.take(later);
    assert_eq!(registers, [name(0)]);
    assert!(!incomplete, "what was forgotten would not be recent any more");
}
