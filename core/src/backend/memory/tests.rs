use bytes::Bytes;

use super::MemoryBackend;
use crate::backend::{Backend, BackendExt, Stamp, Stored, TagVersion, Writer};
use crate::{ManualClock, Owner, hours, kilobytes, megabytes, minutes, secs};

fn stamp(register: &str) -> Stamp<'_> {
    Stamp { register, version: TagVersion::random() }
}

#[tokio::test]
async fn the_entries_stay_within_their_capacity() {
    let backend = MemoryBackend::builder().capacity(kilobytes(64)).build();
    for n in 0..1_000 {
        assert_eq!(backend.put(&n.to_string(), vec![0; 500], hours(1)).await.unwrap(), Stored::Yes);
        assert!(backend.weight() <= kilobytes(64), "{} bytes", backend.weight());
    }
    assert!(backend.entries() > 50, "only {} entries were kept", backend.entries());
}

#[tokio::test]
async fn the_registers_stay_within_their_number() {
    let backend = MemoryBackend::builder().max_registers(640).build();
    for n in 0..10_000 {
        backend.bump(&[stamp(&n.to_string())], hours(1)).await.unwrap();
    }
    assert!(backend.registers() <= 640, "{} registers", backend.registers());
}

#[tokio::test]
async fn a_register_in_use_outlives_a_flood_of_others() {
    let backend = MemoryBackend::builder().max_registers(6_400).build();
    let used = stamp("used");
    backend.bump(&[used], hours(1)).await.unwrap();
    for n in 0..100_000 {
        backend.bump(&[stamp(&n.to_string())], hours(1)).await.unwrap();
        assert_eq!(backend.version("used").await.unwrap(), Some(used.version), "lost after {n}");
    }
}

/// Whether a register is tainted.
async fn is_tainted(backend: &MemoryBackend, register: &str) -> bool {
    !backend.read(&[], &[register]).await.unwrap().tainted.is_empty()
}

#[tokio::test]
async fn a_taint_is_not_pushed_out_until_it_has_ended() {
    let clock = ManualClock::new();
    let backend = MemoryBackend::builder().max_registers(640).clock(clock.clone()).build();
    let taints = backend.taints().unwrap();
    taints.place(&[stamp("r")], Writer::random(), minutes(1)).await.unwrap();
    for n in 0..20_000 {
        let name = n.to_string();
        backend.bump(&[stamp(&name)], hours(1)).await.unwrap();
        backend.version(&name).await.unwrap();
    }
    assert!(is_tainted(&backend, "r").await, "pushed out by registers that nobody relies on");
    // Of those whose writers have gone there may be as many as there are registers.
    for n in 0..2_000 {
        let gone = format!("gone {n}");
        taints.place(&[stamp(&gone)], Writer::random(), secs(1)).await.unwrap();
        clock.advance(secs(1));
    }
    assert!(backend.registers() <= 640, "{} registers", backend.registers());
}

#[tokio::test]
async fn a_writer_that_has_gone_is_not_kept_by_those_who_write_after_it() {
    let clock = ManualClock::new();
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    let taints = backend.taints().unwrap();
    taints.place(&[stamp("r")], Writer::random(), secs(30)).await.unwrap();
    for _ in 0..4 {
        let writer = Writer::random();
        clock.advance(secs(8));
        taints.place(&[stamp("r")], writer, secs(30)).await.unwrap();
        clock.advance(secs(8));
        taints.lift(&[stamp("r")], writer, hours(1)).await.unwrap();
        let shows = backend.version("r").await.unwrap().is_some();
        assert!(shows || is_tainted(&backend, "r").await, "it ended with a writer that had gone");
    }
    assert!(!is_tainted(&backend, "r").await, "a tag that is written all the time is never read");
}

#[tokio::test]
async fn an_entry_of_every_size_it_says_it_takes_is_found_again() {
    for capacity in [kilobytes(8), kilobytes(100), megabytes(40)] {
        let backend = MemoryBackend::builder().capacity(capacity).build();
        let largest = backend.capabilities().max_entry.unwrap();
        assert!(largest > capacity / 8, "{largest} of {capacity}");
        let name = "n".repeat(backend.capabilities().max_name.unwrap());
        let bytes = Bytes::from(vec![7; usize::try_from(largest).unwrap()]);
        assert_eq!(backend.put(&name, bytes.clone(), hours(1)).await.unwrap(), Stored::Yes);
        assert_eq!(backend.get(&name).await.unwrap(), Some(bytes));
        let larger = vec![7; usize::try_from(largest).unwrap() + 1];
        assert_eq!(backend.put(&name, larger, hours(1)).await.unwrap(), Stored::TooLarge);
    }
}

#[tokio::test]
async fn an_ended_entry_leaves_when_somebody_asks_for_it() {
    let clock = ManualClock::new();
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    backend.put("k", "v", secs(3)).await.unwrap();
    clock.advance(secs(3));
    assert_eq!(backend.entries(), 1);
    assert_eq!(backend.get("k").await.unwrap(), None);
    assert_eq!((backend.entries(), backend.weight()), (0, 0));
}

#[tokio::test]
async fn a_bump_for_a_short_life_does_not_shorten_a_long_one() {
    let clock = ManualClock::new();
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    let bumped = stamp("r");
    backend.create(&[stamp("r")], hours(1)).await.unwrap();
    backend.bump(&[bumped], secs(1)).await.unwrap();
    clock.advance(minutes(59));
    assert_eq!(backend.version("r").await.unwrap(), Some(bumped.version));
}

#[test]
fn two_stores_are_apart_and_two_handles_are_one() {
    let backend = MemoryBackend::new();
    let handle = backend.clone();
    assert_eq!(backend.identity(), handle.identity());
    assert_ne!(backend.identity(), MemoryBackend::new().identity());
}

#[tokio::test]
async fn a_store_does_not_hold_on_to_the_buffer_it_was_given() {
    let backend = MemoryBackend::new();
    let buffer = Bytes::from(vec![1; 1_000_000]);
    backend.put("k", buffer.slice(..10), hours(1)).await.unwrap();
    assert!(buffer.is_unique(), "ten bytes keep a megabyte alive");
}

/// What is left of an entry, a register and a lease, and whether the incarnation is the same.
async fn left_after(lose: impl Fn(&MemoryBackend)) -> (usize, usize, usize, bool) {
    let backend = MemoryBackend::new();
    backend.put("k", "v", hours(1)).await.unwrap();
    backend.bump(&[stamp("r")], hours(1)).await.unwrap();
    let locks = backend.locks().unwrap();
    assert!(locks.try_acquire("l", Owner::random(), hours(1)).await.unwrap());
    let before = backend.incarnation();
    lose(&backend);
    let same = backend.incarnation() == before;
    (backend.entries(), backend.registers(), backend.leases(), same)
}

#[tokio::test]
async fn clearing_loses_everything_and_a_restart_says_so() {
    assert_eq!(left_after(|_| ()).await, (1, 1, 1, true));
    assert_eq!(left_after(MemoryBackend::forget_registers).await, (1, 0, 1, true));
    assert_eq!(left_after(MemoryBackend::clear).await, (0, 0, 0, true));
    assert_eq!(left_after(MemoryBackend::restart).await, (0, 0, 0, false));
}
