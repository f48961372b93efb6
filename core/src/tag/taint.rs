//! Taints in this process.

use super::{Tag, TagSpace};

/// Tags that one writer has tainted, until this is dropped.
///
/// It ends with its writer and not by itself: a writer that is gone has dropped it, and one that
/// takes long is still about to commit. Dropped, it gives the tags fresh versions.
#[derive(Debug)]
pub(crate) struct Taint {
    space: TagSpace,
    tags: Vec<Tag>,
}

impl Taint {
    /// Nothing yet, in `space`.
    pub(crate) const fn new(space: TagSpace) -> Self {
        Self { space, tags: Vec::new() }
    }

    /// Taints those of `tags` that are not yet.
    pub(crate) fn extend<'t>(&mut self, tags: impl IntoIterator<Item = &'t Tag>) {
        for tag in tags {
            if !self.tags.contains(tag) {
                self.space.taint(tag);
                self.tags.push(tag.clone());
            }
        }
    }
}

impl Drop for Taint {
    fn drop(&mut self) {
        self.tags.iter().for_each(|tag| self.space.lift(tag));
    }
}

#[cfg(test)]
mod tests {
    use super::Taint;
    use crate::tag::{Invalidation, Observation, Standing};
    use crate::{Tag, TagSpace};

    fn observe(space: &TagSpace, tag: &Tag) -> Observation {
        let mut observation = Observation::default();
        space.observe(&mut observation, [tag]);
        observation
    }

    fn tainted(space: &TagSpace, tag: &Tag) -> Taint {
        let mut taint = Taint::new(space.clone());
        taint.extend([tag, tag]);
        taint
    }

    #[test]
    fn nothing_observed_before_or_during_a_taint_ever_holds() {
        let (space, tag) = (TagSpace::new(100), Tag::new("t"));
        let before = observe(&space, &tag);
        let taint = tainted(&space, &tag);
        let during = observe(&space, &tag);
        assert!(during.is_tainted() && !before.is_tainted());
        assert_eq!([before.standing(), during.standing()], [Standing::Moved; 2]);
        drop(taint);
        assert_eq!([before.standing(), during.standing()], [Standing::Moved; 2]);
        let after = observe(&space, &tag);
        assert!(!after.is_tainted());
        assert_eq!(after.standing(), Standing::Current);
    }

    #[test]
    fn a_taint_lasts_until_its_last_writer_is_gone_whatever_is_invalidated_meanwhile() {
        let (space, tag, other) = (TagSpace::new(100), Tag::new("t"), Tag::new("other"));
        let (first, second) = (tainted(&space, &tag), tainted(&space, &tag));
        observe(&space, &other);
        drop(first);
        space.bump([&tag], Invalidation::Hard);
        assert!(space.is_tainted([&other, &tag]) && observe(&space, &tag).is_tainted());
        assert!(!space.is_tainted([&other]));
        drop(second);
        assert!(!space.is_tainted([&tag]) && !space.has_taints());
        assert_eq!(observe(&space, &tag).standing(), Standing::Current);
    }

    #[test]
    fn a_tainted_tag_outlives_any_pressure_and_being_pinned() {
        let (space, tag) = (TagSpace::new(1), Tag::new("t"));
        let taint = tainted(&space, &tag);
        let flood: Vec<_> =
            (0..10_000).map(|i| observe(&space, &Tag::new(format!("other {i}")))).collect();
        assert!(observe(&space, &tag).is_tainted(), "the flood washed a taint away");
        space.pin(&tag);
        assert!(observe(&space, &tag).is_tainted(), "a cell was replaced without its writers");
        drop(taint);
        assert_eq!(observe(&space, &tag).standing(), Standing::Current);
        drop(flood);
    }
}
