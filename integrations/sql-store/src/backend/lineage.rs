//! Which server answers, so that nothing from before a failover is valid after it.
//!
//! A replica that is promoted may not have had the last bumps: with its registers older versions
//! come back. Who made those bumps can deliver them again; nobody else knows of them. So a version is
//! what lies in its register XOR a digest of what tells this server, and this history of its data,
//! from all others. Every answer says which it comes from, in the same statement: when another server
//! answers, all versions are new, for every process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use dogpile::backend::TagVersion;
use sha2::{Digest, Sha256};

/// What the versions on one server are masked with. Its own inverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mask(u128);

impl Mask {
    /// Processes of different builds share it: it may never change.
    fn of(server: &[u8]) -> Self {
        if server.is_empty() {
            return Self(0);
        }
        let mut mask = [0; 16];
        mask.iter_mut().zip(Sha256::digest(server)).for_each(|(to, from)| *to = from);
        Self(u128::from_be_bytes(mask))
    }

    /// From what lies in a register to what it shows, or back.
    pub(crate) const fn on(self, version: TagVersion) -> TagVersion {
        TagVersion(version.0 ^ self.0)
    }
}

/// The server that answered last. All handles of one identity share it: what one of them notices
/// concerns the bumps of all.
#[derive(Debug, Default)]
pub(crate) struct Lineage {
    incarnation: AtomicU64,
    met: Mutex<Option<(Vec<u8>, Mask)>>,
}

impl Lineage {
    /// The lineage of `identity`.
    pub(crate) fn of(identity: &str) -> Arc<Self> {
        static ALL: LazyLock<Mutex<HashMap<String, Weak<Lineage>>>> = LazyLock::new(Mutex::default);
        let mut all = lock(&ALL);
        if let Some(lineage) = all.get(identity).and_then(Weak::upgrade) {
            return lineage;
        }
        all.retain(|_, lineage| lineage.strong_count() > 0);
        let lineage = Arc::new(Self::default());
        all.insert(identity.to_owned(), Arc::downgrade(&lineage));
        lineage
    }

    pub(crate) fn incarnation(&self) -> u64 {
        self.incarnation.load(Ordering::SeqCst)
    }

    /// The mask of the server that answered last, if any has.
    pub(crate) fn mask(&self) -> Option<Mask> {
        lock(&self.met).as_ref().map(|(_, mask)| *mask)
    }

    /// An answer came from this server.
    pub(crate) fn met(&self, server: &[u8]) -> Mask {
        let mut met = lock(&self.met);
        if let Some((known, mask)) = met.as_ref() {
            if known == server {
                return *mask;
            }
            self.incarnation.fetch_add(1, Ordering::SeqCst);
        }
        let mask = Mask::of(server);
        *met = Some((server.to_vec(), mask));
        mask
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use dogpile::backend::TagVersion;

    use super::{Lineage, Mask};

    #[test]
    fn another_server_changes_all_versions_and_the_incarnation() {
        let lineage = Lineage::default();
        assert_eq!(lineage.mask(), None);
        let a = lineage.met(b"a");
        assert_eq!((lineage.incarnation(), lineage.mask()), (0, Some(a)));
        assert_eq!(lineage.met(b"a"), a);
        assert_eq!(lineage.incarnation(), 0);
        let b = lineage.met(b"b");
        assert_eq!(lineage.incarnation(), 1);
        let version = TagVersion(7);
        assert_eq!(a.on(a.on(version)), version);
        assert_ne!(b.on(a.on(version)), version);
        assert_eq!(lineage.met(b"a"), a);
        assert_eq!(lineage.incarnation(), 2);
    }

    #[test]
    fn handles_of_one_identity_share_their_lineage() {
        let (a, b) = (Lineage::of("lineage:x"), Lineage::of("lineage:x"));
        a.met(b"a");
        b.met(b"b");
        assert_eq!((a.incarnation(), Lineage::of("lineage:y").incarnation()), (1, 0));
        drop((a, b));
        assert_eq!(Lineage::of("lineage:x").incarnation(), 0, "forgotten with its last handle");
    }

    #[test]
    fn the_mask_of_a_server_is_the_same_in_every_build() {
        assert_eq!(Mask::of(b"").on(TagVersion(7)), TagVersion(7));
        let mask = Mask::of(b"1").on(TagVersion(0));
        assert_eq!(mask, TagVersion(0x6b86_b273_ff34_fce1_9d6b_804e_ff5a_3f57));
    }
}
