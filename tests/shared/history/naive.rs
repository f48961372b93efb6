//! A cache over the raw calls of a backend, in two versions that differ in one thing: when the
//! version is read that an entry is stored with.

use std::sync::Arc;

use dogpile::backend::{BackendExt, Stamp, TagVersion};
use dogpile::{Backend, hours};

use super::truth::Truth;
use super::worker::slow_version;

pub(super) struct Naive {
    pub(super) backend: Arc<dyn Backend>,
    /// The defect.
    pub(super) versions_last: bool,
}

impl Naive {
    pub(super) async fn read(&self, truth: &Truth, row: i64) -> (i64, bool) {
        let (key, register) = names(row);
        let Ok(answer) = self.backend.read(&[&key], &[&register]).await else {
            return (slow_version(truth, row).await, false);
        };
        let version = answer.versions[0];
        if let (Some(bytes), Some(version)) = (&answer.entries[0], version)
            && let Some((stored, value)) = bytes.split_first_chunk::<16>()
            && u128::from_be_bytes(*stored) == version.0
        {
            return (i64::from_be_bytes(value.try_into().unwrap()), true);
        }
        let first = self.observe(&register).await;
        let value = slow_version(truth, row).await;
        let observed = if self.versions_last { self.observe(&register).await } else { first };
        if let Some(TagVersion(version)) = observed {
            let bytes = [&version.to_be_bytes()[..], &value.to_be_bytes()].concat();
            let _ = self.backend.put(&key, bytes, hours(1)).await;
        }
        (value, false)
    }

    /// Whether an invalidation was acknowledged.
    pub(super) async fn invalidate(&self, row: i64) -> bool {
        let register = names(row).1;
        let stamp = Stamp { register: &register, version: TagVersion::random() };
        self.backend.bump(&[stamp], hours(1)).await.is_ok()
    }

    async fn observe(&self, register: &str) -> Option<TagVersion> {
        let stamp = Stamp { register, version: TagVersion::random() };
        self.backend.create(&[stamp], hours(1)).await.ok()?.first().copied().flatten()
    }
}

fn names(row: i64) -> (String, String) {
    (format!("naive:{row}"), format!("naive:{row}"))
}
