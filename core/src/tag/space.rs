//! Where tags have their versions in this process.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};

use super::{Cell, Invalidation, Observation, Tag};
use crate::local::IdentityHash;
use crate::sync::{Mutex, MutexGuard};

const SHARDS: usize = 64;

/// The versions of all tags, shared by every region that must see the same writes.
///
/// Regions in memory share the space of the process unless they are given one of their own. A space
/// holds a bounded number of tags, and one more for each name of a region; losing one costs the entries that depend on it, never their
/// correctness.
#[derive(Clone)]
pub struct TagSpace(Arc<Space>);

struct Space {
    shards: Vec<Mutex<Shard>>,
    shard_capacity: usize,
    /// How many taints there are: while none is, nobody looks for one.
    taints: AtomicUsize,
}

type Shard = HashMap<u128, Arc<Cell>, IdentityHash>;

impl TagSpace {
    /// Whether both are one space.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The most tags a space holds, unless told otherwise.
    pub const DEFAULT_CAPACITY: usize = 1_000_000;

    /// A space of its own for up to `capacity` tags, apart from the one of the process.
    pub fn new(capacity: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        let shard_capacity = capacity.div_ceil(SHARDS).max(1);
        Self(Arc::new(Space { shards, shard_capacity, taints: AtomicUsize::new(0) }))
    }

    /// The space that all memory regions of this process share.
    pub fn process() -> Self {
        static SPACE: OnceLock<TagSpace> = OnceLock::new();
        SPACE.get_or_init(|| Self::new(Self::DEFAULT_CAPACITY)).clone()
    }

    /// How many tags have a version at present.
    pub fn len(&self) -> usize {
        self.0.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Whether no tag has a version.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives each tag a fresh version.
    ///
    /// A tag that has no version needs none: nothing can depend on it, and whoever observes it next
    /// gets a fresh one.
    pub(crate) fn bump<'t>(&self, tags: impl IntoIterator<Item = &'t Tag>, how: Invalidation) {
        for tag in tags {
            if let Some(cell) = lock(self.shard(tag)).get(&tag.id()) {
                cell.bump(how);
            }
        }
    }

    /// Adds the present versions of `tags` to an observation, creating those that are absent.
    pub(crate) fn observe<'t>(
        &self,
        observation: &mut Observation,
        tags: impl IntoIterator<Item = &'t Tag>,
    ) {
        for tag in tags {
            observation.push(self.cell(tag, false));
        }
    }

    /// Taints a tag until [`lift`](Self::lift): nothing that depends on it is served or stored.
    pub(super) fn taint(&self, tag: &Tag) {
        let mut shard = lock(self.shard(tag));
        self.cell_in(&mut shard, tag, false).taint();
        self.0.taints.fetch_add(1, Ordering::SeqCst);
    }

    /// Takes one writer out of a tag.
    pub(super) fn lift(&self, tag: &Tag) {
        let shard = lock(self.shard(tag));
        // A tainted cell is never removed.
        if let Some(cell) = shard.get(&tag.id()) {
            cell.lift();
        }
        self.0.taints.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whether writers have tainted one of `tags`.
    pub(crate) fn is_tainted<'t>(&self, tags: impl IntoIterator<Item = &'t Tag>) -> bool {
        let is_tainted =
            |tag: &Tag| lock(self.shard(tag)).get(&tag.id()).is_some_and(|cell| cell.writers() > 0);
        self.has_taints() && tags.into_iter().any(is_tainted)
    }

    /// Whether there is any taint at all.
    pub(crate) fn has_taints(&self) -> bool {
        self.0.taints.load(Ordering::SeqCst) > 0
    }

    /// The cell of a tag that is never removed to make room.
    pub(crate) fn pin(&self, tag: &Tag) -> Arc<Cell> {
        self.cell(tag, true)
    }

    fn cell(&self, tag: &Tag, pinned: bool) -> Arc<Cell> {
        self.cell_in(&mut lock(self.shard(tag)), tag, pinned)
    }

    fn cell_in(&self, shard: &mut Shard, tag: &Tag, pinned: bool) -> Arc<Cell> {
        if let Some(cell) = shard.get(&tag.id()).filter(|cell| cell.is_pinned() || !pinned) {
            return Arc::clone(cell);
        }
        if shard.len() >= self.0.shard_capacity {
            make_room(shard, self.0.shard_capacity);
        }
        let before = shard.remove(&tag.id());
        let cell = before.as_ref().map_or_else(|| Cell::new(pinned), |cell| cell.replaced(pinned));
        before.into_iter().for_each(|cell| cell.kill());
        let cell = Arc::new(cell);
        shard.insert(tag.id(), Arc::clone(&cell));
        cell
    }

    fn shard(&self, tag: &Tag) -> &Mutex<Shard> {
        // The low bits place the tag inside its shard's table: take others for the shard.
        let index = usize::try_from((tag.id() >> 64) % (SHARDS as u128)).unwrap_or_default();
        &self.0.shards[index]
    }
}

