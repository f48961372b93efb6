//! What the local tier holds: a value of the caller's own type and what it depends on.

mod envelope;
mod header;
mod print;
mod weigh;

use std::any::Any;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use envelope::{Envelope, Limits};
pub(crate) use header::Header;
pub(crate) use print::TypePrint;
pub(crate) use weigh::serialized_size;

/// A value that may leave the process: what `get_or_create` caches.
///
/// Implemented for every type that serde can write and read back. Values of other types can be
/// cached in this process with [`EntryRef::in_process`](crate::EntryRef::in_process).
pub trait Value: Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Value for T {}

/// One value with its header: a single allocation, made when it is stored and shared by every hit.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    header: Header,
    value: T,
}

impl<T> Entry<T> {
    pub(crate) const fn new(header: Header, value: T) -> Self {
        Self { header, value }
    }

    pub(crate) const fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) const fn value(&self) -> &T {
        &self.value
    }

    pub(crate) fn into_value(self) -> T {
        self.value
    }
}

/// An entry whose type is not known at compile time.
pub(crate) trait AnyEntry: Any + Send + Sync {
    fn header(&self) -> &Header;
}

impl<T: Send + Sync + 'static> AnyEntry for Entry<T> {
    fn header(&self) -> &Header {
        &self.header
    }
}

/// The entry as one of a `T`; `None` if it is of another type.
pub(crate) fn downcast<T: Send + Sync + 'static>(
    entry: Arc<dyn AnyEntry>,
) -> Option<Arc<Entry<T>>> {
    let entry: Arc<dyn Any + Send + Sync> = entry;
    entry.downcast().ok()
}
