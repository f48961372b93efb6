//! The lookup in a backend: one trip for the entry and the versions of its tags.

use std::sync::Arc;

use bytes::Bytes;
use smallvec::SmallVec;
use tracing::Span;

use super::super::Inner;
use super::super::creation::Plan;
use super::super::found::Found;
use super::super::request::Request;
use super::Remote;
use super::names::Names;
use super::near::Learning;
use super::trip::{Union, observation};
use crate::backend::{Down, TagVersion};
use crate::clock::Tick;
use crate::observe::{Direction, LookupSpan, Outcome, Reason, Tier};
use crate::shared::Shared;
use crate::tag::{Observation, Watched};
use crate::value::{AnyEntry, Entry, downcast};

/// What a trip to the backend says of one request.
pub(in super::super) enum Looked<T> {
    /// An entry or none, and the versions that a creation from here on depends on.
    Found(Found<T>, Observation, Tier),
    /// An invalidation of one of its tags is not delivered yet: nothing may be trusted.
    Owed,
    /// A writer that is about to commit has tainted one of its tags.
    Tainted,
    /// The backend could not be asked.
    Down(Reason),
}

impl<T> Looked<T> {
    /// Says to `lookup` how it ended; what was found, if there was an answer that may be trusted.
    pub(in super::super) fn end(
        self,
        lookup: LookupSpan<'_>,
        now: Tick,
    ) -> Option<(Found<T>, Observation, Span)> {
        match self {
            Self::Found(found, seen, tier) => {
                let span = found.end(lookup, tier, now);
                return Some((found, seen, span));
            }
            Self::Owed => lookup.end(Outcome::Bypass, Reason::OWED),
            Self::Tainted => lookup.end(Outcome::Bypass, Reason::TAINTED),
            Self::Down(reason) => lookup.end(Outcome::Miss, reason),
        };
        None
    }
}

/// What a lookup is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Purpose {
    /// Whoever finds nothing creates: versions that are absent are worth a trip.
    Create,
    /// Nothing is created from here.
    Look,
}

/// One for each request, of which there is mostly one.
type Each<T> = SmallVec<[T; 1]>;

/// One request on its way.
struct Look<'a, T> {
    request: &'a Request<'a>,
    /// Which of the requests it is.
    place: usize,
    /// A candidate in the local tier, until it was judged.
    held: Option<Arc<Entry<T>>>,
    /// What that was found to be, where the backend may have better.
    held_found: Option<Found<T>>,
    looked: Option<Looked<T>>,
    /// What was found is the candidate of the local tier.
    checked: bool,
}

impl<T> Look<'_, T> {
    fn fail(&mut self, down: Down) {
        self.looked.get_or_insert(match down {
            Down::Owed => Looked::Owed,
            down => Looked::Down(down.reason()),
        });
    }
}

