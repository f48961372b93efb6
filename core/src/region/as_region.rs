//! Anything that a region can be had from.

use std::sync::{Arc, LazyLock, OnceLock};

use super::{DeclaredRegion, Region};

/// Anything that a region can be had from: what the option `region` of `#[cached]` takes.
///
/// Where there is no region (a [`DeclaredRegion`] or a `OnceLock` that nobody has set), the caller
/// goes on without the cache.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a region",
    label = "no region can be had from this",
    note = "give a `Region`, a `DeclaredRegion`, or a reference, `Arc`, `LazyLock` or `OnceLock` of one"
)]
pub trait AsRegion {
    /// The region, if there is one by now.
    fn as_region(&self) -> Option<&Region>;
}

impl AsRegion for Region {
    #[inline]
    fn as_region(&self) -> Option<&Region> {
        Some(self)
    }
}

impl AsRegion for DeclaredRegion {
    /// The region; a call that comes before it is configured is counted, and the first one warned
    /// about.
    #[inline]
    fn as_region(&self) -> Option<&Region> {
        self.get().or_else(|| self.bypass())
    }
}

impl<R: AsRegion + ?Sized> AsRegion for &R {
    #[inline]
    fn as_region(&self) -> Option<&Region> {
        (**self).as_region()
    }
}

impl<R: AsRegion + ?Sized> AsRegion for Arc<R> {
    #[inline]
    fn as_region(&self) -> Option<&Region> {
        (**self).as_region()
    }
}

impl<R: AsRegion, F: FnOnce() -> R> AsRegion for LazyLock<R, F> {
    #[inline]
    fn as_region(&self) -> Option<&Region> {
        (**self).as_region()
    }
}

impl<R: AsRegion> AsRegion for OnceLock<R> {
    #[inline]
    fn as_region(&self) -> Option<&Region> {
        self.get().and_then(AsRegion::as_region)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, LazyLock, OnceLock};

    use super::AsRegion;
    use crate::{DeclaredRegion, Region, minutes};

    fn region() -> Region {
        Region::builder("shop").ttl(minutes(5)).build().unwrap()
    }

    fn name(from: impl AsRegion) -> Option<String> {
        from.as_region().map(|region| region.name().to_owned())
    }

    #[test]
    fn a_region_can_be_had_from_whatever_holds_one() {
        static LAZY: LazyLock<Region> = LazyLock::new(region);
        static ONCE: OnceLock<Region> = OnceLock::new();
        static DECLARED: DeclaredRegion = DeclaredRegion::new("shop");
        assert_eq!((name(&ONCE), name(&DECLARED)), (None, None));
        ONCE.set(region()).unwrap();
        DECLARED.configure(region()).unwrap();
        let shop = Some(String::from("shop"));
        assert_eq!(name(region()), shop);
        let kept = region();
        assert_eq!(name(&kept), shop);
        assert_eq!(name(Arc::new(region())), shop);
        assert_eq!(name(&LAZY), shop);
        assert_eq!(name(&ONCE), shop);
        assert_eq!(name(&DECLARED), shop);
    }
}
