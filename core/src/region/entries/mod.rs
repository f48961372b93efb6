//! Several entries of a region in one call.

mod asked;
mod batch;
mod create;
mod find;
mod refresh;
mod set;
mod waiting;

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::time::Duration;

use super::Region;
use super::creation::Coded;
use super::keep::{Always, And, NegativeTtl, Rule, ShouldCache, TtlBy};
use crate::error::{Error, Result};
use crate::key::{Key, KeyPart};
use crate::shared::Shared;
use crate::tag::{Tag, Tags};
use crate::value::Value;
use asked::Asked;
use create::of_some;

/// The entries under several keys, with options of this call.
///
/// Made by [`Region::entries`]; one lookup for all keys, and one call of the creator with those that
/// are missing.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
/// use dogpile::{Region, minutes};
///
/// let region = Region::builder("shop").ttl(minutes(5)).build()?;
/// let names = region
///     .entries([3_u64, 1, 3])
///     .tag("names")
///     .get_or_create_multi(async |missing: Vec<u64>| {
///         assert_eq!(missing, [3, 1]); // each once, in the order of the call
///         Ok::<_, dogpile::Error>(missing.iter().map(|id| format!("name {id}")).collect())
///     })
///     .await?;
/// assert_eq!(names.len(), 3);
/// assert_eq!(*names[0], "name 3");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "entries do nothing until they are asked for their values"]
pub struct EntriesRef<'r, K, R = Always> {
    region: &'r Region,
    /// Each id once, in the order in which they were first named.
    ids: Vec<K>,
    asked: Asked<'r>,
    /// For each place of the answer, which of the keys belongs there.
    places: Vec<usize>,
    rule: R,
}

impl Region {
    /// The entries under several keys; one that is named twice is looked up once.
    pub fn entries<K>(&self, keys: impl IntoIterator<Item = K>) -> EntriesRef<'_, K>
    where
        K: KeyPart + Clone,
    {
        self.entries_by(keys, |id| Key::new(id))
    }

    /// The entries of several things, with `key` saying what the entry of each is called.
    pub fn entries_by<K>(
        &self,
        ids: impl IntoIterator<Item = K>,
        key: impl Fn(&K) -> Key,
    ) -> EntriesRef<'_, K> {
        let ids = ids.into_iter();
        let expected = ids.size_hint().0;
        let mut entries = EntriesRef {
            region: self,
            ids: Vec::with_capacity(expected),
            asked: Asked::new(expected),
            places: Vec::with_capacity(expected),
            rule: Always,
        };
        let mut seen = HashMap::with_capacity_and_hasher(expected, crate::local::IdentityHash);
        for id in ids {
            let key = key(&id);
            let place = *seen.entry(key.digest().lookup).or_insert(entries.ids.len());
            if place == entries.ids.len() {
                entries.ids.push(id);
                entries.asked.keys.push(key);
            }
            entries.places.push(place);
        }
        entries
    }
}

impl<'r, K, R> EntriesRef<'r, K, R> {
    /// Adds a tag that all the values depend on; [`EntryRef::tag`](crate::EntryRef::tag).
    ///
    /// Default: none but the implicit ones.
    pub fn tag(mut self, tag: impl Into<Tag>) -> Self {
        self.asked.options.tags.to_mut().insert(tag);
        self
    }

    /// Adds several tags that all the values depend on; [`EntryRef::tags`](crate::EntryRef::tags).
    ///
    /// Default: none.
    pub fn tags(mut self, tags: &'r Tags) -> Self {
        self.asked.options.add_tags(tags);
        self
    }

    /// Adds to each value the tags that `tags` names for it.
    ///
    /// Default: none.
    pub fn tags_by(mut self, tags: impl Fn(&K) -> Tags) -> Self {
        self.asked.own_tags.resize_with(self.ids.len(), Tags::new);
        for (id, own) in self.ids.iter().zip(&mut self.asked.own_tags) {
            own.join(&tags(id));
        }
        self
    }

