//! What the compiler says of mistakes in `#[cached_entity(..)]`: each message tells the mend.

#[test]
fn a_mistake_is_answered_with_its_mend() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
