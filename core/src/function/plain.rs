//! Functions that cannot fail.

use std::future::Future;

use crate::error::Error;
use crate::observe::Reason;
use crate::region::Region;

/// The creators of others failed, and this caller's own has not run.
#[derive(Debug)]
pub struct InVain(());

impl From<Error> for InVain {
    fn from(_: Error) -> Self {
        Self(())
    }
}

/// Runs the creator as one that could fail.
///
/// # Errors
///
/// Never while `create` is there.
pub async fn in_time<F, Fut>(create: Option<F>) -> Result<Fut::Output, InVain>
where
    F: FnOnce() -> Fut,
    Fut: Future,
{
    match create {
        Some(create) => Ok(create().await),
        None => Err(InVain(())),
    }
}

/// Runs a creator whose caller has waited in vain: without the cache, a bounded number at a time.
///
/// # Panics
///
/// Where the creator panics.
pub async fn alone<F, Fut>(region: &Region, create: Option<F>) -> Fut::Output
where
    F: FnOnce() -> Fut,
    Fut: Future,
{
    let Some(create) = create else { unreachable!("a creator that ran has returned its value") };
    region.unlocked(Reason::new("leaders_failed"), create()).await
}
