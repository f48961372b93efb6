//! Which server answers, so that nothing from before a failover is valid after it.
//!
//! A replica that is promoted may not have had the last bumps: with its registers older versions
//! come back. Who made those bumps can deliver them again; nobody else knows of them. So a version is
//! what lies in its register XOR a digest of what tells this server, and this history of its data,
//! from all others. Every answer says which it comes from, in the same statement: when another server
//! answers, all versions are new, for every process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// The server that answered last.
#[derive(Debug, Default)]
pub(crate) struct Lineage {
    incarnation: AtomicU64,
    met: Mutex<Option<(Vec<u8>, Mask)>>,
}

impl Lineage {
    pub(crate) fn incarnation(&self) -> u64 {
        self.incarnation.load(Ordering::SeqCst)
    }

    /// The mask of the server that answered last, if any has.
    pub(crate) fn mask(&self) -> Option<Mask> {
        self.lock().as_ref().map(|(_, mask)| *mask)
    }

    /// An answer came from this server.
    pub(crate) fn met(&self, server: &[u8]) -> Mask {
        let mut met = self.lock();
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

    fn lock(&self) -> MutexGuard<'_, Option<(Vec<u8>, Mask)>> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
    fn the_mask_of_a_server_is_the_same_in_every_build() {
        assert_eq!(Mask::of(b"").on(TagVersion(7)), TagVersion(7));
        let mask = Mask::of(b"1").on(TagVersion(0));
        assert_eq!(mask, TagVersion(0x6b86_b273_ff34_fce1_9d6b_804e_ff5a_3f57));
    }
}