    /// How long values created by this call are fresh; [`EntryRef::ttl`](crate::EntryRef::ttl).
    ///
    /// Default: the region's.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.asked.options.ttl = Some(ttl);
        self
    }

    /// How long past its freshness this call accepts a value while somebody refreshes it;
    /// [`EntryRef::stale_for`](crate::EntryRef::stale_for).
    ///
    /// Default: the region's.
    pub fn stale_for(mut self, stale_for: Duration) -> Self {
        self.asked.options.stale_for = Some(stale_for);
        self
    }

    /// How old a value this call accepts where the creation of its successor fails;
    /// [`EntryRef::serve_stale_on_error`](crate::EntryRef::serve_stale_on_error).
    ///
    /// Default: the region's.
    pub fn serve_stale_on_error(mut self, max_age: Duration) -> Self {
        self.asked.options.stale_on_error = Some(max_age);
        self
    }

    /// Keeps a created value only if `keep` says so; [`EntryRef::should_cache`](crate::EntryRef::should_cache).
    ///
    /// Default: every value is kept.
    pub fn should_cache<T, F: Fn(&Key, &T) -> bool>(
        self,
        keep: F,
    ) -> EntriesRef<'r, K, And<R, ShouldCache<F>>> {
        self.rule(ShouldCache(keep))
    }

    /// Decides from a value how long it is fresh; [`EntryRef::ttl_by`](crate::EntryRef::ttl_by).
    ///
    /// Default: the call's `ttl`, or the region's.
    pub fn ttl_by<T, F: Fn(&T) -> Option<Duration>>(
        self,
        ttl: F,
    ) -> EntriesRef<'r, K, And<R, TtlBy<F>>> {
        self.rule(TtlBy(ttl))
    }

    /// How long a value that is `None` is fresh; [`EntryRef::negative_ttl`](crate::EntryRef::negative_ttl).
    ///
    /// Default: as any other value.
    pub fn negative_ttl(self, ttl: Duration) -> EntriesRef<'r, K, And<R, NegativeTtl>> {
        self.rule(NegativeTtl(ttl))
    }

    fn rule<S>(self, rule: S) -> EntriesRef<'r, K, And<R, S>> {
        let Self { region, ids, asked, places, rule: before } = self;
        EntriesRef { region, ids, asked, places, rule: And(before, rule) }
    }

    /// The values that the cache has, in the order of the keys. Creates nothing, waits for nobody.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn get_multi<T: Value>(self) -> Vec<Option<Shared<T>>> {
        let Self { region, asked, places, .. } = self;
        let requests = asked.requests();
        if region.inner().bypasses(requests.len()) {
            return places.iter().map(|_| None).collect();
        }
        let found = region.inner().find_many(&requests, &Coded(Always)).await;
        places.into_iter().map(|place| found[place].servable().cloned()).collect()
    }

    /// The values, in the order of the keys: from the cache, or created by one call of `create` with
    /// all the keys that nobody else is creating.
    ///
    /// `create` returns one value for each key it is given, in their order. It is called again only
    /// where another caller, whose creation this one was waiting for, went away.
    ///
    /// # Errors
    ///
    /// The creator's own error; nothing that it was to create is stored then.
    /// [`ErrorKind::WrongCount`](crate::ErrorKind::WrongCount) if it returned more or fewer values
    /// than it was given keys: nobody could tell which is whose, so none is stored.
    /// [`ErrorKind::LeaderFailed`](crate::ErrorKind::LeaderFailed) as
    /// [`EntryRef::get_or_create`](crate::EntryRef::get_or_create).
    ///
    /// # Panics
    ///
    /// Where the creator panics.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: all flights, leases and seats are given up at once.
    pub fn get_or_create_multi<T, E, F, Fut>(
        self,
        create: F,
    ) -> impl Future<Output = Result<Vec<Shared<T>>, E>>
    where
        K: Clone,
        T: Value,
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<T>, E>>,
        R: Rule<T>,
    {
        self.run(create)
    }

    /// [`get_or_create_multi`](Self::get_or_create_multi) for a creator that may leave keys out:
    /// those are neither stored nor returned.
    ///
    /// # Errors
    ///
    /// As [`get_or_create_multi`](Self::get_or_create_multi), any count being right.
    ///
    /// # Panics
    ///
    /// As [`get_or_create_multi`](Self::get_or_create_multi).
    ///
    /// # Cancel safety
    ///
    /// As [`get_or_create_multi`](Self::get_or_create_multi).
    pub async fn get_or_create_map<T, E, F, Fut>(
        self,
        mut create: F,
    ) -> Result<HashMap<K, Shared<T>>, E>
    where
        K: Clone + Eq + Hash,
        T: Value,
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<HashMap<K, T>, E>>,
        R: Rule<T>,
    {
        let ids = self.ids.clone();
        let mut each_once = self;
        each_once.places = (0..ids.len()).collect();
        let found = each_once.run_partly(move |keys: Vec<K>| {
            let making = create(keys.clone());
            async move { Ok::<_, E>(of_some(&keys, making.await?)) }
        });
        let found = found.await?;
        Ok(ids.into_iter().zip(found).filter_map(|(id, value)| Some((id, value?))).collect())
    }

    /// Stores values, whatever was there, with one invalidation and one store for all of them;
    /// [`EntryRef::set`](crate::EntryRef::set). Of a key that is named twice the last value counts.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongCount`](crate::ErrorKind::WrongCount) if there are not as many values as
    /// keys were named; otherwise as [`EntryRef::set`](crate::EntryRef::set).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; each value is then stored or not.
    pub async fn set_multi<T: Value>(self, values: impl IntoIterator<Item = T>) -> Result<()>
    where
        R: Rule<T>,
    {
        let values: Vec<T> = values.into_iter().collect();
        if values.len() != self.places.len() {
            return Err(create::wrong_count(self.region, self.places.len(), values.len()));
        }
        self.set_all(values).await
    }

    /// Removes the values, with one invalidation for all of them; [`EntryRef::delete`](crate::EntryRef::delete).
    ///
    /// # Errors
    ///
    /// As [`EntryRef::delete`](crate::EntryRef::delete).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the values are then removed or not.
    pub async fn delete_multi(self) -> Result<()> {
        self.invalidate_all().await
    }
}
