//! Regions against a reference model: random sequences of operations in virtual time.
//!
//! The model keeps, for each key, what may be stored and with which versions, and judges every
//! answer of the region by it: a value that it forbids, a miss where it demands a hit, or a count
//! that is not its own fails the test.
#![expect(clippy::future_not_send, reason = "one thread runs the operations one by one")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod operations;
mod reference;
mod run;
mod tiers;

use operations::operations;
use proptest::prelude::*;
use run::{Run, Setup};

fn holds(setup: Setup, operations: &[operations::Operation]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mut run = Run::new(setup);
        for operation in operations {
            run.step(operation).await;
        }
    });
}

macro_rules! properties {
    ($($(#[$meta:meta])* $name:ident: $regions:literal, $backend:literal, $local:literal;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig {
                cases: 128,
                failure_persistence: None,
                ..ProptestConfig::default()
            })]
            $(
                $(#[$meta])*
                #[test]
                fn $name(operations in operations($regions, $backend)) {
                    let setup = Setup { regions: $regions, backend: $backend, local: $local };
                    holds(setup, &operations);
                }
            )*
        }
    };
}

properties! {
    i1_i2_i11_a_memory_region_answers_as_the_model: 1, false, true;
    i1_i2_i11_two_memory_regions_answer_as_the_model: 2, false, true;
    i1_i2_i11_a_region_on_a_backend_answers_as_the_model: 1, true, false;
    i1_i2_i11_a_region_of_two_tiers_answers_as_the_model: 1, true, true;
    i1_i2_i11_two_regions_on_one_backend_answer_as_the_model: 2, true, false;
    i1_i2_i11_two_regions_of_two_tiers_answer_as_the_model: 2, true, true;
}
