//! What one region owes, all regions on the same backend go past.

use super::{Down, Fake, alone, others_run, owe, region};

#[tokio::test(start_paused = true)]
async fn i15_what_one_region_owes_another_one_on_the_same_backend_goes_past() {
    let (backend, link) = alone();
    let (other, _) = region("other", &backend.again());
    let debt = owe(&link, &["t"]);
    assert!(other.owes(["t"]));
    assert_eq!(other.read(&["k"], &["t"]).await, Err(Down::Owed));
    debt.deliver().await.unwrap();
    assert!(other.read(&["k"], &["t"]).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn backends_of_different_identity_have_nothing_in_common() {
    let (_backend, link) = alone();
    let (other, _) = region("other", &Fake::new());
    let _debt = owe(&link, &["t"]);
    assert!(!other.owes(["t"]));
}

#[tokio::test(start_paused = true)]
async fn clones_of_a_link_are_one_link() {
    let (_backend, link) = alone();
    let clone = link.clone();
    let debt = owe(&clone, &["t"]);
    drop(clone);
    assert!(link.owes(["t"]));
    drop(debt);
    others_run().await;
    assert!(!link.owes(["t"]));
}
