//! The suite itself: what it reports, and that nothing passes by being left out.

use dogpile::backend::{MemoryBackend, NullBackend};
use dogpile::testing::{Verdict, cases, run, run_all, run_as_test};

#[tokio::test]
async fn a_report_tells_what_passed_from_what_does_not_apply() {
    let report = run_all(async || NullBackend).await;
    assert_eq!(report.failed(), Vec::<&str>::new(), "{report}");
    assert!(report.passed().contains(&"nothing_is_kept"));
    assert!(report.not_applicable().contains(&"a_lease_has_one_holder"));
    let names: Vec<_> = report.verdicts().iter().map(|(name, _)| *name).collect();
    assert!(names.into_iter().eq(cases()));
    let said = report.to_string();
    assert!(said.contains("does not apply  a_lease_has_one_holder: the backend has no leases"));
    let (passed, left) = (report.passed().len(), report.not_applicable().len());
    assert!(said.ends_with(&format!("{passed} passed, 0 failed, {left} do not apply")), "{said}");
}

#[tokio::test]
async fn a_case_that_does_not_exist_is_not_run() {
    assert_eq!(run("no_such_case", async || NullBackend).await, None);
    let verdict = run("nothing_is_kept", async || MemoryBackend::new()).await;
    assert_eq!(verdict, Some(Verdict::NotApplicable("the backend keeps things")));
}

#[test]
#[should_panic(expected = "list `nothing_is_kept` in `not_applicable`")]
fn a_case_that_does_not_apply_must_be_listed() {
    run_as_test("nothing_is_kept", async || MemoryBackend::new(), &[]);
}

#[test]
#[should_panic(expected = "applies after all")]
fn a_case_that_applies_must_not_be_listed() {
    run_as_test("nothing_is_kept", async || NullBackend, &["nothing_is_kept"]);
}

#[test]
#[should_panic(expected = "no case `nothing_is_kpet`")]
fn a_list_of_unknown_cases_fails() {
    run_as_test("nothing_is_kept", async || NullBackend, &["nothing_is_kpet"]);
}
