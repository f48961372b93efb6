//! I5, I8: whatever a backend does, a call ends, and what is no good answer is none.

use std::sync::atomic::Ordering;

use bytes::Bytes;

use super::{Act, Down, Fake, Link, LinkEvent, Operation, alone, pass, poll, region, run};
use crate::backend::{Put, Stored, Writer};
use crate::units::{millis, minutes};

const PUT: [Put<'static>; 1] =
    [Put { key: "k", bytes: Bytes::from_static(b"v"), life: minutes(1), fence: None }];

/// Each call, as far as it failed.
async fn ask(link: &Link, operation: Operation) -> Result<(), Down> {
    match operation {
        Operation::Read => link.read(&["k"], &["t", "u"]).await.map(drop),
        Operation::Create => link.create(&["t", "u"]).await.map(drop),
        Operation::Store => link.store(&PUT, &["t"]).await.map(drop),
        Operation::Remove => link.remove(&["k"]).await,
        Operation::Bump => super::owe(link, &["t"]).deliver().await,
        Operation::Place => link.place(&["t".into()], WRITER, minutes(1)).await,
        Operation::Renew => link.renew(&["t".into()], WRITER, minutes(1)).await.map(drop),
        Operation::Lift => link.forget(&["t".into()], WRITER).await,
    }
}

const WRITER: Writer = Writer(7);

const ALL: [Operation; 8] = [
    Operation::Read,
    Operation::Create,
    Operation::Store,
    Operation::Remove,
    Operation::Bump,
    Operation::Place,
    Operation::Renew,
    Operation::Lift,
];

#[tokio::test(start_paused = true)]
async fn i8_what_fails_hangs_or_panics_is_down_and_reported() {
    let acts = [
        (Act::Fail, Down::Error),
        (Act::FailLate, Down::Error),
        (Act::Hang, Down::Timeout),
        (Act::PanicInCall, Down::Panicked),
        (Act::PanicInPoll, Down::Panicked),
        (Act::PanicInDrop, Down::Timeout),
    ];
    for (act, down) in acts {
        for operation in ALL {
            let backend = Fake::new();
            let (link, heard) = region("shop", &backend);
            backend.then([act]);
            assert_eq!(ask(&link, operation).await, Err(down), "{operation:?} {act:?}");
            let failed = LinkEvent::Failed { operation, down };
            assert_eq!(heard.take(), [failed]);
            link.settle(minutes(1)).await;
            assert!(ask(&link, operation).await.is_ok());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn i8_an_answer_of_the_wrong_shape_is_none() {
    for act in [Act::TooMany, Act::TooFew] {
        for operation in [Operation::Read, Operation::Create, Operation::Store] {
            let (backend, link) = alone();
            backend.then([act]);
            assert_eq!(ask(&link, operation).await, Err(Down::BadAnswer), "{operation:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn i5_a_call_that_hangs_ends_at_its_time_limit() {
    let (backend, link) = alone();
    for operation in ALL {
        backend.then([Act::Hang]);
        let begun = tokio::time::Instant::now();
        assert_eq!(ask(&link, operation).await, Err(Down::Timeout), "{operation:?}");
        assert!(begun.elapsed() >= millis(100) && begun.elapsed() < millis(110));
        assert_eq!(backend.under_way.load(Ordering::SeqCst), 0, "the call goes on");
        link.settle(minutes(1)).await;
    }
}

#[test]
fn without_a_runtime_a_call_takes_as_long_as_it_takes() {
    let (backend, link) = alone();
    backend.then([Act::Slow(10, 10)]);
    assert!(run(link.read(&["k"], &[])).is_ok());
}

#[test]
fn i8_a_panic_in_the_drop_of_a_call_stays_inside() {
    let (backend, link) = alone();
    backend.then([Act::PanicInDrop]);
    let mut read = Box::pin(link.read(&["k"], &[]));
    assert!(poll(&mut read).is_pending());
    drop(read);
}

#[tokio::test(start_paused = true)]
async fn i8_a_panic_of_the_incarnation_stays_inside() {
    let (backend, link) = alone();
    backend.incarnation.store(0, Ordering::SeqCst);
    for operation in ALL {
        assert_eq!(ask(&link, operation).await, Err(Down::Panicked), "{operation:?}");
    }
    assert!(link.owes(["t"]), "the bump is owed");
    backend.incarnation.store(2, Ordering::SeqCst);
    assert_eq!(link.settle(minutes(1)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_is_read_created_and_removed() {
    let (backend, link) = alone();
    assert_eq!(link.store(&PUT, &["t"]).await, Ok(vec![Stored::Yes]));
    let versions = link.create(&["t", "u"]).await.unwrap();
    let answer = link.read(&["k", "l"], &["u", "v", "t"]).await.unwrap();
    assert_eq!(answer.entries, [Some(Bytes::from_static(b"v")), None]);
    assert_eq!(answer.versions, [versions[1], None, versions[0]]);
    assert_eq!(link.create(&["t"]).await.unwrap(), versions[..1], "created twice");
    link.remove(&["k"]).await.unwrap();
    assert!(backend.memory.lock().unwrap().entries.is_empty());
}

#[tokio::test(start_paused = true)]
async fn i2_no_token_is_sent_twice_whatever_became_of_the_first() {
    let (backend, link) = alone();
    for act in [Act::Answer, Act::Fail, Act::FailLate, Act::Hang, Act::AnswerAndLose] {
        backend.then([act, act]);
        let _ = link.create(&["t", "u"]).await;
        let _ = super::owe(&link, &["t", "u"]).deliver().await;
        link.settle(minutes(1)).await;
        pass(minutes(1)).await;
    }
    let tokens = backend.tokens.lock().unwrap().clone();
    assert!(tokens.len() > 20);
    let distinct: std::collections::HashSet<_> = tokens.iter().collect();
    assert_eq!(distinct.len(), tokens.len());
}

#[test]
fn reasons_have_codes_of_their_own() {
    let downs = [
        (Down::Error, "backend_error"),
        (Down::Timeout, "backend_timeout"),
        (Down::Panicked, "backend_panicked"),
        (Down::Open, "backend_unavailable"),
        (Down::BadAnswer, "bad_answer"),
        (Down::Changed, "backend_changed"),
        (Down::Owed, "owed"),
    ];
    for (down, code) in downs {
        assert_eq!(down.reason().code(), code);
    }
}
