//! What a cached select may run on.

use futures_core::future::BoxFuture;
use sea_orm::DbErr;
use tokio::sync::MutexGuard;

use crate::connection::CachedConnection;
use crate::driver::Session;
use crate::metric::Callback;
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
#[expect(missing_debug_implementations, reason = "nobody has one")]
pub struct Place<'s>(pub(super) Kind<'s>);

pub(super) enum Kind<'s> {
    Pool(&'s CachedConnection),
    Session(MutexGuard<'s, Session>, Option<Callback>),
}

impl Source for CachedConnection {
    fn place(&self) -> BoxFuture<'_, Result<Place<'_>, DbErr>> {
        Box::pin(std::future::ready(Ok(Place(Kind::Pool(self)))))
    }
}

impl Source for CachedTransaction {
    fn place(&self) -> BoxFuture<'_, Result<Place<'_>, DbErr>> {
        Box::pin(async move {
            let session = self.session().await?;
            Ok(Place(Kind::Session(session, self.callback.clone())))
        })
    }
}
