//! A lease may pass to somebody else between the steps of one call.

use std::sync::Arc;

use dogpile::{Backend, Locks, Owner, secs};

use super::fake::{Fake, Peer};
use crate::MemcachedBackend;

fn locks(fake: &Fake) -> Arc<dyn Locks> {
    let backend = MemcachedBackend::builder([fake.address()]).build().unwrap();
    backend.locks().unwrap()
}

/// Answers that `owner` holds the lease, and then that nobody has it who was there a moment ago.
async fn passes_on(peer: &mut Peer, owner: Owner, command: &str) {
    let asked = peer.requests(1).await;
    let token = asked.trim_end().rsplit_once(" O").unwrap().1;
    peer.answer(format!("VA 16 c5 t2 O{token}\r\n").as_bytes()).await;
    peer.answer(&owner.0.to_le_bytes()).await;
    peer.answer(b"\r\n").await;
    let written = peer.requests(1).await;
    assert!(written.starts_with(command) && written.contains(" C5 O"), "{written:?}");
    if command == "ms " {
        // The value ends with a line of its own; it may hold others.
        peer.read(18).await;
    }
    let token = written.trim_end().rsplit_once(" O").unwrap().1;
    peer.answer(format!("EX O{token}\r\n").as_bytes()).await;
}

#[tokio::test]
async fn a_lease_that_has_passed_to_somebody_else_is_not_renewed() {
    let fake = Fake::new().await;
    let (locks, owner) = (locks(&fake), Owner::random());
    let (renewed, ()) = tokio::join!(locks.renew("l", owner, secs(3)), async {
        passes_on(&mut fake.accept(1).await, owner, "ms ").await;
    });
    assert!(!renewed.unwrap());
}

#[tokio::test]
async fn a_lease_that_has_passed_to_somebody_else_is_not_given_back() {
    let fake = Fake::new().await;
    let (locks, owner) = (locks(&fake), Owner::random());
    let (released, ()) = tokio::join!(locks.release("l", owner), async {
        passes_on(&mut fake.accept(1).await, owner, "md ").await;
    });
    released.unwrap();
}
