//! Where no database has locks of its own, leases are rows.

use std::time::Duration;

use dogpile::Owner;
use dogpile::backend::Put;

use super::dialect::Life;
use crate::error::Done;

/// There is none.
#[derive(Debug)]
pub(crate) enum Locker {}

impl Locker {
    pub(super) const fn is_pooled(&self) -> bool {
        match *self {}
    }

    pub(super) const fn called(&self, _: &str) -> String {
        match *self {}
    }

    pub(super) const fn begin(&self) {
        match *self {}
    }

    pub(super) async fn warm(&self) -> Done<()> {
        match *self {}
    }

    pub(super) async fn acquire(&self, _: &str, _: Owner, _: Duration) -> Done<Option<bool>> {
        match *self {}
    }

    pub(super) const fn renew(&self, _: &str, _: Owner, _: Duration) -> Done<bool> {
        match *self {}
    }

    pub(super) async fn release(&self, _: &str, _: Owner) -> Done<()> {
        match *self {}
    }

    pub(super) const fn abandon(&self, _: &str, _: Owner) {
        match *self {}
    }

    pub(super) async fn store(
        &self,
        _: &[&Put<'_>],
        _: &[&str],
        _: Life,
    ) -> Done<Option<Vec<bool>>> {
        match *self {}
    }
}
