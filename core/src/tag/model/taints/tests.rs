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
    found.assert_holds(&[
        "hits",
        "bypasses",
        "dies",
        "expires a mark",
        "renews",
        "marks again",
        "bumps and unmarks",
        "only bumps",
    ]);
}

/// What a mutant breaks, it breaks without any accident: no writer dies.
fn mutant(design: Design) -> Taints {
    Taints { design, deaths: 0, evictions: 0 }
}

#[test]
fn i1_mutant_bump_that_erases_the_marks_is_caught() {
    assert_caught(
        &mutant(Design::BumpErases),
        "W0 marks; W0 renews; W0 commits; W1 marks; W1 renews; W0 only bumps; R0 misses; \
        R0 reads database; R0 stores; W1 commits; R1 hits",
    );
}

#[test]
fn i1_mutant_reader_that_does_not_heed_marks_is_caught() {
    assert_caught(
        &mutant(Design::MarksUnread),
        "W0 marks; R0 misses; R0 reads database; R0 stores; W0 renews; W0 commits; R1 \
        hits",
    );
}

#[test]
fn i1_mutant_unmarking_before_the_commit_is_caught() {
    assert_caught(
        &mutant(Design::UnmarkFirst),
        "W0 marks; W0 bumps and unmarks; R0 misses; R0 reads database; R0 stores; W0 \
        commits; R1 hits",
    );
}

#[test]
fn i1_mutant_lost_mark_that_is_not_set_anew_is_caught() {
    assert_caught(
        &mutant(Design::LostForGood),
        "R0 misses; W0 marks; store expires a mark; R0 creates tag; R0 reads database; R0 \
        stores; W0 renews; W0 commits; R1 hits",
    );
}

#[test]
fn i1_mutant_store_that_observes_is_caught() {
    assert_caught(
        &mutant(Design::StoreObserves),
        "R0 misses; R0 creates tag; R0 reads database; W0 marks; W0 renews; W0 commits; \
        W0 bumps and unmarks; R0 stores; R1 hits",
    );
}

#[test]
fn i1_mutant_one_mark_for_all_writers_is_caught() {
    assert_caught(
        &mutant(Design::OneMark),
        "W0 marks; W0 renews; W0 commits; W1 marks; W1 renews; W0 bumps and unmarks; R0 \
        misses; R0 reads database; R0 stores; W1 commits; R1 hits",
    );
}

#[test]
fn i1_mutant_mark_without_bump_is_caught() {
    assert_caught(
        &mutant(Design::MarkWithoutBump),
        "R0 misses; R0 creates tag; R0 reads database; R0 stores; W0 marks; W0 renews; W0 \
        commits; store expires a mark; R1 hits",
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
        "R0 misses; W0 marks; W0 renews; store evicts the tag; R0 creates tag; R0 reads database; \
        R0 stores; W0 commits; R1 hits",
    );
}
