use std::collections::HashSet;

use super::super::Operation;
use super::Chaos;
use crate::backend::{Backend, BackendExt, MemoryBackend, Stamp, Stored, TagVersion};
use crate::{ErrorKind, Owner, hours, millis, secs};

fn over(memory: &MemoryBackend, chaos: &Chaos) -> impl Backend {
    memory.clone().layer(chaos.clone())
}

#[tokio::test]
async fn a_new_chaos_does_nothing() {
    let chaos = Chaos::seeded(1);
    let backend = over(&MemoryBackend::new(), &chaos);
    for _ in 0..1_000 {
        assert_eq!(backend.put("k", "v", hours(1)).await.unwrap(), Stored::Yes);
        assert_eq!(backend.get("k").await.unwrap().as_deref(), Some(&b"v"[..]));
    }
    assert_eq!(chaos.faults(), 0);
}

#[tokio::test]
async fn a_failed_call_is_done_or_not() {
    let memory = MemoryBackend::new();
    let chaos = Chaos::seeded(1).fail_on(Operation::Store, 1.0);
    let backend = over(&memory, &chaos);
    for n in 0..100 {
        let error = backend.put(&n.to_string(), "v", hours(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
    assert!((20..80).contains(&memory.entries()), "{} of 100 were done", memory.entries());
    assert_eq!(chaos.faults(), 100);
    backend.get("1").await.unwrap();
}

#[tokio::test]
async fn a_pause_reaches_every_clone() {
    let chaos = Chaos::seeded(1).fail(1.0);
    let backend = over(&MemoryBackend::new(), &chaos);
    chaos.pause();
    backend.get("k").await.unwrap();
    chaos.resume();
    backend.get("k").await.unwrap_err();
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let run = async |seed| {
        let backend = over(&MemoryBackend::new(), &Chaos::seeded(seed).fail(0.5));
        let mut failed = Vec::new();
        for _ in 0..100 {
            failed.push(backend.get("k").await.is_err());
        }
        failed
    };
    assert_eq!(run(7).await, run(7).await);
    assert_ne!(run(7).await, run(8).await);
}

#[tokio::test]
async fn a_garbled_entry_is_another_one_and_the_stored_one_stays() {
    let memory = MemoryBackend::new();
    let backend = over(&memory, &Chaos::seeded(1).garble(1.0));
    for entry in ["", "v", "a longer entry"] {
        backend.put("k", entry, hours(1)).await.unwrap();
        let mut seen = HashSet::new();
        for _ in 0..100 {
            let read = backend.get("k").await.unwrap().unwrap();
            assert_ne!(read, entry.as_bytes());
            seen.insert(read);
        }
        assert!(seen.len() > 5);
        assert_eq!(memory.get("k").await.unwrap().unwrap(), entry.as_bytes());
    }
}

#[tokio::test]
async fn a_forgotten_version_never_comes_back() {
    let memory = MemoryBackend::new();
    let chaos = Chaos::seeded(1).forget(1.0);
    let backend = over(&memory, &chaos);
    let stamp = Stamp { register: "r", version: TagVersion::random() };
    backend.bump(&[stamp], hours(1)).await.unwrap();
    assert_eq!(backend.version("r").await.unwrap(), None);
    chaos.pause();
    assert_ne!(backend.version("r").await.unwrap(), Some(stamp.version));
}

#[tokio::test]
async fn a_lost_bump_changes_the_incarnation() {
    let backend = over(&MemoryBackend::new(), &Chaos::seeded(1).lose_bumps(1.0));
    let before = backend.incarnation();
    let stamp = Stamp { register: "r", version: TagVersion::random() };
    backend.bump(&[stamp], hours(1)).await.unwrap();
    assert_eq!(backend.version("r").await.unwrap(), None);
    assert_ne!(backend.incarnation(), before);
}

#[tokio::test(start_paused = true)]
async fn a_delay_stays_within_its_bound() {
    let chaos = Chaos::seeded(1).delay(1.0, millis(20));
    let backend = over(&MemoryBackend::new(), &chaos);
    let mut longest = millis(0);
    for _ in 0..100 {
        let began = tokio::time::Instant::now();
        backend.get("k").await.unwrap();
        longest = longest.max(began.elapsed());
    }
    // A timer has steps of a millisecond.
    assert!(longest > millis(10) && longest <= millis(21), "{longest:?}");
    assert_eq!(chaos.faults(), 100);
}

#[tokio::test]
async fn leases_fail_too_and_an_abandon_that_fails_is_forgotten() {
    let memory = MemoryBackend::new();
    let chaos = Chaos::seeded(1).fail(1.0);
    let locks = over(&memory, &chaos).locks().unwrap();
    let owner = Owner::random();
    locks.try_acquire("l", owner, secs(3)).await.unwrap_err();
    locks.renew("l", owner, secs(3)).await.unwrap_err();
    locks.release("l", owner).await.unwrap_err();
    chaos.pause();
    locks.try_acquire("m", owner, secs(3)).await.unwrap();
    chaos.resume();
    locks.abandon("m", owner);
    chaos.pause();
    assert!(!locks.try_acquire("m", Owner::random(), secs(3)).await.unwrap());
}

#[tokio::test]
async fn a_probability_that_is_none_does_no_harm() {
    for (probability, fails) in [(f64::NAN, false), (-1.0, false), (7.0, true)] {
        let backend = over(&MemoryBackend::new(), &Chaos::seeded(1).fail(probability));
        assert_eq!(backend.get("k").await.is_err(), fails, "{probability}");
    }
}
