//! The search: breadth first over every interleaving, so the first trace found is a shortest one.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::hash::BuildHasherDefault;

use super::fold::Fold;
use super::properties::Broken;
use super::step::{Label, Model, Step};

/// What a whole search found: a shortest trace for each thing that was broken.
pub(super) struct Explored {
    pub(super) states: usize,
    pub(super) broken: BTreeMap<Broken, String>,
    /// Everything that somebody did somewhere: a model that never hits proves nothing.
    pub(super) acts: BTreeSet<&'static str>,
}

impl Explored {
    /// Nothing was broken, and all of `acts` happened somewhere on the way.
    pub(super) fn assert_holds(&self, acts: &[&str]) {
        assert!(self.broken.is_empty(), "{:?}", self.broken);
        assert!(self.states > 500, "a model of {} states is no model", self.states);
        for act in acts {
            assert!(self.acts.contains(act), "nobody ever {act}: {:?}", self.acts);
        }
    }
}

/// Visits every reachable state.
pub(super) fn explore<M: Model>(model: &M) -> Explored {
    let mut search = Search::new(model);
    search.run(None);
    Explored { states: search.visited.len(), broken: search.broken, acts: search.acts }
}

/// A shortest trace that ends in this breach, if there is one. Stops there.
pub(super) fn shortest<M: Model>(model: &M, wanted: Broken) -> Option<String> {
    let mut search = Search::new(model);
    search.run(Some(wanted));
    search.broken.remove(&wanted)
}

/// How a state was reached first: from which one, by which step.
struct Arrival {
    from: usize,
    label: Label,
}

struct Search<'m, M: Model> {
    model: &'m M,
    visited: HashSet<M::State, BuildHasherDefault<Fold>>,
    queue: VecDeque<(usize, M::State)>,
    path: Vec<Option<Arrival>>,
    broken: BTreeMap<Broken, String>,
    acts: BTreeSet<&'static str>,
}

impl<'m, M: Model> Search<'m, M> {
    fn new(model: &'m M) -> Self {
        let first = model.initial();
        Self {
            model,
            visited: HashSet::from_iter([model.canonical(&first)]),
            queue: VecDeque::from([(0, first)]),
            path: vec![None],
            broken: BTreeMap::new(),
            acts: BTreeSet::new(),
        }
    }

    fn run(&mut self, until: Option<Broken>) {
        while let Some((id, state)) = self.queue.pop_front() {
            for step in self.model.steps(&state) {
                self.acts.insert(step.label.does);
                self.note_breaches(id, &step);
                self.enqueue(id, step);
            }
            if until.is_some_and(|wanted| self.broken.contains_key(&wanted)) {
                return;
            }
        }
    }

    /// Every step is judged, also one that leads to a state known already: a breach belongs to
    /// the step (what was served to whom), not to the state after it.
    fn note_breaches(&mut self, from: usize, step: &Step<M::State>) {
        for broken in &step.broken {
            if !self.broken.contains_key(broken) {
                let trace = self.trace(from, step.label);
                self.broken.insert(*broken, trace);
            }
        }
    }

    fn enqueue(&mut self, from: usize, step: Step<M::State>) {
        if self.visited.insert(self.model.canonical(&step.to)) {
            self.queue.push_back((self.path.len(), step.to));
            self.path.push(Some(Arrival { from, label: step.label }));
        }
    }

    fn trace(&self, mut at: usize, last: Label) -> String {
        let mut steps = vec![last.to_string()];
        while let Some(arrival) = &self.path[at] {
            steps.push(arrival.label.to_string());
            at = arrival.from;
        }
        steps.reverse();
        steps.join("; ")
    }
}
