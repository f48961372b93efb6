//! Keys of random types: the twin, on a stable toolchain, of the fuzz target `key`.

mod typed;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any};
use proptest::proptest;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn keys_that_differ_have_names_that_differ(bytes in vec(any::<u8>(), 0..400)) {
        typed::check(&typed::keys(&bytes));
    }
}
