//! Values of types that serde does not know.

use std::future::Future;

use super::creation::Kept;
use super::in_turn::Then;
use super::keep::{Always, Rule};
use super::{EntryRef, Region};
use crate::error::{Error, Result};
use crate::shared::Shared;

/// An [`EntryRef`] whose value never leaves this process.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
/// use dogpile::{Region, minutes};
///
/// struct Compiled(String); // no serde, no Clone
///
/// let region = Region::builder("templates").ttl(minutes(5)).build()?;
/// let template = region
///     .entry("home")
///     .in_process()
///     .get_or_create(|template: &Compiled| Some(template.0.len()), async || {
///         Ok::<_, dogpile::Error>(Compiled("Hello".into()))
///     })
///     .await?;
/// assert_eq!(template.0, "Hello");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "an entry does nothing until it is asked for its value"]
pub struct InProcessRef<'r, R = Always>(pub(super) EntryRef<'r, R>);

impl<'r, R> InProcessRef<'r, R> {
    /// [`EntryRef::get_or_create`], with `weigh` saying how many bytes a value takes beyond its
    /// `size_of`; a value for which it says `None` is served but not stored.
    ///
    /// # Errors
    ///
    /// As [`EntryRef::get_or_create`].
    ///
    /// # Panics
    ///
    /// Where the creator or `weigh` panics, in the caller whose they are.
    ///
    /// # Cancel safety
    ///
    /// As [`EntryRef::get_or_create`].
    pub fn get_or_create<T, E, F, Fut>(
        self,
        weigh: impl Fn(&T) -> Option<usize>,
        create: F,
    ) -> impl Future<Output = Result<Shared<T>, E>>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        R: Rule<T>,
    {
        self.0.creation(|rule| Kept { weigh, rule }).run(create)
    }

    /// [`get_or_create`](Self::get_or_create) in a task of its own, which outlives its caller.
    ///
    /// # Errors
    ///
    /// As [`EntryRef::get_or_create`].
    ///
    /// # Panics
    ///
    /// Where the creator or `weigh` panics, in the caller whose they are; and outside of a tokio
    /// runtime.
    ///
    /// # Cancel safety
    ///
    /// As [`DetachedRef::get_or_create`](crate::DetachedRef::get_or_create).
    pub async fn get_or_create_detached<T, E, F, Fut>(
        self,
        weigh: impl Fn(&T) -> Option<usize> + Send + Sync + 'static,
        create: F,
    ) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        R: Rule<T> + Send + Sync + 'static,
    {
        self.0.creation(|rule| Kept { weigh, rule }).run_detached(create).await
    }

    /// [`EntryRef::refresh`], with `weigh` as in [`get_or_create`](Self::get_or_create).
    ///
    /// # Errors
    ///
    /// As [`EntryRef::refresh`].
    ///
    /// # Panics
    ///
    /// Where the creator or `weigh` panics, in the caller whose they are.
    ///
    /// # Cancel safety
    ///
    /// As [`EntryRef::refresh`].
    pub async fn refresh<T, E, F, Fut>(
        self,
        weigh: impl Fn(&T) -> Option<usize>,
        create: F,
    ) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        R: Rule<T>,
    {
        let creation = self.0.creation(|rule| Kept { weigh, rule });
        Box::pin(creation.in_turn(Then::Store, create)).await
    }

    /// [`EntryRef::get`].
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn get<T: Send + Sync + 'static>(self) -> Option<Shared<T>> {
        self.0.lookup(&Kept { weigh: |_: &T| None, rule: Always }).await
    }

    /// The region that the entry belongs to.
    pub const fn region(&self) -> &'r Region {
        self.0.region
    }
}
