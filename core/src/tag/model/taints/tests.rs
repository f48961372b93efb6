//! Taints: what holds at the fenced level, and what breaks it.

use super::super::properties::Broken::OldValue;
use super::super::search::{explore, shortest};
use super::{Design, Taints};

fn assert_caught(model: &Taints, trace: &str) {
    assert_eq!(shortest(model, OldValue).as_deref(), Some(trace), "{:?}", model.design);
}

#[test]
fn i1_fenced_never_shows_less_than_was_committed_holds() {
    let found = explore(&Taints { design: Design::Fenced, deaths: 2, evictions: 0 });
    found.assert_holds(&["hits", "bypasses", "dies", "expires a mark", "bumps and unmarks"]);
}

#[test]
fn i1_mutant_one_mark_for_all_writers_is_caught() {
    assert_caught(
        &Taints { design: Design::OneMark, deaths: 0, evictions: 0 },
        "W0 marks; W0 commits; W1 marks; W0 bumps and unmarks; R0 misses; R0 reads database; \
        R0 stores; W1 commits; R1 hits",
    );
}

#[test]
fn i1_mutant_mark_without_bump_is_caught() {
    assert_caught(
        &Taints { design: Design::MarkWithoutBump, deaths: 0, evictions: 0 },
        "R0 misses; R0 creates tag; R0 reads database; R0 stores; W0 marks; W0 commits; \
        store expires a mark; R1 hits",
    );
}

/// Not a mutant, but the difference between the two levels: the default one promises nothing
/// for the moment between COMMIT and bump.
#[test]
fn i1_after_commit_shows_the_old_value_until_the_bump() {
    assert_caught(
        &Taints { design: Design::AfterCommit, deaths: 0, evictions: 0 },
        "R0 misses; R0 creates tag; R0 reads database; R0 stores; W0 begins; W0 commits; \
        R1 hits",
    );
}

/// A limit: if the store loses the mark before COMMIT, the level is that of `AfterCommit`.
#[test]
fn i1_fenced_loses_its_name_with_its_mark() {
    assert_caught(
        &Taints { design: Design::Fenced, deaths: 0, evictions: 1 },
        "R0 misses; W0 marks; store evicts the tag; R0 creates tag; R0 reads database; \
        R0 stores; W0 commits; R1 hits",
    );
}
