//! A cached value, handed out without copying it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::value::{Entry, Header};

/// A value that lives in the cache and is borrowed by whoever asked for it.
///
/// It derefs to the value, costs one reference count to clone, and stays alive as long as somebody
/// holds it, whatever happens to the entry meanwhile.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
/// use dogpile::{Region, Shared, minutes};
///
/// let region = Region::builder("squares").ttl(minutes(5)).build()?;
/// let square: Shared<u64> =
///     region.entry("seven").get_or_create(async || Ok::<_, dogpile::Error>(49)).await?;
/// assert_eq!(*square, 49);
/// # Ok(()) }
/// ```
pub struct Shared<T>(Arc<Entry<T>>);

impl<T> Shared<T> {
    pub(crate) const fn new(entry: Arc<Entry<T>>) -> Self {
        Self(entry)
    }

    pub(crate) fn entry(&self) -> Arc<Entry<T>> {
        Arc::clone(&self.0)
    }

    /// Whether `entry` is the same stored value, though perhaps read once more.
    pub(crate) fn is_same_as(&self, entry: &Arc<Entry<T>>) -> bool {
        Arc::ptr_eq(&self.0, entry) || self.0.header().is_same_as(entry.header())
    }

    /// Takes the value out: without copying where nobody else holds it, as a clone otherwise.
    pub fn into_owned(self) -> T
    where
        T: Clone,
    {
        match Arc::try_unwrap(self.0) {
            Ok(entry) => entry.into_value(),
            Err(shared) => shared.value().clone(),
        }
    }

    /// Takes the value out if nobody else holds it.
    ///
    /// # Errors
    ///
    /// The handle itself, where others share the value.
    pub fn try_into_inner(self) -> Result<T, Self> {
        Arc::try_unwrap(self.0).map(Entry::into_value).map_err(Self)
    }

    /// How long the creation of this value took.
    pub fn created_in(&self) -> Duration {
        self.0.header().created_in
    }

    /// Whether both are handles on the very same value in memory.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> From<T> for Shared<T> {
    /// A value that is not in any cache, in the form of one that is.
    fn from(value: T) -> Self {
        Self(Arc::new(Entry::new(Header::default(), value)))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.value()
    }
}

impl<T> AsRef<T> for Shared<T> {
    fn as_ref(&self) -> &T {
        self.0.value()
    }
}

/// As the value itself.
impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value().fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value().fmt(f)
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: PartialEq> PartialEq<T> for Shared<T> {
    fn eq(&self, other: &T) -> bool {
        **self == *other
    }
}
