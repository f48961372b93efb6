//! Every wrong design is caught. The shortest trace is written out: it is the explanation.

use super::super::design::Design;
use super::super::properties::Broken;
use super::super::properties::Broken::{HitOnAbsent, OldValue, StaleSet, VersionReused};
use super::super::scope::{Scope, Tags};
use super::super::search::shortest;
use super::{EVICTION, JOURNAL, SOFT_REGION, TWICE};

fn assert_caught(design: Design, scope: Scope, broken: Broken, trace: &str) {
    let found = shortest(&Tags { design, scope }, broken);
    assert_eq!(found.as_deref(), Some(trace), "{design:?} must break {broken:?}");
}

/// Without its accident a mutant looks right, so the accident is what the test is about.
fn assert_innocent(design: Design, scope: Scope) {
    for broken in [StaleSet, OldValue] {
        let found = shortest(&Tags { design, scope }, broken);
        assert_eq!(found, None, "{design:?} breaks {broken:?} without its accident");
    }
}

#[test]
fn i1_mutant_version_read_at_store_time_is_caught() {
    for broken in [StaleSet, OldValue] {
        assert_caught(
            Design::ReadAtStore,
            Scope::PLAIN,
            broken,
            "R0 misses; R0 starts query; R0 reads database; W0 commits; W0 bumps; \
            R0 re-reads tags; R0 stores; W0 is acknowledged; R1 hits",
        );
    }
}

#[test]
fn i1_mutant_timestamps_with_eviction_is_caught() {
    assert_innocent(Design::Timestamps, Scope::PLAIN);
    for broken in [StaleSet, OldValue] {
        assert_caught(
            Design::Timestamps,
            EVICTION,
            broken,
            "R0 misses; R0 starts query; R0 reads database; R0 re-reads tags; R0 stores; \
            W0 commits; W0 bumps; W0 is acknowledged; store evicts hard tag; R1 hits",
        );
    }
}

#[test]
fn i1_mutant_timestamps_with_skewed_clocks_is_caught() {
    let scope = Scope { lag: 2, ..Scope::PLAIN };
    for broken in [StaleSet, OldValue] {
        assert_caught(
            Design::Timestamps,
            scope,
            broken,
            "R0 misses; R0 starts query; R0 reads database; R0 re-reads tags; R0 stores; \
            W0 commits; W0 bumps; W0 is acknowledged; R1 hits",
        );
    }
}

#[test]
fn i1_mutant_one_register_for_soft_and_hard_is_caught() {
    for broken in [StaleSet, OldValue] {
        assert_caught(
            Design::OneRegister,
            SOFT_REGION,
            broken,
            "R0 misses; R0 creates tag; R0 starts query; R0 reads database; R0 re-reads tags; \
            R0 stores; W0 commits; W0 bumps; W0 is acknowledged; W1 commits; W1 bumps softly; \
            R1 hits stale",
        );
    }
}

/// Only the harm form sees this one: the query did begin after the (early) invalidation.
#[test]
fn i1_mutant_bump_before_commit_is_caught() {
    assert_caught(
        Design::BumpBeforeCommit,
        Scope::PLAIN,
        OldValue,
        "W0 bumps; R0 misses; R0 starts query; R0 reads database; R0 re-reads tags; \
        R0 stores; W0 commits; W0 is acknowledged; R1 hits",
    );
}

#[test]
fn i2_mutant_counters_with_eviction_is_caught() {
    assert_innocent(Design::Counters, Scope::PLAIN);
    assert_caught(
        Design::Counters,
        EVICTION,
        VersionReused,
        "R0 misses; R0 creates tag; W0 commits; store evicts hard tag; W0 bumps",
    );
    for broken in [StaleSet, OldValue] {
        assert_caught(
            Design::Counters,
            EVICTION,
            broken,
            "R0 misses; R0 creates tag; R0 starts query; R0 reads database; R0 re-reads tags; \
            R0 stores; W0 commits; store evicts hard tag; W0 bumps; W0 is acknowledged; R1 hits",
        );
    }
}

#[test]
fn i2_mutant_absent_is_zero_is_caught() {
    assert_innocent(Design::AbsentIsZero, Scope::PLAIN);
    assert_caught(
        Design::AbsentIsZero,
        EVICTION,
        HitOnAbsent,
        "R0 misses; R0 starts query; R0 reads database; R0 re-reads tags; R0 stores; R1 hits",
    );
    for broken in [StaleSet, OldValue] {
        assert_caught(
            Design::AbsentIsZero,
            EVICTION,
            broken,
            "R0 misses; R0 starts query; R0 reads database; R0 re-reads tags; R0 stores; \
            W0 commits; W0 bumps; W0 is acknowledged; store evicts hard tag; R1 hits",
        );
    }
}

#[test]
fn i2_mutant_predictable_create_is_caught() {
    assert_innocent(Design::PredictableCreate, Scope::PLAIN);
    assert_caught(
        Design::PredictableCreate,
        EVICTION,
        VersionReused,
        "R0 misses; R0 creates tag; store evicts hard tag; R1 misses; R1 creates tag",
    );
    for broken in [StaleSet, OldValue] {
        assert_caught(
            Design::PredictableCreate,
            EVICTION,
            broken,
            "R0 misses; R0 creates tag; R0 starts query; R0 reads database; R0 re-reads tags; \
            R0 stores; W0 commits; W0 bumps; W0 is acknowledged; store evicts hard tag; \
            R1 misses; R1 creates tag; R2 hits",
        );
    }
}

/// A journal that repeats bumps must draw a new token for each delivery: the old one may bring
/// back what a later bump killed.
#[test]
fn i2_mutant_replay_with_the_same_token_is_caught() {
    for broken in [StaleSet, OldValue] {
        assert_caught(
            Design::ReplaySameToken,
            JOURNAL,
            broken,
            "W0 commits; W0 bumps; R0 misses; R0 starts query; R0 reads database; \
            R0 re-reads tags; R0 stores; W0 is acknowledged; W1 commits; W1 bumps; \
            W0 replays its bump; W1 is acknowledged; R1 hits",
        );
    }
}

#[test]
fn i2_delete_on_bump_is_caught_when_a_create_arrives_twice() {
    assert_caught(
        Design::DeleteOnBump,
        TWICE,
        VersionReused,
        "R0 misses; R0 creates tag, sent twice; W0 commits; W0 bumps; \
        store gets the second create",
    );
    assert_caught(
        Design::DeleteOnBump,
        TWICE,
        OldValue,
        "R0 misses; R0 creates tag, sent twice; R0 starts query; R0 reads database; \
        R0 re-reads tags; R0 stores; W0 commits; W0 bumps; W0 is acknowledged; \
        store gets the second create; R1 hits",
    );
}

/// The limit of the shipped design, and so a rule for every backend: an attempt to create a
/// version that may have failed is repeated with a new token, never sent again as it was.
#[test]
fn i2_create_resent_as_it_was_around_an_eviction_is_caught() {
    let scope = Scope { late_creates: 1, ..EVICTION };
    assert_caught(
        Design::Dogpile,
        scope,
        VersionReused,
        "R0 misses; R0 creates tag, sent twice; store evicts hard tag; \
        store gets the second create",
    );
    assert_caught(
        Design::Dogpile,
        scope,
        OldValue,
        "R0 misses; R0 creates tag, sent twice; R0 starts query; R0 reads database; \
        R0 re-reads tags; R0 stores; W0 commits; W0 bumps; W0 is acknowledged; \
        store evicts hard tag; store gets the second create; R1 hits",
    );
}
