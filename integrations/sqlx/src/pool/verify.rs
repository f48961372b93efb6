//! Pools that compare what they serve with the database.

use std::sync::Arc;

use dogpile_query::shape;

use super::CachedPool;
use crate::database::CacheDatabase;
use crate::verify::{Verifier, Verify};

impl<DB: CacheDatabase> CachedPool<DB> {
    /// The same pool, which runs a share of what it serves again on the database, in the background,
    /// and compares. [`Verify`] says what is compared, and what follows.
    ///
    /// Results are kept as raw cells then, also of queries that are `typed` and in regions without a
    /// backend: values could not be compared. Clones made before do not verify.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # fn verified(db: dogpile_sqlx::CachedPool<sqlx::Sqlite>) {
    /// use dogpile_sqlx::Verify;
    ///
    /// let db = db.verify(Verify::share(0.01).threshold(3));
    /// assert_eq!(db.stats().verified.mismatches, 0);
    /// # }
    /// ```
    ///
    /// Default: nothing is verified.
    #[must_use]
    pub fn verify(&self, verify: Verify) -> Self {
        let verifier = Some(Arc::new(Verifier::new(verify)));
        Self { inner: Arc::new(super::Inner { verifier, ..(*self.inner).clone() }) }
    }

    /// Lets every shape of a query be cached again that [`verify`](Self::verify) has put on bypass,
    /// and counts its mismatches anew.
    pub fn trust_again(&self) {
        if let Some(verifier) = self.verifier() {
            verifier.trust_again();
        }
    }

    /// Waits until no comparison is under way that began before.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn verifications_ended(&self) {
        if let Some(verifier) = self.verifier() {
            verifier.ended().await;
        }
    }

    pub(crate) fn verifier(&self) -> Option<&Arc<Verifier>> {
        self.inner.verifier.as_ref()
    }

    /// Whether what is served of this shape has differed from the database too often.
    pub(crate) fn distrusts(&self, sql: &str) -> bool {
        let verifier = self.verifier().filter(|it| it.distrusts_any());
        verifier.is_some_and(|it| it.distrusts(&shape(sql, DB::DIALECT)))
    }
}
