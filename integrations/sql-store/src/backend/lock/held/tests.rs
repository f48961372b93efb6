use std::time::Duration;

use dogpile::{Owner, secs};
use tokio::time::Instant;

use super::{Asked, Held, Id, Left, MOST};

const A: Owner = Owner(1);
const B: Owner = Owner(2);
const NAME: Id = Id(7);
const LEASE: Duration = secs(3);

/// A lease that the server has granted.
fn held(now: Instant) -> Held {
    let mut held = Held::new(4);
    assert_eq!(held.ask(NAME, A, LEASE, now), Asked::Server);
    assert!(held.is_wanted(NAME));
    assert!(held.granted(NAME, LEASE, now));
    held
}

fn assert_at_rest(held: &Held) {
    assert!(held.is_empty() && held.next_end().is_none(), "{held:?}");
    assert_eq!(held.locks(), 0);
}

#[test]
fn a_name_that_is_asked_for_held_or_given_back_is_refused_here() {
    let now = Instant::now();
    let mut held = Held::new(4);
    assert_eq!(held.ask(NAME, A, LEASE, now), Asked::Server);
    assert_eq!(held.ask(NAME, B, LEASE, now), Asked::Refused);
    assert!(held.granted(NAME, LEASE, now));
    assert_eq!(held.ask(NAME, B, LEASE, now), Asked::Refused);
    assert_eq!(held.ask(NAME, A, LEASE, now), Asked::Refused, "granted again to its owner");
    assert_eq!(held.leave(NAME, A), Left::Locked);
    assert_eq!(held.ask(NAME, B, LEASE, now), Asked::Refused, "its lock is still there");
    held.unlocked(NAME);
    assert_at_rest(&held);
    assert_eq!(held.ask(NAME, B, LEASE, now), Asked::Server);
}

#[test]
fn only_its_owner_renews_and_gives_back_a_lease() {
    let now = Instant::now();
    let mut held = held(now);
    assert!(!held.renew(NAME, B, LEASE, now) && !held.holds(NAME, B, now));
    assert_eq!(held.leave(NAME, B), Left::NotHis);
    assert!(held.holds(NAME, A, now) && held.renew(NAME, A, LEASE, now));
    assert_eq!(held.leave(NAME, A), Left::Locked);
    assert!(!held.holds(NAME, A, now) && !held.renew(NAME, A, LEASE, now));
    assert_eq!(held.leave(NAME, A), Left::NotHis, "given back twice");
    held.unlocked(NAME);
    assert_at_rest(&held);
}

#[test]
fn a_lease_ends_unless_it_is_renewed() {
    let now = Instant::now();
    let mut held = held(now);
    assert!(held.renew(NAME, A, LEASE, now + secs(2)));
    assert_eq!(held.next_end(), Some(now + secs(5)));
    assert!(held.expire(now + secs(4)).is_empty());
    assert!(!held.holds(NAME, A, now + secs(5)) && !held.renew(NAME, A, LEASE, now + secs(5)));
    assert_eq!(held.expire(now + secs(5)), [NAME]);
    assert_eq!(held.locks(), 1, "its lock is on its way back");
    held.unlocked(NAME);
    assert_at_rest(&held);
}

#[test]
fn the_lock_of_an_ended_lease_is_handed_on_without_a_question() {
    let now = Instant::now();
    let mut held = held(now);
    let later = now + LEASE;
    assert_eq!(held.ask(NAME, B, LEASE, later), Asked::Granted);
    assert!(held.holds(NAME, B, later) && !held.holds(NAME, A, later));
    assert_eq!((held.locks(), held.leave(NAME, A)), (1, Left::NotHis));
    assert!(held.expire(later).is_empty(), "the end of the first lease ended the second");
    assert_eq!(held.leave(NAME, B), Left::Locked);
    held.unlocked(NAME);
    assert_at_rest(&held);
}

#[test]
fn what_nobody_wants_any_more_is_given_back() {
    let now = Instant::now();
    let mut held = Held::new(4);
    held.ask(NAME, A, LEASE, now);
    assert_eq!(held.leave(NAME, B), Left::NotHis);
    assert!(held.is_wanted(NAME), "a stranger took a question back");
    assert_eq!(held.leave(NAME, A), Left::Asked);
    assert!(!held.is_wanted(NAME));
    assert!(!held.granted(NAME, LEASE, now), "granted to one who went away");
    assert!(!held.holds(NAME, A, now));
    assert_eq!(held.locks(), 1, "its lock is still there");
    held.unlocked(NAME);
    assert_at_rest(&held);
}

#[test]
fn beyond_the_cap_leases_are_of_this_process_only() {
    let now = Instant::now();
    let mut held = Held::new(2);
    let asked: Vec<Asked> = (0..4).map(|n| held.ask(Id(n), A, LEASE, now)).collect();
    assert_eq!(asked, [Asked::Server, Asked::Server, Asked::Granted, Asked::Granted]);
    assert_eq!((held.locks(), held.len()), (2, 4));
    assert!(held.holds(Id(3), A, now) && held.renew(Id(3), A, LEASE, now));
    assert_eq!(held.ask(Id(3), B, LEASE, now), Asked::Refused);
    assert_eq!(held.leave(Id(2), A), Left::Done);
    assert!(held.expire(now + LEASE).is_empty(), "no lock of the server's stood behind it");
    held.unlocked(Id(0));
    assert_eq!(held.ask(Id(9), A, LEASE, now), Asked::Server, "a lock that was given back counts");
    held.unlocked(Id(1));
    held.unlocked(Id(9));
    assert_at_rest(&held);
}

#[test]
fn nothing_is_held_by_a_session_that_is_lost() {
    let now = Instant::now();
    let mut held = held(now);
    held.clear();
    assert_at_rest(&held);
    assert!(!held.renew(NAME, A, LEASE, now) && !held.granted(NAME, LEASE, now));
    held.unlocked(NAME);
    assert_at_rest(&held);
}

#[test]
fn names_are_bounded_and_lives_without_end_are_counted() {
    let now = Instant::now();
    let mut held = Held::new(0);
    for n in 0..u128::try_from(MOST).unwrap() {
        assert_eq!(held.ask(Id(n), A, Duration::MAX, now), Asked::Granted);
    }
    assert_eq!(held.ask(Id(u128::MAX), A, LEASE, now), Asked::Full);
    assert!(held.holds(Id(0), A, now + secs(1_000_000)));
}
