//! A region that is named where the program is written and configured where it starts.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Region, RegionBuilder};
use crate::error::{Error, ErrorKind, Result};

/// A region in two steps: declared in a `static`, configured once at start-up.
///
/// Functions that cache name the `static`, and only the start of the program knows the backend and
/// the policies. Until then nothing is cached and nothing fails: whoever uses the region goes past
/// the cache, [counted](Self::bypasses), and the first such call is warned about.
///
/// ```
/// # fn main() -> Result<(), dogpile::Error> {
/// use dogpile::{DeclaredRegion, minutes};
///
/// static SHOP: DeclaredRegion = DeclaredRegion::new("shop");
///
/// assert!(SHOP.get().is_none());
/// SHOP.configure(SHOP.builder().ttl(minutes(5)).build()?)?;
/// assert_eq!(SHOP.get().map(|region| region.name()), Some("shop"));
/// # Ok(()) }
/// ```
pub struct DeclaredRegion {
    name: &'static str,
    region: OnceLock<Region>,
    bypasses: AtomicU64,
}

impl DeclaredRegion {
    /// Declares the region called `name`.
    pub const fn new(name: &'static str) -> Self {
        Self { name, region: OnceLock::new(), bypasses: AtomicU64::new(0) }
    }

    /// The name that the region was declared with.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Starts the description of the region, under its declared name.
    pub fn builder(&self) -> RegionBuilder {
        Region::builder(self.name)
    }

    /// Makes `region` the one that was declared, for the rest of the process.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if it is configured already, or if `region` has another name.
    pub fn configure(&self, region: Region) -> Result<&Region> {
        if region.name() != self.name {
            let error = self.wrong(
                "the region has another name than the declared one; build it with \
                 `DeclaredRegion::builder`",
            );
            return Err(error.with("given", region.name()));
        }
        let mut used = false;
        let configured = self.region.get_or_init(|| {
            used = true;
            region
        });
        if !used {
            return Err(self.wrong(
                "the region is configured already; configure it in one place, at start-up",
            ));
        }
        Ok(configured)
    }

    /// The region, once it is configured. Asking is not counted.
    #[inline]
    pub fn get(&self) -> Option<&Region> {
        self.region.get()
    }

    /// Whether the region is configured.
    pub fn is_configured(&self) -> bool {
        self.get().is_some()
    }

    /// How many calls went past the cache because the region was not configured.
    pub fn bypasses(&self) -> u64 {
        self.bypasses.load(Ordering::Relaxed)
    }

    /// Counts a call that came before the configuration, and warns about the first.
    #[cold]
    pub(super) fn bypass(&self) -> Option<&Region> {
        if self.bypasses.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!(
                region = self.name,
                "region is used before it is configured, nothing is cached until then",
            );
        }
        None
    }

    fn wrong(&self, message: &'static str) -> Error {
        Error::new(ErrorKind::Config, "configure region", message).with("region", self.name)
    }
}

impl fmt::Debug for DeclaredRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeclaredRegion")
            .field("name", &self.name)
            .field("configured", &self.is_configured())
            .finish_non_exhaustive()
    }
}