impl Inner {
    /// Looks `request` up in the local tier and the backend.
    pub(in super::super) async fn look_afar<T, P>(
        &self,
        request: &Request<'_>,
        plan: &P,
        purpose: Purpose,
    ) -> Looked<T>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let mut looked = self.look_many_afar(&[request], plan, purpose).await;
        looked.pop().unwrap_or(Looked::Down(Reason::DISABLED))
    }

    /// Looks several requests up, with one trip for all of them; a second one only where an entry of
    /// the local tier was invalidated, a third where a tag has no version yet.
    pub(in super::super) async fn look_many_afar<T, P>(
        &self,
        requests: &[&Request<'_>],
        plan: &P,
        purpose: Purpose,
    ) -> Each<Looked<T>>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let Some(remote) = &self.remote else { return Each::new() };
        let names = self.names(requests.iter().copied(), &remote.capabilities);
        let mut looks: Each<Look<'_, T>> = requests
            .iter()
            .enumerate()
            .map(|(place, request)| Look {
                request,
                place,
                held: self.held(request),
                held_found: None,
                looked: remote.link.owes(names.registers(place)).then_some(Looked::Owed),
                checked: false,
            })
            .collect();
        // The second round is for those whose candidate was found to be invalidated.
        for _ in 0..2 {
            if let Err(down) = self.round(remote, &names, &mut looks, plan, purpose).await {
                looks.iter_mut().for_each(|look| look.fail(down));
            }
        }
        looks.into_iter().map(|look| look.looked.unwrap_or(Looked::Owed)).collect()
    }

    /// One trip for all that are not answered yet.
    async fn round<T, P>(
        &self,
        remote: &Remote,
        names: &Names,
        looks: &mut [Look<'_, T>],
        plan: &P,
        purpose: Purpose,
    ) -> Result<(), Down>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let coded = plan.wire().is_some();
        let (mut open, mut wanted) = (Each::new(), Each::new());
        for look in looks.iter_mut().filter(|look| look.looked.is_none()) {
            // With a candidate at hand only the versions are read, without the value.
            wanted.push(coded && look.held.is_none());
            open.push(look);
        }
        if open.is_empty() {
            return Ok(());
        }
        let union = Union::of(names, open.iter().map(|look| look.place));
        let keys = open.iter().zip(&wanted).filter(|(_, wanted)| **wanted);
        let keys: Each<&str> = keys.map(|(look, _)| names.entry(look.place)).collect();
        let learning = self.learning(remote, &union.registers);
        let answer = remote.link.read(&keys, &union.registers).await?;
        let mut entries = answer.entries.into_iter();
        let mut versions = answer.versions;
        // What was bumped since the read has been owed since before.
        let answered = |look: &mut Look<'_, T>, found: Found<T>, seen: Observation| {
            let owed = remote.link.owes(names.registers(look.place));
            let tier = if look.checked { Tier::Checked } else { Tier::Backend };
            look.looked = Some(if owed { Looked::Owed } else { Looked::Found(found, seen, tier) });
        };
        let mut creating: Each<_> = Each::new();
        for (look, wanted) in open.into_iter().zip(wanted) {
            let bytes = if wanted { entries.next().flatten() } else { None };
            if union.holds_any(look.place, &answer.tainted) {
                look.looked = Some(Looked::Tainted);
                continue;
            }
            let now = union.part(look.place, &versions);
            let place = look.place;
            let watch = || learning.as_ref()?.watch(&union, place, &versions);
            match self.judge_look(remote, look, plan, bytes.as_ref(), &now, watch) {
                // It is fresh because these are the versions that it was made from.
                Some(Found::Fresh(entry)) => {
                    let seen = entry.header().observation.clone();
                    answered(look, Found::Fresh(entry), seen);
                }
                Some(found) => creating.push((look, found)),
                None => {}
            }
        }
        if purpose == Purpose::Create && !creating.is_empty() {
            remote.create_absent(&union, &mut versions).await?;
        }
        for (look, found) in creating {
            let watch = |learning: &Learning<'_>| learning.watch(&union, look.place, &versions);
            let tags = learning.as_ref().and_then(watch);
            let seen = observation(&union.part(look.place, &versions), tags);
            if purpose == Purpose::Create && !seen.can_hold() {
                // Tainted since the read: nothing was created then.
                look.looked = Some(Looked::Tainted);
            } else {
                answered(look, found, seen);
            }
        }
        Ok(())
    }

    /// Judges one answer; `None` if the candidate of the local tier is not fresh, and another process
    /// may have stored one that is.
    fn judge_look<T, P>(
        &self,
        remote: &Remote,
        look: &mut Look<'_, T>,
        plan: &P,
        bytes: Option<&Bytes>,
        now: &[Option<TagVersion>],
        watch: impl FnOnce() -> Option<Box<[Watched]>>,
    ) -> Option<Found<T>>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let request = look.request;
        if let Some(entry) = look.held.take() {
            let standing = entry.header().observation.standing_against(now);
            let verdict = self.verdict(entry.header(), request, standing, self.clock.now());
            let found = verdict.of(entry);
            if matches!(found, Found::Fresh(_)) {
                // Whoever asks for these tags next need not ask again so soon.
                drop(watch());
            }
            if matches!(found, Found::Fresh(_)) || plan.wire().is_none() {
                look.checked = true;
                return Some(found);
            }
            look.held_found = Some(found);
            return None;
        }
        let found = match (bytes, plan.wire()) {
            (Some(bytes), Some(wire)) => {
                self.tell_bytes(Direction::Read, bytes);
                self.open(remote, request, wire, bytes, now, watch)
            }
            _ => Found::nothing(Reason::ABSENT),
        };
        if let Some(entry) = found.entry() {
            self.keep_copy(request, entry);
        }
        Some(found.or(look.held_found.take()))
    }

    /// Puts an entry that came from the backend into the local tier, unless a newer one is there.
    fn keep_copy<T: Send + Sync + 'static>(&self, request: &Request<'_>, entry: &Arc<Entry<T>>) {
        let lookup = request.key.digest().lookup;
        let newer = self.tier.peek(lookup).is_some_and(|there| {
            let (there, new) = (there.header(), entry.header());
            there.check == new.check && there.created > new.created && !there.is_same_as(new)
        });
        if !newer {
            let entry: Arc<dyn AnyEntry> = Arc::clone(entry) as _;
            self.tier.insert(lookup, entry);
        }
    }

    /// The candidate in the local tier: of the right type, for the same key and tags.
    pub(super) fn held<T: Send + Sync + 'static>(
        &self,
        request: &Request<'_>,
    ) -> Option<Arc<Entry<T>>> {
        let entry = downcast::<T>(self.tier.get(request.key.digest().lookup)?)?;
        let header = entry.header();
        let same = header.check == request.key.digest().check;
        (same && header.tags.same_as(&request.tags)).then_some(entry)
    }

    /// [`look_afar`](Self::look_afar) as a lookup that is counted and creates nothing.
    pub(in super::super) async fn lookup_afar<T, P>(
        &self,
        request: &Request<'_>,
        plan: &P,
    ) -> Option<Shared<T>>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let lookup = LookupSpan::begin(self);
        if let Some(reason) = self.off() {
            lookup.end(Outcome::Bypass, reason);
            return None;
        }
        if let Some(entry) = self.near(request) {
            lookup.found(Outcome::Hit, Tier::Local, entry.header().age(self.clock.now()), None);
            return Some(Shared::new(entry));
        }
        let looked = self.look_afar(request, plan, Purpose::Look).await;
        let (found, ..) = looked.end(lookup, self.clock.now())?;
        found.servable().map(Shared::new)
    }
}
