//! Cells under the cap: what holds, and what each wrong removal or bump breaks.

use super::super::properties::Broken::{OldValue, StaleSet};
use super::super::search::{explore, shortest};
use super::{Cells, Design};

fn assert_caught(design: Design, trace: &str) {
    let model = Cells { design, writers: 2, removals: 1 };
    assert_eq!(shortest(&model, OldValue).as_deref(), Some(trace), "{design:?}");
    assert!(shortest(&model, StaleSet).is_some(), "{design:?} breaks the strict form too");
}

#[test]
fn i2_removed_cell_is_never_valid_again_holds() {
    for (writers, removals) in [(1, 2), (2, 1)] {
        let found = explore(&Cells { design: Design::UnderLock, writers, removals });
        found.assert_holds(&["hits", "finds it dead", "removes the cell"]);
    }
}

#[test]
fn i2_bump_outside_the_lock_that_looks_again_if_dead_holds() {
    let model = Cells { design: Design::BumpRetriesIfDead, writers: 1, removals: 2 };
    explore(&model).assert_holds(&["hits", "looks again"]);
}

#[test]
fn i2_mutant_cell_removed_but_not_marked_dead_is_caught() {
    assert_caught(
        Design::NotMarked,
        "R0 gets the entry; R0 finds the cell; R0 observes; R0 starts query; \
        R0 reads database; R0 stores; W0 commits; store removes the cell; W0 bumps; \
        W0 is acknowledged; R1 gets the entry; R1 hits",
    );
}

#[test]
fn i2_mutant_cell_marked_dead_after_the_lock_is_caught() {
    assert_caught(
        Design::MarkedLate,
        "R0 gets the entry; R0 finds the cell; R0 observes; R0 starts query; \
        R0 reads database; R0 stores; W0 commits; store removes the cell; W0 bumps; \
        W0 is acknowledged; R1 gets the entry; R1 hits",
    );
}

#[test]
fn i2_mutant_bump_that_revives_a_dead_cell_is_caught() {
    assert_caught(
        Design::BumpRevives,
        "R0 gets the entry; R0 finds the cell; W0 commits; W0 finds the cell; \
        store removes the cell; W0 bumps; R0 observes; R0 starts query; R0 reads database; \
        R0 stores; W1 commits; W1 bumps; W1 is acknowledged; R1 gets the entry; R1 hits",
    );
}

#[test]
fn i2_mutant_dead_compared_as_a_version_is_caught() {
    assert_caught(
        Design::DeadIsAVersion,
        "R0 gets the entry; R0 finds the cell; store removes the cell; R0 observes; \
        R0 starts query; R0 reads database; R0 stores; W0 commits; W0 bumps; \
        W0 is acknowledged; R1 gets the entry; R1 hits",
    );
}
