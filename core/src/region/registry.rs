//! The regions of an application, by name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use futures_util::future::join_all;

use super::{DeclaredRegion, Region};
use crate::error::{Error, ErrorKind, Result};
use crate::observe::Stats;

/// The regions of an application, by name.
///
/// Cheap enough to clone at start-up; clones hold the same regions.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
/// use dogpile::{Region, Regions, minutes};
///
/// let regions = Regions::new()
///     .with(Region::builder("shop").ttl(minutes(5)).build()?)?
///     .with(Region::builder("users").ttl(minutes(1)).build()?)?;
///
/// let shop = regions.get("shop")?;
/// assert_eq!(shop.name(), "shop");
/// regions.close().await;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Regions {
    by_name: BTreeMap<String, Region>,
}

impl Regions {
    /// No regions.
    pub const fn new() -> Self {
        Self { by_name: BTreeMap::new() }
    }

    /// These regions and one more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`]: there is a region of that name.
    pub fn with(mut self, region: Region) -> Result<Self> {
        match self.by_name.entry(region.name().to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert(region);
                Ok(self)
            }
            Entry::Occupied(entry) => {
                let message = "two regions have the same name, which must be unique";
                let error = Error::new(ErrorKind::Config, "add region", message);
                Err(error.with("region", entry.key()))
            }
        }
    }

    /// The region `name`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`]: there is none of that name; says which there are.
    pub fn get(&self, name: &str) -> Result<&Region> {
        self.by_name.get(name).ok_or_else(|| {
            let names: Vec<_> = self.names().collect();
            let there_are = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let message = format!("there is no region {name:?}; there are: {there_are}");
            Error::new(ErrorKind::Config, "find region", message)
        })
    }

    /// Makes the region of its name the one that `declared` stands for.
    ///
    /// ```
    /// # fn main() -> Result<(), dogpile::Error> {
    /// use dogpile::{DeclaredRegion, Regions, minutes};
    ///
    /// static SHOP: DeclaredRegion = DeclaredRegion::new("shop");
    ///
    /// let regions = Regions::new().with(SHOP.builder().ttl(minutes(5)).build()?)?;
    /// regions.declare(&SHOP)?;
    /// assert!(SHOP.is_configured());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`]: there is none of that name, or it is configured already.
    pub fn declare(&self, declared: &'static DeclaredRegion) -> Result<&Region> {
        declared.configure(self.get(declared.name())?.clone())
    }

    /// The names, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// The regions, in order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Region> {
        self.by_name.values()
    }

    /// The counts of every region, in order of their names.
    pub fn stats(&self) -> impl ExactSizeIterator<Item = (&str, Stats)> {
        self.by_name.iter().map(|(name, region)| (name.as_str(), region.stats()))
    }

    /// Ends every region, all at once: see [`Region::close`].
    ///
    /// Waits no longer than the longest `max_load` among them.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again. All regions are closed at the first poll.
    pub async fn close(&self) {
        join_all(self.iter().map(Region::close)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use tokio::time::Instant;

    use super::Regions;
    use crate::{Error, Reason, Region, TagSpace, minutes, secs};

    fn region(name: &str, max_load: u64) -> Region {
        let builder = Region::builder(name).ttl(minutes(5)).max_load(secs(max_load));
        builder.local(1 << 16).tag_space(TagSpace::new(1_000)).build().unwrap()
    }

    fn regions() -> Regions {
        Regions::new().with(region("b", 2)).unwrap().with(region("a", 3)).unwrap()
    }

    #[test]
    fn regions_are_found_by_name_and_listed_in_order() {
        let regions = regions();
        assert_eq!(regions.get("b").unwrap().name(), "b");
        assert!(regions.names().eq(["a", "b"]));
        assert!(regions.iter().map(Region::name).eq(["a", "b"]));
        assert_eq!(
            regions.get("c").unwrap_err().to_string(),
            "configuration: find region: there is no region \"c\"; there are: a, b"
        );
    }

    #[test]
    fn two_regions_of_one_name_are_refused() {
        let error = regions().with(region("a", 1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "configuration: add region: two regions have the same name, \
             which must be unique region=a"
        );
    }

    #[tokio::test]
    async fn stats_are_those_of_each_region() {
        let regions = regions();
        let created = async || Ok::<_, Error>(1);
        regions.get("b").unwrap().entry("k").get_or_create(created).await.unwrap();
        let lookups: Vec<_> = regions.stats().map(|(name, stats)| (name, stats.lookups)).collect();
        assert_eq!(lookups, [("a", 0), ("b", 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn all_regions_are_closed_at_once_and_waited_for_together() {
        let regions = regions();
        for region in regions.iter() {
            region.spawn(pending::<()>());
        }
        let begun = Instant::now();
        let mut close = pin!(regions.close());
        assert!(close.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let off: Vec<_> = regions.iter().map(Region::off).collect();
        assert_eq!(off, [Some(Reason::CLOSED); 2], "a region is still in use");
        close.await;
        assert_eq!(begun.elapsed().as_secs(), 3, "one was waited for after the other");
        regions.close().await;
    }
}
