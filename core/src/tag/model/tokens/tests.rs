//! Tokens: what holds at the transactional level, and what breaks it.

use super::super::properties::Broken::OldValue;
use super::super::search::{explore, shortest};
use super::{Design, Tokens};

fn assert_caught(model: &Tokens, trace: &str) {
    assert_eq!(shortest(model, OldValue).as_deref(), Some(trace), "{:?}", model.design);
}

#[test]
fn i1_transactional_never_shows_less_than_was_committed_holds() {
    for (losses, bumps) in [(0, 1), (1, 0), (2, 0)] {
        let found = explore(&Tokens { design: Design::Tokens, losses, bumps });
        found.assert_holds(&["hits", "misses", "stores", "commits", "rolls back", "folds"]);
    }
}

/// What a mutant breaks, it breaks without any accident: nothing is lost.
fn mutant(design: Design) -> Tokens {
    Tokens { design, losses: 0, bumps: 0 }
}

#[test]
fn i1_mutant_highest_number_of_a_log_is_caught() {
    assert_caught(
        &mutant(Design::HighestNumber),
        "W0 writes; W1 writes; W1 commits; R0 misses; R0 reads database; R0 stores; \
        W0 commits; R1 hits",
    );
}

#[test]
fn i1_mutant_token_in_another_transaction_is_caught() {
    assert_caught(
        &mutant(Design::OtherTransaction),
        "R0 misses; W0 writes; R0 creates register; R0 reads database; R0 stores; \
        W0 commits; R1 hits",
    );
}

#[test]
fn i1_mutant_fold_in_two_steps_is_caught() {
    assert_caught(
        &mutant(Design::FoldInTwo),
        "R0 misses; R0 creates register; R0 reads database; R0 stores; W0 writes; \
        W0 commits; store takes tokens away; R1 hits",
    );
}

#[test]
fn i1_mutant_store_that_observes_is_caught() {
    assert_caught(
        &mutant(Design::StoreObserves),
        "R0 misses; R0 creates register; R0 reads database; W0 writes; W0 commits; \
        R0 stores; R1 hits",
    );
}

/// A counter looks right until it is lost, and begins anew.
#[test]
fn i1_mutant_counter_row_is_caught_when_it_is_lost() {
    assert!(explore(&mutant(Design::CounterRow)).broken.is_empty());
    assert_caught(
        &Tokens { design: Design::CounterRow, losses: 1, bumps: 0 },
        "R0 misses; R0 reads database; R0 stores; W0 writes; W0 commits; \
        store loses the register; R1 hits",
    );
}
