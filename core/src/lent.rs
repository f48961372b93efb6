//! A value that a caller keeps, or that was made for one call.

use std::ops::Deref;

/// Like `Cow`, but never larger than two words: it is moved several times on the way to a hit.
#[derive(Debug, Clone)]
pub(crate) enum Lent<'a, T> {
    Kept(&'a T),
    Made(Box<T>),
}

impl<T: Clone> Lent<'_, T> {
    /// The value for changing; a kept one is copied first.
    pub(crate) fn to_mut(&mut self) -> &mut T {
        if let Self::Kept(kept) = self {
            *self = Self::Made(Box::new(kept.clone()));
        }
        match self {
            Self::Made(made) => made,
            Self::Kept(_) => unreachable!("it was just replaced"),
        }
    }

    /// The same value, owned.
    pub(crate) fn into_made(self) -> Lent<'static, T> {
        Lent::Made(match self {
            Self::Kept(kept) => Box::new(kept.clone()),
            Self::Made(made) => made,
        })
    }
}

impl<T> Deref for Lent<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match self {
            Self::Kept(kept) => kept,
            Self::Made(made) => made,
        }
    }
}
