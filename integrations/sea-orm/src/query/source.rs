//! What a cached select may run on.

use futures_core::future::BoxFuture;
use sea_orm::DbErr;
use tokio::sync::MutexGuard;

use crate::connection::{CachedConnection, Reads};
use crate::driver::{Pool, Session};
use crate::transaction::CachedTransaction;

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::CachedConnection {}
    impl Sealed for crate::CachedTransaction {}
}

/// Where a cached select runs: a [`CachedConnection`], or a [`CachedTransaction`], to which its result
/// is private.
///
/// Sealed: implemented by this crate only.
pub trait Source: sealed::Sealed + Sync {
    #[doc(hidden)]
    fn place(&self) -> BoxFuture<'_, Result<Place<'_>, DbErr>>;
}

/// Where a select runs.
#[doc(hidden)]
#[derive(Debug)]
pub struct Place<'s>(pub(super) Kind<'s>);

#[derive(Debug)]
pub(super) enum Kind<'s> {
    Pool(&'s Pool, &'s Reads),
    Session(MutexGuard<'s, Session>),
}

impl Source for CachedConnection {
    fn place(&self) -> BoxFuture<'_, Result<Place<'_>, DbErr>> {
        Box::pin(std::future::ready(Ok(Place(Kind::Pool(&self.pool, &self.reads)))))
    }
}

impl Source for CachedTransaction {
    fn place(&self) -> BoxFuture<'_, Result<Place<'_>, DbErr>> {
        Box::pin(async move { self.session().await.map(|session| Place(Kind::Session(session))) })
    }
}
