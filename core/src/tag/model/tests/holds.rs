//! The shipped design breaks nothing, whichever options are combined.

use super::super::design::Design;
use super::super::scope::{Reads, Scope, Tags};
use super::super::search::{Explored, explore};
use super::{EVICTION, JOURNAL, SOFT_REGION, TWICE, TWO_HARD};

fn ours(scope: Scope) -> Explored {
    explore(&Tags { design: Design::Dogpile, scope })
}

/// Every combination of the options that change what readers do.
fn in_every_combination(base: Scope) {
    for bits in 0..8_u8 {
        let on = |bit: u8| bits & (1 << bit) != 0;
        let scope = Scope {
            reads: if on(0) { Reads::Apart } else { Reads::Together },
            soft: on(1),
            recheck: on(2),
            ..base
        };
        ours(scope).assert_holds(&["hits", "stores"]);
    }
}

const TWO_READERS: Scope = Scope { readers: 2, ..Scope::PLAIN };

#[test]
fn i1_no_stale_set_holds_in_every_combination_of_options() {
    let eviction = Scope { evictions: 1, ..TWO_READERS };
    in_every_combination(eviction);
    in_every_combination(Scope { flushes: 1, ..eviction });
}

#[test]
fn i1_no_stale_set_holds_with_two_writers_in_every_combination_of_options() {
    let quiet = Scope { writers: TWO_HARD, ..TWO_READERS };
    in_every_combination(quiet);
    in_every_combination(Scope { evictions: 1, ..quiet });
}

/// Two keys need a third reader: two of them share a key, so that there is something to hit.
#[test]
fn i1_no_stale_set_holds_with_two_keys_in_every_combination_of_options() {
    in_every_combination(Scope { keys: 2, ..Scope::PLAIN });
}

#[test]
fn i1_no_stale_set_holds_for_three_readers_with_reads_in_any_order() {
    let scope = Scope { reads: Reads::Apart, evictions: 1, ..Scope::PLAIN };
    ours(scope).assert_holds(&["hits", "drops the store", "evicts hard tag"]);
    let scope = Scope { recheck: false, keys: 2, ..scope };
    ours(scope).assert_holds(&["hits"]);
}

#[test]
fn i1_no_stale_set_holds_for_three_readers_and_two_writers() {
    ours(Scope { writers: TWO_HARD, ..Scope::PLAIN }).assert_holds(&["hits", "drops the store"]);
}

#[test]
fn i2_two_writers_around_an_eviction_hold() {
    ours(Scope { writers: TWO_HARD, ..EVICTION }).assert_holds(&["hits", "evicts hard tag"]);
}

#[test]
fn i1_soft_invalidation_serves_stale_never_as_fresh_holds() {
    let served = ["hits", "hits stale"];
    ours(SOFT_REGION).assert_holds(&served);
    let scope = Scope { readers: 2, reads: Reads::Apart, evictions: 1, ..SOFT_REGION };
    ours(scope).assert_holds(&served);
}

#[test]
fn i2_absent_is_a_miss_and_no_version_returns_holds() {
    let scope = Scope { evictions: 2, flushes: 1, ..Scope::PLAIN };
    ours(scope).assert_holds(&["hits", "evicts hard tag", "flushes", "creates tag"]);
}

#[test]
fn i2_journal_replay_with_a_fresh_token_holds() {
    ours(JOURNAL).assert_holds(&["hits", "replays its bump"]);
    let scope = Scope { readers: 2, evictions: 1, ..JOURNAL };
    ours(scope).assert_holds(&["hits", "replays its bump"]);
}

#[test]
fn i2_create_delivered_twice_holds() {
    ours(TWICE).assert_holds(&["hits", "gets the second create"]);
}

/// Deleting is no mutant; what speaks against it is the test of creates that arrive twice.
#[test]
fn i2_delete_on_bump_holds_too_while_each_create_arrives_once() {
    let scope = Scope { evictions: 2, flushes: 1, ..Scope::PLAIN };
    explore(&Tags { design: Design::DeleteOnBump, scope }).assert_holds(&["hits", "stores"]);
    let found = explore(&Tags { design: Design::DeleteOnBump, scope: SOFT_REGION });
    found.assert_holds(&["hits", "hits stale"]);
}
