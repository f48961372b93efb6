//! Connections that compare what they serve with the database.

use dogpile_sqlx::{Verify, VerifyCounts};

use super::CachedConnection;
use crate::driver::{on, with};

impl CachedConnection {
    /// The same connection, which runs a share of what it serves again on the database, in the
    /// background, and compares. [`Verify`] says what is compared, and what follows.
    ///
    /// Clones made before do not verify.
    ///
    /// ```
    /// # fn verified(db: dogpile_sea_orm::CachedConnection) {
    /// use dogpile_sea_orm::Verify;
    ///
    /// let db = db.verify(Verify::share(0.01).threshold(3));
    /// assert_eq!(db.verified().mismatches, 0);
    /// # }
    /// ```
    ///
    /// Default: nothing is verified.
    #[must_use]
    pub fn verify(&self, verify: Verify) -> Self {
        Self { pool: with!(&self.pool, pool => pool.verify(verify)), ..self.clone() }
    }

    /// What came of the comparisons so far.
    pub fn verified(&self) -> VerifyCounts {
        on!(Pool, &self.pool, pool => pool.stats().verified)
    }

    /// Lets every shape of a query be cached again that [`verify`](Self::verify) has put on bypass, and
    /// counts its mismatches anew.
    pub fn trust_again(&self) {
        on!(Pool, &self.pool, pool => pool.trust_again());
    }

    /// Waits until no comparison is under way that began before.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn verifications_ended(&self) {
        on!(Pool, &self.pool, pool => pool.verifications_ended().await);
    }
}
