//! What a backend says about itself.

use super::super::outcome::{Outcome, ensure};
use super::super::subject::Subject;

pub(super) async fn it_says_what_it_is(subject: Subject) -> Outcome {
    let (backend, other) = (&subject.backend, &subject.other);
    ensure!(!backend.kind().is_empty(), "the kind is empty");
    let identity = backend.identity();
    ensure!(!identity.is_empty(), "the identity is empty");
    ensure!(identity == backend.identity(), "the identity changes from call to call");
    ensure!(identity == other.identity(), "two handles of one store have two identities");
    let capabilities = backend.capabilities();
    ensure!(capabilities == backend.capabilities(), "the capabilities change from call to call");
    let leases = backend.locks().is_some();
    ensure!(
        leases == capabilities.leases,
        "`locks` gives leases: {leases}, and the capabilities say {}",
        capabilities.leases
    );
    let taints = backend.taints().is_some();
    ensure!(
        taints == capabilities.taints,
        "`taints` gives taints: {taints}, and the capabilities say {}",
        capabilities.taints
    );
    ensure!(
        capabilities.leases || !capabilities.fences,
        "the capabilities promise fences without leases"
    );
    Ok(())
}

pub(super) async fn a_restart_changes_the_incarnation(subject: Subject) -> Outcome {
    let before = (subject.backend.incarnation(), subject.other.incarnation());
    subject.restart_now().await?;
    // A handle may learn of it only by the next call.
    let _ = subject.backend.read(&[], &[&subject.name("r")]).await;
    let _ = subject.other.read(&[], &[&subject.name("r")]).await;
    let after = (subject.backend.incarnation(), subject.other.incarnation());
    ensure!(
        before.0 != after.0 && before.1 != after.1,
        "the incarnation is the same after a restart"
    );
    Ok(())
}
