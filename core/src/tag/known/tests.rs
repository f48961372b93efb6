use super::{Belief, Known, Watched};
use crate::backend::TagVersion;
use crate::clock::Tick;
use crate::secs;

const NAMES: [&str; 2] = ["tag:t", "soft:t"];

fn versions(hard: u128, soft: u128) -> [TagVersion; 2] {
    [TagVersion(hard), TagVersion(soft)]
}

fn at(seconds: u64) -> Tick {
    Tick::from_nanos(seconds * 1_000_000_000)
}

/// Asks and is answered at once.
fn learn(known: &Known, seconds: u64, hard: u128) -> Option<Watched> {
    let since = known.since(at(seconds), &NAMES);
    known.learn(&since, 0, NAMES, versions(hard, 1))
}

fn bounded(now: u64, bound: u64) -> Belief {
    Belief::bounded(at(now), secs(bound))
}

#[test]
fn what_was_asked_for_a_moment_ago_is_believed_and_no_longer() {
    let known = Known::new();
    let watched = learn(&known, 10, 1).unwrap();
    assert!(watched.holds(bounded(12, 2)));
    assert!(!watched.holds(bounded(13, 2)));
    learn(&known, 13, 1).unwrap();
    assert!(watched.holds(bounded(15, 2)), "whoever reads the tag reads it for all");
}

#[test]
fn a_change_ends_what_was_made_before() {
    let known = Known::new();
    let before = learn(&known, 10, 1).unwrap();
    let after = learn(&known, 11, 2).unwrap();
    assert!(!before.holds(bounded(11, 9)) && after.holds(bounded(11, 9)));
    let again = learn(&known, 12, 1).unwrap();
    assert!(!before.holds(bounded(12, 9)) && again.holds(bounded(12, 9)));
}

#[test]
fn i1_an_answer_that_an_invalidation_overtook_is_not_believed() {
    for register in NAMES {
        let known = Known::new();
        let since = known.since(at(10), &NAMES);
        known.moved(register);
        assert!(known.learn(&since, 0, NAMES, versions(1, 1)).is_none());
        assert!(learn(&known, 10, 1).is_some(), "a question after it is");
    }
}

#[test]
fn i1_the_older_of_two_answers_that_differ_is_not_believed() {
    let known = Known::new();
    let (older, newer) = (known.since(at(10), &NAMES), known.since(at(11), &NAMES));
    let new = known.learn(&newer, 0, NAMES, versions(2, 1)).unwrap();
    assert!(known.learn(&older, 0, NAMES, versions(1, 1)).is_none());
    assert!(new.holds(bounded(11, 0)));
    let same = known.learn(&older, 0, NAMES, versions(2, 1)).unwrap();
    assert!(same.holds(bounded(11, 0)), "one that agrees takes nothing back");
}

#[test]
fn an_invalidation_of_either_register_ends_it() {
    for register in NAMES {
        let known = Known::new();
        let watched = learn(&known, 10, 1).unwrap();
        known.moved("tag:other");
        assert!(watched.holds(bounded(10, 1)));
        known.moved(register);
        assert!(!watched.holds(bounded(10, 1)), "{register}");
    }
}

#[test]
fn what_is_told_is_believed_on_one_connection_only() {
    let known = Known::new();
    let unheard = learn(&known, 10, 1).unwrap();
    assert!(known.told().is_none());
    known.listens();
    assert!(!unheard.holds(known.told().unwrap()), "it may have changed before anybody listened");
    let heard = learn(&known, 11, 1).unwrap();
    assert!(heard.holds(known.told().unwrap()));
    known.deaf();
    assert!(known.told().is_none());
    known.listens();
    assert!(!heard.holds(known.told().unwrap()));
    assert!(learn(&known, 12, 1).unwrap().holds(known.told().unwrap()));
}

#[test]
fn an_answer_from_an_older_connection_counts_for_that_one() {
    let known = Known::new();
    known.listens();
    let since = known.since(at(10), &NAMES);
    known.deaf();
    known.listens();
    let watched = known.learn(&since, 0, NAMES, versions(1, 1)).unwrap();
    assert!(!watched.holds(known.told().unwrap()));
}

#[test]
fn what_is_pushed_out_is_not_believed_and_the_number_of_names_is_bounded() {
    let known = Known::with_capacity(64);
    let first = learn(&known, 10, 1).unwrap();
    let mut believed = 0;
    for i in 0..10_000 {
        let names = [format!("tag:{i}"), format!("soft:{i}")];
        let names = [names[0].as_str(), names[1].as_str()];
        let since = known.since(at(10), &names);
        // The second name may push the first one out.
        let Some(watched) = known.learn(&since, 0, names, versions(1, 1)) else { continue };
        assert!(watched.holds(bounded(10, 1)));
        believed += 1;
        known.moved(names[i % 2]);
        assert!(!watched.holds(bounded(10, 1)), "told in vain");
    }
    assert!(believed > 9_000 && known.len() <= 128 + 64);
    assert!(!first.holds(bounded(10, 1)));
    // Here too; the second time both are there.
    let again = learn(&known, 11, 1).or_else(|| learn(&known, 11, 1)).unwrap();
    assert!(again.holds(bounded(11, 1)));
}

#[test]
fn what_there_is_room_for_is_kept() {
    let known = Known::with_capacity(6_400);
    let names: Vec<_> = (0..3_000).map(|i| [format!("tag:{i}"), format!("soft:{i}")]).collect();
    let watched: Vec<_> = names
        .iter()
        .map(|[hard, soft]| {
            let names = [hard.as_str(), soft.as_str()];
            let since = known.since(at(10), &names);
            known.learn(&since, 0, names, versions(1, 1)).unwrap()
        })
        .collect();
    assert_eq!(known.len(), 6_000);
    assert!(watched.iter().all(|watched| watched.holds(bounded(10, 1))));
}

#[test]
fn an_invalidation_of_others_seldom_costs_an_answer() {
    let known = Known::new();
    let believed = (0..100).filter(|i| {
        let since = known.since(at(10), &NAMES);
        known.moved(&format!("tag:{i}"));
        known.learn(&since, 0, NAMES, versions(1, 1)).is_some()
    });
    assert!(believed.count() > 90);
}

#[test]
fn the_first_connection_of_a_process_counts() {
    let known = Known::new();
    known.listens();
    assert!(known.told().is_some());
}