/// Removes at least an eighth of a shard's cells, under the shard's lock.
///
/// Cells with writers stay: a new cell in their place would know nothing of them. Of the others those
/// that nobody holds go first and cost nothing. The rest are marked dead before they leave
/// the map: what still points at one of them can never be valid again, even though the tag may come
/// back in a new cell.
fn make_room(shard: &mut Shard, capacity: usize) {
    let stays = |cell: &Cell| cell.is_pinned() || cell.writers() > 0;
    shard.retain(|_, cell| stays(cell) || Arc::strong_count(cell) > 1);
    let target = capacity - capacity.div_ceil(8);
    let mut surplus = shard.len().saturating_sub(target);
    shard.retain(|_, cell| {
        if surplus == 0 || stays(cell) {
            return true;
        }
        surplus -= 1;
        cell.kill();
        false
    });
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    // Nothing between lock and unlock can leave a shard half changed: a poisoned one is sound.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for TagSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TagSpace").field("tags", &self.len()).finish()
    }
}

impl Default for TagSpace {
    fn default() -> Self {
        Self::process()
    }
}

#[cfg(test)]
mod tests {
    use super::super::observation::Standing;
    use super::{Invalidation, Observation, SHARDS, TagSpace};
    use crate::Tag;

    fn observe(space: &TagSpace, tag: &Tag) -> Observation {
        let mut observation = Observation::default();
        space.observe(&mut observation, [tag]);
        observation
    }

    #[test]
    fn i2_a_removed_tag_never_validates_again() {
        let space = TagSpace::new(SHARDS);
        let tag = Tag::new("t");
        let before = observe(&space, &tag);
        // Held cells of the same shard push the first one out.
        let held: Vec<_> =
            (0..10_000).map(|i| observe(&space, &Tag::new(format!("other {i}")))).collect();
        assert_eq!(before.standing(), Standing::Moved);
        // The tag comes back in a new cell: the old observation stays dead, the new one holds.
        let after = observe(&space, &tag);
        assert_eq!(before.standing(), Standing::Moved);
        assert_eq!(after.standing(), Standing::Current);
        drop(held);
    }

    #[test]
    fn a_space_stays_within_its_capacity() {
        let space = TagSpace::new(1_000);
        let held: Vec<_> =
            (0..20_000).map(|i| observe(&space, &Tag::new(format!("{i}")))).collect();
        assert!(space.len() <= 1_000 + SHARDS, "{} tags", space.len());
        drop(held);
    }

    #[test]
    fn a_pinned_tag_outlives_any_pressure() {
        let space = TagSpace::new(SHARDS);
        let tag = Tag::region("shop");
        let cell = space.pin(&tag);
        let held: Vec<_> =
            (0..10_000).map(|i| observe(&space, &Tag::new(format!("other {i}")))).collect();
        let observation = observe(&space, &tag);
        assert!(std::sync::Arc::ptr_eq(&cell, &space.pin(&tag)));
        space.bump([&tag], Invalidation::Hard);
        assert_eq!(observation.standing(), Standing::Moved);
        drop(held);
    }

    #[test]
    fn soft_and_hard_are_registers_of_their_own() {
        let space = TagSpace::new(100);
        let tag = Tag::new("t");
        let observation = observe(&space, &tag);
        space.bump([&tag], Invalidation::Soft);
        assert_eq!(observation.standing(), Standing::Softened);
        space.bump([&tag], Invalidation::Hard);
        space.bump([&tag], Invalidation::Soft);
        assert_eq!(observation.standing(), Standing::Moved);
    }
    #[test]
    fn what_there_is_room_for_stays() {
        let space = TagSpace::new(6_400);
        assert!(space.is_empty());
        let held: Vec<_> = (0..3_000).map(|i| observe(&space, &Tag::new(format!("{i}")))).collect();
        assert_eq!((space.len(), space.is_empty()), (3_000, false));
        assert!(held.iter().all(|observation| observation.standing() == Standing::Current));
        assert!(format!("{space:?}").contains("3000"));
    }

    #[test]
    fn tags_that_nobody_holds_make_room_for_those_that_somebody_does() {
        let space = TagSpace::new(100 * SHARDS);
        let held: Vec<_> =
            (0..500).map(|i| observe(&space, &Tag::new(format!("held {i}")))).collect();
        (0..50_000).for_each(|i| drop(observe(&space, &Tag::new(format!("other {i}")))));
        assert!(held.iter().all(|observation| observation.standing() == Standing::Current));
    }

    #[test]
    fn a_full_space_forgets_no_more_than_a_part() {
        let space = TagSpace::new(100 * SHARDS);
        let held: Vec<_> =
            (0..20_000).map(|i| observe(&space, &Tag::new(format!("{i}")))).collect();
        assert!(space.len() > 80 * SHARDS, "{} tags", space.len());
        drop(held);
    }

    #[test]
    fn a_tag_that_is_pinned_later_ends_what_was_observed_before() {
        let (space, tag) = (TagSpace::new(100), Tag::region("shop"));
        let before = observe(&space, &tag);
        space.pin(&tag);
        assert_eq!(before.standing(), Standing::Moved);
        assert_eq!(observe(&space, &tag).standing(), Standing::Current);
        assert_eq!(space.len(), 1);
    }

    #[test]
    fn all_that_name_no_space_share_that_of_the_process() {
        let tag = Tag::new("t");
        let observation = observe(&TagSpace::process(), &tag);
        TagSpace::default().bump([&tag], Invalidation::Hard);
        assert_eq!(observation.standing(), Standing::Moved);
    }
}
