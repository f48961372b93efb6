//! Which way a run goes where a type has more than one: the variants of enums, and whether an
//! option, a sequence or a map has something in it.
//!
//! A run goes into each type of container once; where it meets one again, or is inside it already,
//! the container stays empty, and the record refers to the first. That keeps runs short and lets
//! recursive types end. Of an enum, each run takes one variant at each place, one not yet seen first.

use std::collections::{BTreeSet, HashMap};

/// A type by its name and size: not by `TypeId`, since a visitor may borrow.
pub(super) type Identity = (&'static str, usize);

#[derive(Debug, Default)]
pub(super) struct Choices {
    places: Vec<Place>,
    ids: HashMap<Identity, usize>,
    /// The enums around the current one, outermost first.
    around: Vec<Inside>,
}

/// One type at which there is something to choose.
#[derive(Debug, Default)]
struct Place {
    /// For enums.
    variants: Vec<Variant>,
    /// For containers: how many are being filled right now.
    open: usize,
    /// For containers: whether this run has filled one.
    filled: bool,
    /// For containers: the type refuses to be empty.
    never_empty: bool,
    /// For structs: the type wants names, not a sequence.
    by_name: bool,
}

#[derive(Debug, Default, Clone)]
struct Variant {
    /// How often it was taken in the runs that count.
    seen: usize,
    /// How often it was taken in this run.
    now: usize,
    /// The least number of steps that it took.
    cost: Option<usize>,
    /// The enums below it.
    below: BTreeSet<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Inside {
    place: usize,
    variant: usize,
    since: usize,
}

impl Choices {
    /// The number of a type: in the order in which they are met, so that it may be recorded.
    pub(super) fn id(&mut self, identity: Identity) -> usize {
        let next = self.places.len();
        let id = *self.ids.entry(identity).or_insert(next);
        if id == next {
            self.places.push(Place::default());
        }
        id
    }

    /// Whether the container is to have something in it; then it must be [closed](Self::close).
    pub(super) fn open(&mut self, id: usize) -> bool {
        let place = &mut self.places[id];
        if (place.filled || place.open > 0) && !place.never_empty {
            return false;
        }
        place.filled = true;
        place.open += 1;
        true
    }

    pub(super) fn close(&mut self, id: usize) {
        self.places[id].open -= 1;
    }

    pub(super) fn by_name(&self, id: usize) -> bool {
        self.places[id].by_name
    }

    /// Takes a variant of the enum, one of `count`; it must be [left](Self::leave).
    pub(super) fn take(&mut self, id: usize, count: usize, steps: usize) -> usize {
        self.places[id].variants.resize(count, Variant::default());
        for inside in &self.around {
            self.places[inside.place].variants[inside.variant].below.insert(id);
        }
        let variant = self.choose(id);
        self.places[id].variants[variant].now += 1;
        self.around.push(Inside { place: id, variant, since: steps });
        variant
    }

    /// Leaves the innermost enum; `whole` says whether its variant was read to its end.
    pub(super) fn leave(&mut self, steps: usize, whole: bool) {
        let Some(Inside { place, variant, since }) = self.around.pop() else { return };
        let variant = &mut self.places[place].variants[variant];
        if whole {
            let cost = steps - since;
            variant.cost = Some(variant.cost.map_or(cost, |least| least.min(cost)));
        }
    }

    fn choose(&self, id: usize) -> usize {
        let variants = &self.places[id].variants;
        let index = |variant: Option<(usize, &Variant)>| variant.map(|(index, _)| index);
        let all = || variants.iter().enumerate();
        if let Some(new) = index(all().find(|(_, variant)| variant.is_new())) {
            return new;
        }
        let inside_itself = self.around.iter().any(|inside| inside.place == id);
        if inside_itself {
            // The shortest way out.
            let finished = all().filter(|(_, variant)| variant.cost.is_some());
            return index(finished.min_by_key(|(_, variant)| variant.cost))
                .or_else(|| index(all().min_by_key(|(_, variant)| variant.now)))
                .unwrap_or_default();
        }
        // The way to something new, if one is known.
        let leads_on =
            |variant: &Variant| variant.below.iter().any(|id| !self.places[*id].is_done());
        index(all().find(|(_, variant)| leads_on(variant)))
            .or_else(|| index(all().min_by_key(|(_, variant)| variant.seen + variant.now)))
            .unwrap_or_default()
    }

    /// Ends a run that counts.
    pub(super) fn keep(&mut self) {
        for variant in self.places.iter_mut().flat_map(|place| &mut place.variants) {
            variant.seen += variant.now;
        }
        self.reset();
    }

    /// Ends a run; what it saw does not count, unless [kept](Self::keep).
    pub(super) fn reset(&mut self) {
        self.around.clear();
        for place in &mut self.places {
            (place.open, place.filled) = (0, false);
            place.variants.iter_mut().for_each(|variant| variant.now = 0);
        }
    }

    /// From now on the container is never left empty, or the struct read by name; `false` if it is
    /// that way already.
    pub(super) fn change(&mut self, id: usize, refused: Refused) -> bool {
        let flag = match refused {
            Refused::Empty => &mut self.places[id].never_empty,
            Refused::Sequence => &mut self.places[id].by_name,
        };
        !std::mem::replace(flag, true)
    }

    /// Whether every variant of every enum met so far was seen.
    pub(super) fn is_done(&self) -> bool {
        self.places.iter().all(Place::is_done)
    }
}

/// What a type did not like about a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Empty,
    Sequence,
}

impl Place {
    fn is_done(&self) -> bool {
        !self.variants.iter().any(Variant::is_new)
    }
}

impl Variant {
    const fn is_new(&self) -> bool {
        self.seen + self.now == 0
    }
}
