//! The helpers of functions that create several values at once.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;

use crate::error::Result;
use crate::region::EntryRef;
use crate::shared::Shared;
use crate::tag::Invalidation;
use crate::value::Value;

/// What each entry holds, in the same order.
pub async fn get_each<'r, T: Value>(
    entries: impl IntoIterator<Item = EntryRef<'r>>,
) -> Vec<Option<Shared<T>>> {
    let mut values = Vec::new();
    for entry in entries {
        values.push(entry.get().await);
    }
    values
}

/// Stores a value in each entry.
///
/// # Errors
///
/// None in a memory region.
pub async fn set_each<'r, T: Value>(
    entries: impl IntoIterator<Item = (EntryRef<'r>, T)>,
) -> Result<()> {
    for (entry, value) in entries {
        entry.set(value).await?;
    }
    Ok(())
}

/// Invalidates each entry.
///
/// # Errors
///
/// None in a memory region.
pub async fn invalidate_each<'r>(entries: impl IntoIterator<Item = EntryRef<'r>>) -> Result<()> {
    for entry in entries {
        entry.invalidate(Invalidation::Hard).await?;
    }
    Ok(())
}

/// Creates all values anew and stores them.
///
/// # Errors
///
/// The creator's own; the old values then stay.
pub async fn refresh_each<'r, T: Value, E>(
    entries: impl IntoIterator<Item = EntryRef<'r>>,
    create: impl Future<Output = Result<Vec<T>, E>>,
) -> Result<Vec<Shared<T>>, E> {
    let mut observed = Vec::new();
    for entry in entries {
        observed.push(entry.observe().await);
    }
    let mut values = create.await?.into_iter();
    let mut stored = Vec::new();
    for (seen, value) in observed.into_iter().zip(&mut values) {
        stored.push(seen.store(value).await);
    }
    Ok(stored.into_iter().chain(values.map(Shared::from)).collect())
}

/// Creates all values anew and stores them; what is missing now is invalidated.
///
/// # Errors
///
/// The creator's own; the old values then stay.
pub async fn refresh_map<'r, K, T, E>(
    entries: impl IntoIterator<Item = (K, EntryRef<'r>)>,
    create: impl Future<Output = Result<HashMap<K, T>, E>>,
) -> Result<HashMap<K, Shared<T>>, E>
where
    K: Eq + Hash,
    T: Value,
{
    let mut observed = Vec::new();
    for (id, entry) in entries {
        let seen = entry.clone().observe().await;
        observed.push((id, entry, seen));
    }
    let mut values = create.await?;
    let mut refreshed = HashMap::with_capacity(values.len());
    for (id, entry, observed) in observed {
        match values.remove(&id) {
            Some(value) => drop(refreshed.insert(id, observed.store(value).await)),
            // In a backend that fails, the old value ends with its `ttl`.
            None if !refreshed.contains_key(&id) => {
                drop(entry.invalidate(Invalidation::Hard).await);
            }
            None => {}
        }
    }
    Ok(refreshed)
}
